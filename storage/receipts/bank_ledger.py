"""Bank lines and the ledger: one row counts for each living line, whatever comes in whatever order (MAT-3, BNK-3).

A line alone has a ledger row of its own. Matched, the receipt's row counts in its place, with the bank's amount, and
the line's own row is put away whole. Every function ends with the books agreeing; none adds to what is there.

What the vendor changes is written field by field, and only where the row still holds what the line wrote before: what
a person edited stays theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from storage.receipts import bank_lines, bank_pairs, bank_transfers, transactions
from storage.receipts.bank_lines import BankLine, Before, Statement
from storage.receipts.categories import known
from storage.receipts.ledger import transaction
from storage.receipts.transactions import Entry, Part, Transaction, entry_of
from storage.work import Work

_VENDORS = (
    ("date",), ("amount_minor", "currency", "exponent"), ("kind",), ("state",), ("account_id",),
    ("merchant_key", "merchant"), ("category_id", "reason"), ("also",),
)  # fmt: skip
"""What of a line's own row is the vendor's, in groups that change together."""


# -- what the bank says ------------------------------------------------------------------------------------------------


def arrive(work: Work, person_id: int, item_id: int, stated: Sequence[Statement]) -> list[BankLine]:
    """Take in added and modified lines; return those that are new. The same line again changes nothing (MT-8)."""
    newest = {one.vendor_id: one for one in stated}
    settled = {one.replaces for one in newest.values() if one.replaces}
    lines = bank_lines.find(work, person_id, {*newest, *settled})
    fresh: list[Statement] = []
    for one in newest.values():
        line = lines.get(one.vendor_id)
        if line is None and one.replaces in lines:
            line = _take_over(work, person_id, lines[one.replaces], one)
        if line is not None:
            _restate(work, person_id, line, one)
        elif one.vendor_id not in settled:
            fresh.append(one)
    return _begin(work, person_id, item_id, fresh, {key for key in settled if key not in lines})


def _begin(
    work: Work, person_id: int, item_id: int, fresh: Sequence[Statement], never_came: Iterable[str]
) -> list[BankLine]:
    made = bank_lines.add_all(work, person_id, item_id, fresh)
    transactions.add_all(work, person_id, [_possible(work, person_id, line.written) for line in made])
    by_vendor = {one.replaces: line for one, line in zip(fresh, made, strict=True) if one.replaces}
    for vendor_id in sorted(never_came):
        if vendor_id in by_vendor:
            bank_lines.bury(work, person_id, item_id, vendor_id, by_vendor[vendor_id])
    return made


def _take_over(work: Work, person_id: int, pending: BankLine, posted: Statement) -> BankLine | None:
    """Let a posted line go on with the row of its pending one; None when another posted line did."""
    if pending.state == "replaced" or posted.replaces is None:
        return None
    bank_lines.rename(work, person_id, pending.id, posted.vendor_id)
    bank_lines.bury(work, person_id, pending.item_id, posted.replaces, pending)
    return pending


def _restate(work: Work, person_id: int, line: BankLine, stated: Statement) -> None:
    if line.state == "replaced":
        return
    fresh = replace(stated.entry(), bank_line_id=line.id)
    alone = None if line.alone is None else _carried(line.alone, line.written, fresh)
    new = replace(bank_lines.restated(line, stated), written=fresh, alone=alone)
    rows = _rows(work, person_id, line.id)
    for row in rows:
        if row.receipt_id is None:
            _write(work, person_id, row, _carried(entry_of(row), line.written, fresh))
        elif _counts(row, line):
            _write(work, person_id, row, _merged(row, new))
    bank_lines.save(work, person_id, new)
    if not rows:
        settle(work, person_id, [line.id])


def withdraw(work: Work, person_id: int, vendor_ids: Sequence[str]) -> list[BankLine]:
    """Void lines that the bank took back; a receipt stays, counts what it counted, and is free again (MT-6)."""
    gone = [line for line in bank_lines.find(work, person_id, vendor_ids).values() if line.is_alive]
    for line in gone:
        _void(work, person_id, line)
    return gone


def _void(work: Work, person_id: int, line: BankLine) -> None:
    for row in _rows(work, person_id, line.id):
        entry = entry_of(row)
        if row.receipt_id is not None:
            bank_pairs.decide(work, person_id, line.id, row.receipt_id, "gone")
            _write(work, person_id, row, replace(entry, bank_line_id=None))
        elif row.state == line.written.state:
            _write(work, person_id, row, replace(entry, state="void"))
    written = replace(line.written, state="void")
    alone = line.alone and replace(line.alone, state="void")
    new = replace(line, state="void", written=written, alone=alone, receipt_id=None, before=None, cash_back_minor=0)
    bank_lines.save(work, person_id, new)


def forget(work: Work, person_id: int, item_id: int) -> int:
    """Delete all lines of a bank with their own ledger rows; receipts stay. Return how many lines it were (BNK-6)."""
    lines = bank_lines.of_item(work, person_id, item_id)
    for line in lines:
        for row in _rows(work, person_id, line.id):
            if row.receipt_id is None:
                transactions.remove(work, person_id, row.id)
            else:
                _write(work, person_id, row, replace(entry_of(row), bank_line_id=None))
    ids = [line.id for line in lines]
    bank_pairs.remove_lines(work, person_id, ids)
    bank_transfers.remove_lines(work, person_id, ids)
    bank_lines.remove_all(work, person_id, ids)
    return len(lines)


def own_row(work: Work, person_id: int, line_id: int) -> Transaction | None:
    """Return the row that a line alone has in the ledger."""
    return next((row for row in _rows(work, person_id, line_id) if row.receipt_id is None), None)


def move_kind(work: Work, person_id: int, line_id: int, kind: str) -> None:
    """Let a line that stands alone count as another kind; as the bank's own, it gets the bank's category back."""
    line, row = bank_lines.load(work, person_id, line_id), own_row(work, person_id, line_id)
    if line is None or row is None or row.kind == kind:
        return
    entry = replace(entry_of(row), kind=kind, category_id=None, reason="kind", parts=())
    if kind == line.written.kind:
        entry = replace(entry, category_id=line.written.category_id, reason=line.written.reason)
    _write(work, person_id, row, _possible(work, person_id, entry))


# -- matching ----------------------------------------------------------------------------------------------------------


def merge(work: Work, person_id: int, line_id: int, receipt_id: int, *, cash_back_minor: int = 0) -> bool:
    """Let a receipt's row count for a line; tell whether both were free and there."""
    line, row = bank_lines.load(work, person_id, line_id), _main_row(work, person_id, receipt_id)
    if line is None or not line.is_alive or line.receipt_id is not None:
        return False
    if row is None or row.bank_line_id is not None or row.state == "void":
        return False
    alone = next((one for one in _rows(work, person_id, line_id) if one.receipt_id is None), None)
    new = replace(
        line, receipt_id=receipt_id, before=_before(row), cash_back_minor=cash_back_minor,
        alone=entry_of(alone) if alone else line.alone,
    )  # fmt: skip
    if alone is not None:
        transactions.remove(work, person_id, alone.id, quiet=True)
    merged = _merged(row, new)
    _write(work, person_id, row, _with_own(merged, new.alone))
    bank_lines.save(work, person_id, new)
    return True


