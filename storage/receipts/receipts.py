"""The receipt: a draft of what was bought, until its person confirms or rejects it.

The fields (values with raw text, confidence, origin and box) are one sealed JSON object. Beside it stand the few plain
columns that duplicates and lists need: date, minute of the day, total in minor units with its currency, and hashes of
merchant key, receipt number and telephone number (its digits). A code like `R7K2` is unique per person; the same code
may exist with another person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.receipts.columns import digest_or_none, key, note, owner
from storage.schema import Moment, metadata, one_of, partial_index
from storage.upsert import upsert
from storage.work import Work

STATES = ("draft", "needs_review", "confirmed", "rejected", "failed")
UNDO_FOR = timedelta(hours=24)
"""So long a change of a receipt can be taken back."""

WAITING = ("draft", "needs_review")
CODE_LENGTH = 4

receipt = sa.Table(
    "receipt",
    metadata,
    key(),
    owner(),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("source_id", sa.BigInteger),
    sa.Column("fields", sa.LargeBinary, nullable=False),
    sa.Column("date", sa.Date),
    sa.Column("minute", sa.Integer),
    sa.Column("currency", sa.Text),
    sa.Column("total_minor", sa.BigInteger),
    sa.Column("merchant_hash", sa.LargeBinary),
    sa.Column("number_hash", sa.LargeBinary),
    sa.Column("phone_hash", sa.LargeBinary),
    sa.Column("confidence_percent", sa.Integer),
    sa.Column("older_id", sa.BigInteger),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("state_at", Moment, nullable=False),
    sa.Index("uq_receipt_code", "person_id", "code", unique=True),
    sa.Index("ix_receipt_state", "person_id", "state", "id"),
    sa.Index("ix_receipt_merchant", "person_id", "merchant_hash", "date"),
    sa.Index("ix_receipt_total", "person_id", "total_minor", "currency"),
    sa.Index("ix_receipt_number", "person_id", "number_hash"),
    sa.Index("ix_receipt_phone", "person_id", "phone_hash"),
    partial_index("ix_receipt_rejected", "person_id", "state_at", where="state = 'rejected'"),
    partial_index("ix_receipt_failed", "person_id", "state_at", where="state = 'failed'"),
    one_of("state", *STATES),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a receipt; `fields` is the JSON of all of it, the rest repeats what must be found."""

    fields: bytes
    date: date | None = None
    minute: int | None = None
    currency: str | None = None
    total_minor: int | None = None
    merchant_key: str | None = None
    number: str | None = None
    confidence_percent: int | None = None
    phone: str | None = None


def columns(work: Work, person_id: int, draft: Draft) -> dict[str, Any]:
    """Return the values by which a receipt of a person is kept and found."""
    return {
        "fields": work.seal.seal(draft.fields),
        "date": draft.date,
        "minute": draft.minute,
        "currency": draft.currency,
        "total_minor": draft.total_minor,
        "merchant_hash": digest_or_none(work, person_id, "merchant", draft.merchant_key),
        "number_hash": digest_or_none(work, person_id, "number", draft.number and draft.number.strip().casefold()),
        "phone_hash": digest_or_none(work, person_id, "phone", draft.phone),
        "confidence_percent": draft.confidence_percent,
    }


def add(work: Work, person_id: int, draft: Draft, *, state: str = "draft", source_id: int | None = None) -> sa.Row[Any]:
    """Insert a receipt with a fresh code and return its id and code."""
    found = columns(work, person_id, draft)
    while True:
        row = work.claim(
            upsert(receipt)
            .values(
                id=work.new_id(), person_id=person_id, code=_fresh_code(work), state=state,
                source_id=source_id, revision=0, created_at=work.now, state_at=work.now, **found,
            )
            .on_conflict_do_nothing(index_elements=["person_id", "code"])
            .returning(receipt.c.id, receipt.c.code)
        ).first()  # fmt: skip
        if row is not None:
            note(work, person_id, "receipt.create", f"receipt:{row.id}")
            return row


def restore(work: Work, person_id: int, draft: Draft, *, state: str, code: str | None, at: datetime) -> int:
    """Insert a receipt that comes from a file, with its code if that is free, and return its id."""
    while True:
        row = work.claim(
            upsert(receipt)
            .values(
                id=work.new_id(), person_id=person_id, code=code or _fresh_code(work), state=state,
                source_id=None, revision=0, created_at=work.now, state_at=at, **columns(work, person_id, draft),
            )
            .on_conflict_do_nothing(index_elements=["person_id", "code"])
            .returning(receipt.c.id)
        ).first()  # fmt: skip
        if row is not None:
            return int(row.id)
        code = None


