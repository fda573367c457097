"""Receipts that may be one and the same: candidates by hash, and the pairs a person said are different (DUP-3 to 5)."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from storage.receipts.columns import digest_or_none, note, owner
from storage.receipts.receipts import receipt
from storage.schema import Moment, metadata
from storage.upsert import upsert
from storage.work import Work

different = sa.Table(
    "receipt_different",
    metadata,
    owner(primary_key=True),
    sa.Column("older_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("newer_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
)

_COLUMNS = (
    receipt.c.id, receipt.c.code, receipt.c.date, receipt.c.minute, receipt.c.currency, receipt.c.total_minor,
    receipt.c.merchant_hash, receipt.c.number_hash,
)  # fmt: skip


def candidates(
    work: Work,
    person_id: int,
    *,
    than: int | None,
    merchant_key: str | None,
    day: date | None,
    number: str | None = None,
) -> list[sa.Row[Any]]:
    """Return older receipts of the same merchant with this day or this receipt number, oldest first.

    `than` is the id of the receipt that is looked at, None for one that is not stored yet. Pairs that the person
    called different, rejected and failed receipts are left out.
    """
    merchant = digest_or_none(work, person_id, "merchant", merchant_key)
    printed = number_hash(work, person_id, number)
    if merchant is None:
        return []
    query = sa.select(*_COLUMNS).where(
        receipt.c.person_id == person_id,
        receipt.c.merchant_hash == merchant,
        sa.or_(receipt.c.date == day, receipt.c.number_hash == printed),
        receipt.c.state.not_in(("rejected", "failed")),
    )
    if than is not None:
        known = sa.exists().where(
            different.c.person_id == person_id, different.c.older_id == receipt.c.id, different.c.newer_id == than
        )
        query = query.where(receipt.c.id < than, ~known)
    return work.rows(query.order_by(receipt.c.id))


def number_hash(work: Work, person_id: int, number: str | None) -> bytes | None:
    """Return the hash under which a receipt number is stored."""
    return digest_or_none(work, person_id, "number", number and number.strip().casefold())


def point_at(work: Work, person_id: int, newer_id: int, older_id: int | None) -> bool:
    """Flag the newer receipt as a possible duplicate of an older one of the same person, or clear the flag (DUP-4)."""
    conditions = [receipt.c.person_id == person_id, receipt.c.id == newer_id]
    if older_id is not None:
        older = receipt.alias("older")
        conditions += [
            receipt.c.id > older_id, sa.exists().where(older.c.person_id == person_id, older.c.id == older_id)
        ]  # fmt: skip
    return work.claim(receipt.update().where(*conditions).values(older_id=older_id)).rowcount == 1


def call_different(work: Work, person_id: int, newer_id: int, older_id: int) -> bool:
    """Remember that two receipts of this person are two purchases (DUP-4); tell whether both exist."""
    if not point_at(work, person_id, newer_id, older_id):
        return False
    pair = {"person_id": person_id, "older_id": older_id, "newer_id": newer_id}
    work.claim(upsert(different).values(**pair, at=work.now).on_conflict_do_nothing())
    point_at(work, person_id, newer_id, None)
    note(work, person_id, "receipt.different", f"receipt:{newer_id}", older=older_id)
    return True


def pair_is_different(work: Work, person_id: int, newer_id: int, older_id: int) -> bool:
    """Tell whether the person called this pair different."""
    return (
        work.row(
            sa.select(different.c.at).where(
                different.c.person_id == person_id,
                different.c.older_id == older_id,
                different.c.newer_id == newer_id,
            )
        )
        is not None
    )
