"""Bringing entries of a file into a person's books, some in each commit (CAP-12, EXP-4).

An entry is brought in once: its id leads to the row that was made of it, and one that is in the books stays as it is
there. Ids of our own lead to their rows by themselves. Into empty books everything keeps the name that it had.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from handlers.receipts.currencies import exponent
from handlers.receipts.exports.ledger import Details, Entry, Item, Kind, Ledger, Picture, State, TaxLine
from handlers.receipts.exports.ledger_file import read_ledger_file
from handlers.receipts.exports.outside_ids import row_of
from handlers.receipts.exports.plain_text import clean, shortened
from handlers.receipts.exports.receipt_facts import fields_of
from handlers.receipts.merchants import merchant_key
from storage import blobs
from storage.receipts import (
    accounts,
    budgets,
    categories,
    documents,
    externals,
    line_items,
    receipts,
    rules,
    transactions,
)
from storage.receipts.columns import note
from storage.receipts.externals import Name
from storage.receipts.ledger import theirs, transaction
from storage.receipts.line_items import Line
from storage.receipts.receipts import WAITING, receipt
from storage.receipts.transactions import Part
from storage.work import Work

LONGEST_NAME, LONGEST_TEXT, MOST_TAGS, MOST_LINES = 200, 2_000, 20, 300
_CODE = re.compile(f"[A-HJKMNP-Z2-9]{{{receipts.CODE_LENGTH}}}")
_AT_ONCE = 400
_STARTS = {
    "image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG", "image/gif": b"GIF8", "image/webp": b"RIFF",
    "application/pdf": b"%PDF-",
}  # fmt: skip


def take(work: Work, person_id: int, head: dict[str, Any], contents: list[bytes]) -> tuple[int, int]:
    """Bring one piece in; return how many entries were added, and how many were there."""
    if head.get("frame"):
        _Framing(work, person_id).take(read_ledger_file(contents[0]).ledger)
        return 0, 0
    pictures = dict(zip(head["pictures"], contents[1:], strict=True))
    entries = msgspec.json.decode(contents[0], type=tuple[Entry, ...])
    known = present(work, person_id, [entry.id for entry in entries])
    fresh = [_bounded(entry) for entry in entries if entry.id not in known]
    _Taking(work, person_id).entries(fresh, pictures)
    return len(fresh), len(known)


def present(work: Work, person_id: int, ids: Sequence[str]) -> frozenset[str]:
    """Return which of these entries are in the books."""
    found: set[str] = set()
    for at in range(0, len(ids), _AT_ONCE):
        some = ids[at : at + _AT_ONCE]
        rows = externals.known(work, person_id, "entry", some)
        for name in some:
            own = row_of("receipt", name) or row_of("entry", name)
            if own is not None:
                rows.setdefault(name, own)
        living = _living(work, person_id, set(rows.values()))
        found |= {name for name, row_id in rows.items() if row_id in living}
    return frozenset(found)


def _living(work: Work, person_id: int, ids: Iterable[int]) -> set[int]:
    wanted = sorted(ids)
    if not wanted:
        return set()
    moved, backed = transaction.c.id, transaction.c.receipt_id
    by_id = sa.select(moved).where(theirs(person_id), moved.in_(wanted))
    by_receipt = sa.select(backed).where(transaction.c.person_id == person_id, backed.in_(wanted))
    mine = (receipt.c.person_id + 0 == person_id, receipt.c.id.in_(wanted), receipt.c.state.in_(WAITING))
    waiting = sa.select(receipt.c.id).where(*mine)
    return {int(row[0]) for search in (by_id, by_receipt, waiting) for row in work.rows(search)}


def _bounded(entry: Entry) -> Entry:
    """Return the entry with its texts cut to what we keep."""
    return replace(
        entry,
        merchant=_cut(entry.merchant, LONGEST_NAME),
        description=_cut(entry.description, LONGEST_NAME),
        note=clean(entry.note)[:LONGEST_TEXT],
        tags=tuple(_cut(tag, 50) for tag in entry.tags[:MOST_TAGS]),
        items=entry.items[:MOST_LINES],
        taxes=entry.taxes[:MOST_LINES],
    )


def _cut(text: str, length: int) -> str:
    return clean(text) if len(text) <= length else shortened(text, length)


# -- the frame -----------------------------------------------------------------------------------------------------


class _Framing:
    """Brings in what entries refer to; what bears the same name here is the same thing."""

    def __init__(self, work: Work, person_id: int) -> None:
        self._work, self._person = work, person_id
        self._was_empty = _is_empty(work, person_id)

    def take(self, ledger: Ledger) -> None:
        before = {one.id for one in categories.of_person(self._work, self._person)}
        places = self._categories(ledger, before)
        if self._was_empty and before - set(places.values()):
            categories.drop(self._work, self._person, sorted(before - set(places.values())))
        self._accounts(ledger)
        self._rules(ledger, places)
        self._budgets(ledger, places)
        note(self._work, self._person, "import.frame", f"person:{self._person}", categories=len(places))

    def _name(self, thing: str, names: list[Name]) -> None:
        externals.put(self._work, self._person, thing, names)

    def _categories(self, ledger: Ledger, before: set[int]) -> dict[str, int]:
        places = category_rows(self._work, self._person, [one.id for one in ledger.categories])
        for one in sorted(ledger.categories, key=lambda one: (len(ledger.path(one.id)), one.id)):
            if one.id in places:
                continue
            parent = places[one.parent_id] if one.parent_id else categories.ROOT
            row = categories.Category(
                0, parent, _cut(one.name, LONGEST_NAME) or "-", one.kind.value, one.key or None, one.icon or None,
                one.colour or None, one.hidden,
            )  # fmt: skip
            places[one.id] = categories.restore(self._work, self._person, row)
            shown = self._was_empty or places[one.id] not in before
            self._name("category", [Name(places[one.id], one.id, shown)])
        return places

    def _accounts(self, ledger: Ledger) -> None:
        known = account_rows(self._work, self._person, [one.id for one in ledger.accounts])
        before = {one.id for one in accounts.of_person(self._work, self._person)}
        for one in ledger.accounts:
            if one.id in known:
                continue
            last4 = one.last4 if len(one.last4) == 4 and one.last4.isascii() and one.last4.isdigit() else None
            name = _cut(one.name, LONGEST_NAME)
            row_id = accounts.find_or_add(self._work, self._person, kind=one.kind.value, last4=last4, name=name)
            if one.balance is not None:
                accounts.restore_balance(
                    self._work, self._person, row_id, currency=one.balance.currency,
                    balance_minor=one.balance.amount_minor, at=one.balance.at,
                )  # fmt: skip
            self._name("account", [Name(row_id, one.id, self._was_empty or row_id not in before)])

    def _rules(self, ledger: Ledger, places: dict[str, int]) -> None:
        for one in ledger.rules:
            kind = "text" if one.on_text else "alias" if one.rename and one.category_id is None else "merchant"
            if rules.of_pattern(self._work, self._person, kind, one.pattern) is not None:
                continue
            place = places[one.category_id] if one.category_id else None
            pattern, rename = _cut(one.pattern, LONGEST_NAME), _cut(one.rename, LONGEST_NAME) or None
            new = rules.Rule(kind, pattern, place, rename, one.tags[:MOST_TAGS])
            made = rules.teach(self._work, self._person, new) and rules.of_pattern(
                self._work, self._person, kind, pattern
            )
            if made:
                self._name("rule", [Name(made.id, one.id)])

    def _budgets(self, ledger: Ledger, places: dict[str, int]) -> None:
        scopes = {(one.category_id, one.period, one.currency) for one in budgets.of_person(self._work, self._person)}
        for one in ledger.budgets:
            place = places[one.category_id] if one.category_id else None
            scope = (place, one.period, one.currency)
            if scope in scopes or one.period not in ("week", "month") or one.limit_minor <= 0:
                continue
            day = self._work.now.date()
            since = day - timedelta(days=day.weekday()) if one.period == "week" else day.replace(day=1)
            new = budgets.Budget(place, one.period, one.currency, one.limit_minor, since, one.rollover)
            if budgets.put(self._work, self._person, new):
                rows = {
                    (b.category_id, b.period, b.currency): b.id for b in budgets.of_person(self._work, self._person)
                }
                self._name("budget", [Name(rows[scope], one.id)])


def _is_empty(work: Work, person_id: int) -> bool:
    """Tell whether nothing but perhaps the default tree is in the books."""
    tables = (transaction, receipt, rules.rule, budgets.budget, accounts.account, externals.external)
    used = any(work.row(sa.select(t.c.person_id).where(t.c.person_id == person_id).limit(1)) for t in tables)
    return not used and all(one.key for one in categories.of_person(work, person_id))


def category_rows(work: Work, person_id: int, names: Sequence[str]) -> dict[str, int]:
    """Return the rows of categories by the names that a file gives them."""
    return _rows(work, person_id, "category", names, {one.id for one in categories.of_person(work, person_id)})


def account_rows(work: Work, person_id: int, names: Sequence[str]) -> dict[str, int]:
    """Return the rows of accounts by the names that a file gives them."""
    return _rows(work, person_id, "account", names, {one.id for one in accounts.of_person(work, person_id)})


def _rows(work: Work, person_id: int, thing: str, names: Sequence[str], living: set[int]) -> dict[str, int]:
    own = {name: row_id for name in names if (row_id := row_of(thing, name)) is not None}
    found = own | externals.known(work, person_id, thing, names)
    return {name: row_id for name, row_id in found.items() if row_id in living}


# -- entries -------------------------------------------------------------------------------------------------------


class _Taking:
    """Brings in entries whose categories and accounts are there."""

    def __init__(self, work: Work, person_id: int) -> None:
        self._work, self._person = work, person_id

    def entries(self, entries: Sequence[Entry], pictures: dict[str, bytes]) -> None:
        if not entries:
            return
        named = {one for entry in entries for one in entry.category_ids() if one is not None}
        self._places = category_rows(self._work, self._person, sorted(named))
        paid = {entry.account_id for entry in entries if entry.account_id}
        self._accounts = account_rows(self._work, self._person, sorted(paid))
        backed = [(entry, self._receipt(entry, pictures) if _has_receipt(entry) else None) for entry in entries]
        moved = [(entry, back) for entry, back in backed if entry.state is not State.DRAFT]
        rows = [self._row(entry, back, pictures) for entry, back in moved]
        ids = transactions.add_all(
            self._work, self._person, rows, updated=[entry.updated_at for entry, _ in moved], quiet=True
        )
        names = [Name(back or row_id, entry.id) for (entry, back), row_id in zip(moved, ids, strict=True)]
        names += [Name(back, entry.id) for entry, back in backed if entry.state is State.DRAFT and back]
        externals.put(self._work, self._person, "entry", names)
        note(self._work, self._person, "import.entries", f"person:{self._person}", count=len(entries))

    def _row(self, entry: Entry, back: int | None, pictures: dict[str, bytes]) -> transactions.Entry:
        clock = entry.details.time if entry.details else None
        return transactions.Entry(
            date=entry.date,
            amount_minor=entry.amount_minor,
            currency=entry.currency,
            exponent=exponent(entry.currency),
            kind=entry.kind.value,
            state=entry.state.value,
            category_id=self._places.get(entry.category_id or ""),
            account_id=self._accounts.get(entry.account_id or ""),
            receipt_id=back,
            minute=None if clock is None else clock.hour * 60 + clock.minute,
            pictured=any(one.id in pictures for one in entry.pictures),
            merchant_key=merchant_key(entry.merchant) or None,
            merchant=entry.merchant or None,
            description=entry.description or None,
            note=entry.note or None,
            tags=entry.tags,
            parts=tuple(Part(self._places.get(one.category_id or ""), one.amount_minor) for one in entry.splits),
        )

    def _receipt(self, entry: Entry, pictures: dict[str, bytes]) -> int:
        draft = fields_of(entry, self._places.get(entry.category_id or "")).as_draft()
        receipt_id = receipts.restore(
            self._work, self._person, draft, state="draft" if entry.state is State.DRAFT else "confirmed",
            code=entry.receipt_code if _is_code(entry.receipt_code) else None, at=entry.updated_at,
        )  # fmt: skip
        lines = [*map(self._line, entry.items), *map(_tax_line, entry.taxes)]
        if lines:
            line_items.replace(self._work, self._person, receipt_id, lines)
        for page, picture in enumerate(entry.pictures):
            if picture.id in pictures:
                self._picture(receipt_id, page, picture, pictures[picture.id])
        return receipt_id

    def _line(self, item: Item) -> Line:
        quantity = None if item.quantity is None else f"{item.quantity:f}"
        place = self._places.get(item.category_id or "")
        return Line("item", item.amount_minor, place, _cut(item.text, LONGEST_NAME), quantity, item.unit_price_minor)

    def _picture(self, receipt_id: int, page: int, picture: Picture, data: bytes) -> None:
        start = _STARTS.get(picture.media_type)
        if start is None or not data.startswith(start):
            return
        blob_id = self._work.new_id()
        digest = hashlib.sha256(data).hexdigest()
        document_id = documents.add(
            self._work, self._person, sha256=digest, size=len(data), media_type=picture.media_type, blob_id=blob_id
        )
        if document_id is None:
            return
        blobs.keep(self._work, blob_id=blob_id, data=data, media_type=picture.media_type, person_id=self._person)
        documents.attach(self._work, self._person, document_id, receipt_id=receipt_id, page_order=page)
        externals.put(self._work, self._person, "picture", [Name(document_id, picture.id)])


def _tax_line(tax: TaxLine) -> Line:
    rate = None if tax.rate_percent is None else int(tax.rate_percent * 100)
    return Line(
        "tax", tax.amount_minor, None, _cut(tax.label, LONGEST_NAME), rate_basis_points=rate, base_minor=tax.base_minor
    )


def _is_code(text: str) -> bool:
    return bool(_CODE.fullmatch(text)) and not text.isalpha() and not text.isdecimal()


def _has_receipt(entry: Entry) -> bool:
    if entry.kind is Kind.TRANSFER and entry.state is not State.DRAFT:
        return False
    details = replace(entry.details, time=None) if entry.details else Details()
    said = entry.receipt_code or entry.taxes or entry.items or entry.pictures or entry.tip_minor
    return entry.state is State.DRAFT or bool(said) or details != Details()
