"""Expenses that come again: offered once for a merchant, and tracked when the person says so (rule REM-1).

What is known of one is its rhythm, the last amount and the last day; the merchant's key and name are sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from storage.receipts.columns import digest, key, note, owner
from storage.schema import metadata, one_of
from storage.upsert import upsert
from storage.work import Work

RHYTHMS = ("week", "month", "year")

series = sa.Table(
    "ledger_series",
    metadata,
    key(),
    owner(),
    sa.Column("merchant_hash", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("every", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("last_on", sa.Date, nullable=False),
    sa.Column("missed", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("uq_ledger_series_merchant", "person_id", "merchant_hash", unique=True),
    one_of("state", "offered", "tracked", "ended"),
    one_of("every", *RHYTHMS),
)


@dataclass(frozen=True, slots=True)
class Series:
    """An expense that comes again; `missed` counts how often in a row it did not come."""

    merchant_key: str
    merchant: str
    every: str
    currency: str
    amount_minor: int
    last_on: date
    state: str = "offered"
    missed: int = 0
    id: int = 0


def put(work: Work, person_id: int, new: Series) -> int:
    """Store a series in place of the one of the same merchant; return its id."""
    body = work.seal.seal(orjson.dumps({"merchant_key": new.merchant_key, "merchant": new.merchant}))
    values = {
        "state": new.state, "every": new.every, "currency": new.currency, "amount_minor": new.amount_minor,
        "last_on": new.last_on, "missed": new.missed, "body": body,
    }  # fmt: skip
    row = work.claim(
        upsert(series)
        .values(
            id=work.new_id(), person_id=person_id, merchant_hash=digest(work, person_id, "merchant", new.merchant_key),
            **values,
        )
        .on_conflict_do_update(index_elements=["person_id", "merchant_hash"], set_=values)
        .returning(series.c.id)
    ).one()  # fmt: skip
    note(work, person_id, f"series.{new.state}", f"series:{row.id}", every=new.every)
    return int(row.id)


def of_merchant(work: Work, person_id: int, merchant_key: str) -> Series | None:
    """Return the series of a merchant, in whatever state."""
    hashed = digest(work, person_id, "merchant", merchant_key)
    return _found(
        work, work.row(sa.select(series).where(series.c.person_id == person_id, series.c.merchant_hash == hashed))
    )


def load(work: Work, person_id: int, series_id: int) -> Series | None:
    """Return a series of this person."""
    return _found(work, work.row(sa.select(series).where(series.c.person_id == person_id, series.c.id == series_id)))


def tracked(work: Work, person_id: int) -> list[Series]:
    """Return what a person tracks, oldest first."""
    rows = work.rows(
        sa.select(series).where(series.c.person_id == person_id, series.c.state == "tracked").order_by(series.c.id)
    )
    return [_opened(work, row) for row in rows]


def _found(work: Work, row: sa.Row[Any] | None) -> Series | None:
    return None if row is None else _opened(work, row)


def _opened(work: Work, row: sa.Row[Any]) -> Series:
    body = orjson.loads(work.seal.open(row.body))
    return Series(
        body["merchant_key"], body["merchant"], row.every, row.currency, row.amount_minor, row.last_on, row.state,
        row.missed, row.id,
    )  # fmt: skip
