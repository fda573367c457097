"""How each clock of a ticket ended: in time or not, by whom, after how much working time: reports count it (SLA-5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of
from storage.work import Work

CLOCKS = ("first", "next", "resolution")
BY = ("staff", "category", "priority")

outcome = sa.Table(
    "support_outcome",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("ticket_id", sa.BigInteger, nullable=False),
    sa.Column("clock", sa.Text, nullable=False),
    sa.Column("operator_id", sa.BigInteger),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("priority", sa.Text, nullable=False),
    sa.Column("met", sa.Boolean, nullable=False),
    sa.Column("took_seconds", sa.BigInteger, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_support_outcome_person", "person_id", "id"),
    sa.Index("ix_support_outcome_operator", "operator_id", "at"),
    sa.Index("ix_support_outcome_at", "at"),
    one_of("clock", *CLOCKS),
)


def note(work: Work, ticket: sa.Row[Any], clock: str, *, operator_id: int | None, met: bool, took_seconds: int) -> None:
    """Note how a clock ended."""
    row = {"id": work.new_id(), "person_id": ticket.person_id, "ticket_id": ticket.id, "clock": clock, "at": work.now}
    values = {"operator_id": operator_id, "category": ticket.category, "priority": ticket.priority, "met": met}
    work.claim(outcome.insert().values(**row, **values, took_seconds=took_seconds))


def counted(work: Work, since: datetime, by: str) -> list[sa.Row[Any]]:
    """Return (group, clock, ended, met) since a moment, grouped by staff, category or priority; "team" is one group."""
    columns = {"staff": outcome.c.operator_id, "category": outcome.c.category, "priority": outcome.c.priority}
    group: sa.ColumnElement[Any] = columns.get(by, sa.literal_column("'team'"))
    met = sa.func.sum(sa.case((outcome.c.met, 1), else_=0))
    asked = sa.select(group.label("of"), outcome.c.clock, sa.func.count().label("ended"), met.label("met"))
    grouping = (outcome.c.clock,) if by not in columns else (group, outcome.c.clock)
    return work.rows(asked.where(outcome.c.at >= since).group_by(*grouping).order_by(*grouping))
