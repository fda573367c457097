"""Budgets and the alerts that were given for them, each level once a period (rules SUM-6, SM-9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from storage.receipts import book
from storage.receipts.categories import known
from storage.receipts.columns import key, note, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

ALL = 0
"""Stands for no category in a budget's key: a budget over everything."""

budget = sa.Table(
    "ledger_budget",
    metadata,
    key(),
    owner(),
    sa.Column("category_id", sa.BigInteger, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("rollover", sa.Boolean, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Index("uq_ledger_budget_scope", "person_id", "category_id", "period", "currency", unique=True),
    one_of("period", "week", "month"),
    sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
)

alert = sa.Table(
    "ledger_budget_alert",
    metadata,
    owner(primary_key=True),
    sa.Column("budget_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("start", sa.Date, primary_key=True),
    sa.Column("percent", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Budget:
    """So much per week or month, of one category with its children or of all (None); `since` is a period's start."""

    category_id: int | None
    period: str
    currency: str
    amount_minor: int
    since: date
    rollover: bool = False
    id: int = 0


def put(work: Work, person_id: int, new: Budget) -> bool:
    """Store a budget in place of the one of the same scope; False for a category that is not theirs."""
    if not known(work, person_id, [new.category_id]):
        return False
    values = {"amount_minor": new.amount_minor, "rollover": new.rollover}
    work.claim(
        upsert(budget)
        .values(
            id=work.new_id(), person_id=person_id, category_id=new.category_id or ALL, period=new.period,
            currency=new.currency, since=new.since, **values,
        )
        .on_conflict_do_update(index_elements=["person_id", "category_id", "period", "currency"], set_=values)
    )  # fmt: skip
    note(work, person_id, "budget.put", f"person:{person_id}", category=new.category_id, period=new.period)
    book.advance(work, person_id)
    return True


def of_person(work: Work, person_id: int) -> list[Budget]:
    """Return a person's budgets, oldest first."""
    rows = work.rows(sa.select(budget).where(budget.c.person_id == person_id).order_by(budget.c.id))
    return [_budget(row) for row in rows]


def end(work: Work, person_id: int, budget_id: int) -> bool:
    """Delete a budget with its alerts; tell whether it was there."""
    done = work.claim(budget.delete().where(budget.c.person_id == person_id, budget.c.id == budget_id))
    if done.rowcount == 1:
        work.claim(alert.delete().where(alert.c.person_id == person_id, alert.c.budget_id == budget_id))
        note(work, person_id, "budget.end", f"budget:{budget_id}")
        book.advance(work, person_id)
    return done.rowcount == 1


def claim_alert(work: Work, person_id: int, budget_id: int, *, start: date, percent: int) -> bool:
    """Take the right to give an alert of a period; True once, for a budget of this person."""
    mine = sa.select(budget.c.id).where(budget.c.person_id == person_id, budget.c.id == budget_id)
    if work.row(mine) is None:
        return False
    row = work.claim(
        upsert(alert)
        .values(person_id=person_id, budget_id=budget_id, start=start, percent=percent, at=work.now)
        .on_conflict_do_nothing()
        .returning(alert.c.budget_id)
    ).first()
    return row is not None


def _budget(row: sa.Row[Any]) -> Budget:
    category_id = None if row.category_id == ALL else row.category_id
    return Budget(category_id, row.period, row.currency, row.amount_minor, row.since, row.rollover, row.id)
