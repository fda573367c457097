"""Days that a receipt reminds of: the last day to return a thing, the last day of its warranty (rule REM-1).

A day comes from the print or from the person, and a row exists only when the person wants to be reminded.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from storage.receipts.columns import note, owner
from storage.receipts.receipts import receipt
from storage.schema import metadata, one_of
from storage.upsert import upsert
from storage.work import Work

KINDS = ("return", "warranty")

reminder = sa.Table(
    "receipt_reminder",
    metadata,
    owner(primary_key=True),
    sa.Column("receipt_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
    one_of("kind", *KINDS),
)


def put(work: Work, person_id: int, receipt_id: int, *, kind: str, day: date) -> bool:
    """Store a day in place of the earlier one; False for a receipt that is not theirs."""
    mine = sa.select(receipt.c.id).where(receipt.c.person_id == person_id, receipt.c.id == receipt_id)
    if work.row(mine) is None:
        return False
    work.claim(
        upsert(reminder)
        .values(person_id=person_id, receipt_id=receipt_id, kind=kind, day=day)
        .on_conflict_do_update(index_elements=["person_id", "receipt_id", "kind"], set_={"day": day})
    )
    note(work, person_id, "reminder.put", f"receipt:{receipt_id}", kind=kind)
    return True


def day_of(work: Work, person_id: int, receipt_id: int, *, kind: str) -> date | None:
    """Return the day that a receipt reminds of, None for none."""
    row = work.row(sa.select(reminder.c.day).where(*_one(person_id, receipt_id, kind)))
    return None if row is None else row.day


def end(work: Work, person_id: int, receipt_id: int, *, kind: str) -> bool:
    """Forget a day; tell whether there was one."""
    done = work.claim(reminder.delete().where(*_one(person_id, receipt_id, kind)))
    if done.rowcount == 1:
        note(work, person_id, "reminder.end", f"receipt:{receipt_id}", kind=kind)
    return done.rowcount == 1


def of_person(work: Work, person_id: int, since: date, limit: int = 20) -> list[sa.Row[Any]]:
    """Return (receipt_id, code, kind, day) of the days that lie ahead, next first."""
    return work.rows(
        sa.select(reminder.c.receipt_id, receipt.c.code, reminder.c.kind, reminder.c.day)
        .join(receipt, sa.and_(receipt.c.person_id == reminder.c.person_id, receipt.c.id == reminder.c.receipt_id))
        .where(reminder.c.person_id == person_id, reminder.c.day >= since, receipt.c.state == "confirmed")
        .order_by(reminder.c.day, reminder.c.receipt_id)
        .limit(limit)
    )


def _one(person_id: int, receipt_id: int, kind: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (reminder.c.person_id == person_id, reminder.c.receipt_id == receipt_id, reminder.c.kind == kind)
