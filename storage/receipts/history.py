"""Confirming, editing and deleting a receipt together with its ledger rows, and the way back (rules DRF-2, 6 and 7).

Before each of these acts the receipt and its transactions are kept as they were. `undo` takes the newest act back
within a day, to exactly that state; a second OK, a redelivered one and a tap on an old button find nothing to do.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from storage.receipts import bank_ledger, receipts, transactions
from storage.receipts.categories import known
from storage.receipts.columns import key, note, owner
from storage.receipts.receipts import UNDO_FOR, WAITING, Draft, receipt
from storage.receipts.transactions import Entry, Part
from storage.schema import Moment, metadata, one_of
from storage.work import Work

history = sa.Table(
    "receipt_history",
    metadata,
    key(),
    owner(),
    sa.Column("receipt_id", sa.BigInteger, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("before", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("undone_at", Moment),
    sa.Index("ix_receipt_history_receipt", "person_id", "receipt_id", "id"),
    one_of("act", "confirm", "edit", "delete"),
)

_HASHES = ("merchant_hash", "number_hash")
_KEPT = ("state", "minute", "currency", "total_minor", "confidence_percent", "older_id", "revision")


@dataclass(frozen=True, slots=True)
class _Was:
    """A receipt and its transactions before an act."""

    receipt: dict[str, Any]
    entries: dict[int, Entry]


def confirm(work: Work, person_id: int, receipt_id: int, entry: Entry, *, cash_back: Entry | None = None) -> int | None:
    """Confirm a receipt that waits and make its one transaction; return its id, None when it does not wait any more."""
    was = _snapshot(work, person_id, receipt_id)
    if was is None or not receipts.move(work, person_id, receipt_id, was=WAITING, to="confirmed"):
        return None
    _keep(work, person_id, receipt_id, "confirm", was)
    both = [entry] if cash_back is None else [entry, cash_back]
    ids = transactions.add_all(work, person_id, [_linked(one, receipt_id) for one in both])
    return ids[0]


def edit(work: Work, person_id: int, receipt_id: int, draft: Draft, entry: Entry, *, revision: int) -> bool:
    """Change a confirmed receipt and its transaction; tell whether it still was at this revision."""
    was = _snapshot(work, person_id, receipt_id)
    if was is None or was.receipt["state"] != "confirmed":
        return False
    if not receipts.change(work, person_id, receipt_id, draft, revision=revision):
        return False
    _keep(work, person_id, receipt_id, "edit", was)
    for stored in transactions.of_receipt(work, person_id, receipt_id):
        if stored.kind != "transfer":
            linked = replace(_linked(entry, receipt_id), bank_line_id=stored.bank_line_id)
            transactions.change(work, person_id, stored.id, linked, revision=stored.revision)
            bank_ledger.settle(work, person_id, [stored.bank_line_id])
    return True


def delete(work: Work, person_id: int, receipt_id: int) -> bool:
    """Take a confirmed receipt out of the books; tell whether it was confirmed. `UNDO` brings it back for a day."""
    was = _snapshot(work, person_id, receipt_id)
    if was is None or not receipts.move(work, person_id, receipt_id, was=("confirmed",), to="rejected"):
        return False
    _keep(work, person_id, receipt_id, "delete", was)
    for one in was.entries:
        transactions.remove(work, person_id, one)
    bank_ledger.settle(work, person_id, [entry.bank_line_id for entry in was.entries.values()])
    return True


def undo(work: Work, person_id: int, receipt_id: int) -> str | None:
    """Take back the newest act of the last day and return its name; None when there is none."""
    row = work.row(
        sa.select(history)
        .where(
            history.c.person_id == person_id, history.c.receipt_id == receipt_id, history.c.undone_at.is_(None),
            history.c.at > work.now - UNDO_FOR,
        )
        .order_by(history.c.id.desc())
        .limit(1)
    )  # fmt: skip
    if row is None:
        return None
    work.claim(
        history.update().where(history.c.person_id == person_id, history.c.id == row.id).values(undone_at=work.now)
    )
    _restore(work, person_id, receipt_id, _opened(work, row.before))
    note(work, person_id, "receipt.undo", f"receipt:{receipt_id}", act=row.act)
    return str(row.act)


def newest(work: Work, person_id: int) -> sa.Row[Any] | None:
    """Return (receipt_id, act, at) of the newest act that a bare `UNDO` would take back."""
    return work.row(
        sa.select(history.c.receipt_id, history.c.act, history.c.at)
        .where(
            history.c.person_id == person_id, history.c.undone_at.is_(None), history.c.at > work.now - UNDO_FOR
        )
        .order_by(history.c.id.desc())
        .limit(1)
    )  # fmt: skip


def _linked(entry: Entry, receipt_id: int) -> Entry:
    return replace(entry, receipt_id=receipt_id)


def _snapshot(work: Work, person_id: int, receipt_id: int) -> _Was | None:
    row = receipts.load(work, person_id, receipt_id)
    if row is None:
        return None
    kept = {name: row._mapping[name] for name in _KEPT}
    kept["fields"] = work.seal.open(row.fields).decode()
    kept["date"] = None if row.date is None else row.date.isoformat()
    kept |= {name: row._mapping[name].hex() if row._mapping[name] else None for name in _HASHES}
    stored = transactions.of_receipt(work, person_id, receipt_id)
    return _Was(kept, {one.id: transactions.entry_of(one) for one in stored})


def _keep(work: Work, person_id: int, receipt_id: int, act: str, was: _Was) -> None:
    body = {"receipt": was.receipt, "entries": [{"id": one, **asdict(entry)} for one, entry in was.entries.items()]}
    work.claim(
        history.insert().values(
            id=work.new_id(), person_id=person_id, receipt_id=receipt_id, act=act, at=work.now,
            before=work.seal.seal(orjson.dumps(body)),
        )
    )  # fmt: skip


def _opened(work: Work, sealed: bytes) -> _Was:
    body = orjson.loads(work.seal.open(sealed))
    entries = {}
    for one in body["entries"]:
        parts = tuple(Part(**share) for share in one.pop("parts"))
        entry_id, day, tags = one.pop("id"), date.fromisoformat(one.pop("date")), tuple(one.pop("tags"))
        entries[entry_id] = Entry(date=day, tags=tags, parts=parts, **one)
    return _Was(body["receipt"], entries)


def _restore(work: Work, person_id: int, receipt_id: int, was: _Was) -> None:
    values = dict(was.receipt)
    day = values.pop("date")
    values["date"] = None if day is None else date.fromisoformat(day)
    values["fields"] = work.seal.seal(values["fields"].encode())
    values |= {name: bytes.fromhex(values[name]) if values[name] else None for name in _HASHES}
    values["revision"] = receipt.c.revision + 1
    mine = (receipt.c.person_id == person_id, receipt.c.id == receipt_id)
    work.claim(receipt.update().where(*mine).values(state_at=work.now, **values))
    found = transactions.of_receipt(work, person_id, receipt_id)
    for stored in found:
        transactions.remove(work, person_id, stored.id, quiet=True)
    entries = [_placed(work, person_id, entry) for entry in was.entries.values()]
    transactions.add_all(work, person_id, entries, ids=list(was.entries), quiet=True)
    bank_ledger.settle(work, person_id, [one.bank_line_id for one in (*found, *was.entries.values())])


def _placed(work: Work, person_id: int, entry: Entry) -> Entry:
    """Return an entry of before without categories that were deleted since."""

    def still(category_id: int | None) -> int | None:
        return category_id if known(work, person_id, [category_id]) else None

    parts = tuple(Part(still(one.category_id), one.amount_minor) for one in entry.parts)
    return replace(entry, category_id=still(entry.category_id), parts=parts)