def _fresh_code(work: Work) -> str:
    """Return letters and digits together, so that no word and no year is taken for a code."""
    while True:
        code = work.ids.code(CODE_LENGTH)
        if not code.isalpha() and not code.isdecimal():
            return code


def load(work: Work, person_id: int, receipt_id: int) -> sa.Row[Any] | None:
    """Return a receipt of this person, its fields sealed."""
    return work.row(sa.select(receipt).where(receipt.c.person_id == person_id, receipt.c.id == receipt_id))


def by_code(work: Work, person_id: int, code: str) -> sa.Row[Any] | None:
    """Return this person's receipt of a code; another person's code is not found (SEA-4)."""
    return work.row(sa.select(receipt).where(receipt.c.person_id == person_id, receipt.c.code == code.strip().upper()))


def codes(work: Work, person_id: int, ids: Iterable[int | None]) -> dict[int, str]:
    """Return the codes of receipts of this person, by id."""
    wanted = sorted({one for one in ids if one is not None})
    if not wanted:
        return {}
    mine = (receipt.c.person_id == person_id, receipt.c.id.in_(wanted))
    return {row.id: row.code for row in work.rows(sa.select(receipt.c.id, receipt.c.code).where(*mine))}


def change(work: Work, person_id: int, receipt_id: int, draft: Draft, *, revision: int) -> bool:
    """Replace what is known; tell whether the receipt still was at this revision (API-3)."""
    changed = work.claim(
        receipt.update()
        .where(receipt.c.person_id == person_id, receipt.c.id == receipt_id, receipt.c.revision == revision)
        .values(revision=revision + 1, **columns(work, person_id, draft))
    )
    if changed.rowcount == 1:
        note(work, person_id, "receipt.edit", f"receipt:{receipt_id}", before=revision, after=revision + 1)
    return changed.rowcount == 1


def move(work: Work, person_id: int, receipt_id: int, *, was: tuple[str, ...], to: str) -> bool:
    """Change the state if it still is one of `was`; tell whether it happened."""
    moved = work.claim(
        receipt.update()
        .where(receipt.c.person_id == person_id, receipt.c.id == receipt_id, receipt.c.state.in_(was))
        .values(state=to, state_at=work.now, revision=receipt.c.revision + 1)
    )
    if moved.rowcount == 1:
        note(work, person_id, f"receipt.{to}", f"receipt:{receipt_id}", was="|".join(was))
    return moved.rowcount == 1


def waiting(work: Work, person_id: int, limit: int = 20) -> list[sa.Row[Any]]:
    """Return drafts that wait for an answer, oldest first (DRF-4)."""
    return work.rows(
        sa.select(receipt)
        .where(receipt.c.person_id == person_id, receipt.c.state.in_(WAITING))
        .order_by(receipt.c.id)
        .limit(limit)
    )


def _sum(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Return a sum as an integer, 0 of nothing; PostgreSQL would make a decimal of it."""
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)


def waiting_sums(work: Work, person_id: int) -> list[sa.Row[Any]]:
    """Return (currency, entries, amount_minor) of waiting drafts; currency None where none was read (DRF-3)."""
    return work.rows(
        sa.select(
            receipt.c.currency,
            sa.func.count().label("entries"),
            _sum(receipt.c.total_minor).label("amount_minor"),
        )
        .where(receipt.c.person_id == person_id, receipt.c.state.in_(WAITING))
        .group_by(receipt.c.currency)
        .order_by(receipt.c.currency)
    )


def statistics(work: Work, person_id: int) -> list[sa.Row[Any]]:
    """Return (state, entries, with a total, sum of confidences in percent) for `STATS`."""
    return work.rows(
        sa.select(
            receipt.c.state,
            sa.func.count().label("entries"),
            sa.func.count(receipt.c.total_minor).label("totals"),
            _sum(receipt.c.confidence_percent).label("confidence_percent"),
        )
        .where(receipt.c.person_id == person_id)
        .group_by(receipt.c.state)
        .order_by(receipt.c.state)
    )


def waiting_since(work: Work, person_id: int, before: datetime) -> list[sa.Row[Any]]:
    """Return (id, code, created_at) of drafts that wait since before a moment, oldest first (DRF-4)."""
    return work.rows(
        sa.select(receipt.c.id, receipt.c.code, receipt.c.created_at)
        .where(receipt.c.person_id == person_id, receipt.c.state.in_(WAITING), receipt.c.created_at < before)
        .order_by(receipt.c.id)
    )