def part(work: Work, person_id: int, line_id: int) -> int | None:
    """Take a match apart: the receipt counts what it says, the line stands alone again; return the receipt's id."""
    line = bank_lines.load(work, person_id, line_id)
    row = None if line is None else next((r for r in _rows(work, person_id, line_id) if r.receipt_id is not None), None)
    if line is None or row is None:
        return None
    _write(work, person_id, row, _unmerged(row, line))
    settle(work, person_id, [line_id])
    return row.receipt_id


def settle(work: Work, person_id: int, line_ids: Iterable[int | None]) -> None:
    """Make the ledger agree with these lines after receipts changed: one row counts for each that lives."""
    for line_id in sorted({one for one in line_ids if one is not None}):
        line = bank_lines.load(work, person_id, line_id)
        if line is None:
            _unlink(work, person_id, line_id)
        else:
            _settle(work, person_id, line)


def _settle(work: Work, person_id: int, line: BankLine) -> None:
    rows = _rows(work, person_id, line.id)
    matched = [row for row in rows if row.receipt_id is not None and _may_stand(work, person_id, line, row)]
    matched.sort(key=lambda row: (row.receipt_id != line.receipt_id, row.id))
    for row in rows:
        if row.receipt_id is not None and row not in matched[:1]:
            _write(work, person_id, row, _unmerged(row, line))
    own = [row for row in rows if row.receipt_id is None]
    if matched:
        _stand_together(work, person_id, line, matched[0], own)
    elif line.is_alive:
        _stand_alone(work, person_id, line, own)


def _may_stand(work: Work, person_id: int, line: BankLine, row: Transaction) -> bool:
    return line.is_alive and not bank_pairs.is_refused(work, person_id, line.id, row.receipt_id or 0)


def _stand_together(work: Work, person_id: int, line: BankLine, row: Transaction, own: Sequence[Transaction]) -> None:
    new = replace(line, receipt_id=row.receipt_id)
    for one in own:
        new = replace(new, alone=entry_of(one))
        transactions.remove(work, person_id, one.id, quiet=True)
    if not _counts(row, line):
        new = replace(new, before=_before(row))
        _write(work, person_id, row, _merged(row, new))
    bank_lines.save(work, person_id, new)


