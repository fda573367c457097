"""Who of the staff takes tickets, and how they do: open tickets are counted by query, never stored (section 9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.schema import Moment, metadata
from storage.support.history import assignment
from storage.support.outcomes import outcome
from storage.support.tickets import LIVE, is_heard, ticket
from storage.upsert import upsert
from storage.work import Work

CAPACITY = 20

profile = sa.Table(
    "support_staff",
    metadata,
    sa.Column("operator_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("skills", sa.Text, nullable=False),
    sa.Column("languages", sa.Text, nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("available", sa.Boolean, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.CheckConstraint("capacity > 0", name="capacity_positive"),
)

FRESH: dict[str, Any] = {"skills": "", "languages": "en", "capacity": CAPACITY, "available": True}
"""What holds of somebody who never said anything of themselves."""


def profiles(work: Work) -> dict[int, sa.Row[Any]]:
    """Return what is known of each."""
    return {row.operator_id: row for row in work.rows(sa.select(profile))}


def change(work: Work, operator_id: int, **values: Any) -> None:
    """Change a profile; the first change makes it."""
    insert = upsert(profile).values({**FRESH, **values, "operator_id": operator_id, "at": work.now})
    work.claim(insert.on_conflict_do_update(index_elements=["operator_id"], set_={**values, "at": work.now}))


def open_counts(work: Work, ids: Iterable[int]) -> dict[int, int]:
    """Return how many tickets that are not over each has."""
    mine = (ticket.c.assignee.in_(list(ids)), ticket.c.state.in_(LIVE))
    counted = sa.select(ticket.c.assignee, sa.func.count()).where(*mine).group_by(ticket.c.assignee)
    return {int(of): int(found) for of, found in map(tuple, work.rows(counted))}


def ratings(work: Work, ids: Iterable[int]) -> dict[int, float]:
    """Return the mean rating of each who was rated."""
    mine = (ticket.c.assignee.in_(list(ids)), ticket.c.rating.is_not(None))
    mean = sa.select(ticket.c.assignee, sa.func.avg(ticket.c.rating)).where(*mine).group_by(ticket.c.assignee)
    return {int(of): float(found) for of, found in map(tuple, work.rows(mean))}


def response_seconds(work: Work, ids: Iterable[int], since: datetime) -> dict[int, float]:
    """Return the mean working time until each answered, lately."""
    mine = (outcome.c.operator_id.in_(list(ids)), outcome.c.clock != "resolution", outcome.c.at >= since)
    mean = sa.select(outcome.c.operator_id, sa.func.avg(outcome.c.took_seconds)).where(*mine)
    return {int(of): float(found) for of, found in map(tuple, work.rows(mean.group_by(outcome.c.operator_id)))}


def last_given(work: Work, ids: Iterable[int]) -> dict[int, datetime]:
    """Return when each was given a ticket last."""
    mine = assignment.c.operator_id.in_(list(ids))
    last = sa.select(assignment.c.operator_id, sa.func.max(assignment.c.at)).where(mine)
    return {int(of): found for of, found in map(tuple, work.rows(last.group_by(assignment.c.operator_id)))}


def unassigned(work: Work, limit: int = 50) -> list[sa.Row[Any]]:
    """Return tickets that nobody has, oldest first."""
    nobody = (ticket.c.assignee.is_(None), ticket.c.state.in_(("new", "open")), is_heard())
    return work.rows(sa.select(ticket).where(*nobody).order_by(ticket.c.id).limit(limit))