def _stand_alone(work: Work, person_id: int, line: BankLine, own: Sequence[Transaction]) -> None:
    if not own:
        entry = replace(line.alone or line.written, bank_line_id=line.id, receipt_id=None)
        transactions.add(work, person_id, _possible(work, person_id, entry), quiet=True)
    if line.receipt_id is not None:
        bank_lines.save(work, person_id, replace(line, receipt_id=None))


def _unlink(work: Work, person_id: int, line_id: int) -> None:
    for row in _rows(work, person_id, line_id):
        _write(work, person_id, row, replace(entry_of(row), bank_line_id=None))


# -- rows --------------------------------------------------------------------------------------------------------------


def _rows(work: Work, person_id: int, line_id: int) -> list[Transaction]:
    mine = (transaction.c.person_id == person_id, transaction.c.bank_line_id == line_id)
    found = work.rows(sa.select(transaction.c.id).where(*mine).order_by(transaction.c.id))
    return transactions.load_all(work, person_id, [row.id for row in found])


def _main_row(work: Work, person_id: int, receipt_id: int) -> Transaction | None:
    rows = transactions.of_receipt(work, person_id, receipt_id)
    return next((row for row in rows if row.kind != "transfer"), None)


def _write(work: Work, person_id: int, row: Transaction, entry: Entry) -> None:
    if entry != entry_of(row):
        transactions.change(work, person_id, row.id, entry, revision=row.revision)


def _counts(row: Transaction, line: BankLine) -> bool:
    """Tell whether a receipt's row still holds what the bank says; a person may have corrected it."""
    return (row.amount_minor, row.currency) == (line.amount_minor - line.cash_back_minor, line.currency)


def _before(row: Transaction) -> Before:
    parts = tuple((one.category_id, one.amount_minor) for one in row.parts)
    return Before(row.amount_minor, row.currency, row.exponent, row.kind, row.account_id, parts)


def _merged(row: Transaction, line: BankLine) -> Entry:
    """Return a receipt's row with the bank's amount; merchant, items, picture, category and note are the receipt's."""
    amount = line.amount_minor - line.cash_back_minor
    kind = "refund" if amount < 0 and row.kind == "expense" else row.kind
    return replace(
        entry_of(row), amount_minor=amount, currency=line.currency, exponent=line.written.exponent, kind=kind,
        account_id=line.account_id or row.account_id, bank_line_id=line.id, parts=fitted(row.parts, amount),
    )  # fmt: skip


def _with_own(entry: Entry, alone: Entry | None) -> Entry:
    """Return an entry with the note and the tags that the person gave the line's own row."""
    if alone is None:
        return entry
    return replace(entry, note=entry.note or alone.note, tags=tuple(dict.fromkeys([*entry.tags, *alone.tags])))


def _unmerged(row: Transaction, line: BankLine) -> Entry:
    """Return a receipt's row as it was before the match, less what the person changed since."""
    entry, was = replace(entry_of(row), bank_line_id=None), line.before
    if was is None or not _counts(row, line):
        return entry
    same = [one.category_id for one in row.parts] == [category for category, _ in was.parts]
    parts = tuple(Part(*one) for one in was.parts) if same else fitted(row.parts, was.amount_minor)
    return replace(
        entry, amount_minor=was.amount_minor, currency=was.currency, exponent=was.exponent, kind=was.kind,
        account_id=was.account_id, parts=parts,
    )  # fmt: skip


def _carried(current: Entry, written: Entry, fresh: Entry) -> Entry:
    """Return a line's own row with what the vendor changed, but nothing that the person edited."""
    values: dict[str, Any] = {}
    for group in _VENDORS:
        if all(getattr(current, name) == getattr(written, name) for name in group):
            values |= {name: getattr(fresh, name) for name in group}
    amount = values.get("amount_minor", current.amount_minor)
    return replace(current, **values, bank_line_id=fresh.bank_line_id, parts=fitted(current.parts, amount))


def _possible(work: Work, person_id: int, entry: Entry) -> Entry:
    """Return an entry without categories that its person no longer has."""
    named = {entry.category_id, *(one.category_id for one in entry.parts)} - {None}
    if known(work, person_id, named):
        return entry
    return replace(entry, category_id=None, parts=())


def fitted(parts: Sequence[Part], amount_minor: int) -> tuple[Part, ...]:
    """Return parts that add to another amount, in the same proportions; the largest takes what rounding leaves."""
    total = sum(one.amount_minor for one in parts)
    if not parts or total == amount_minor:
        return tuple(parts)
    if total == 0:
        return ()
    shares = [one.amount_minor * amount_minor // total for one in parts]
    largest = max(range(len(parts)), key=lambda at: abs(parts[at].amount_minor))
    shares[largest] += amount_minor - sum(shares)
    return tuple(replace(one, amount_minor=share) for one, share in zip(parts, shares, strict=True))
