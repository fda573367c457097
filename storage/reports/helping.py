"""Tickets and what staff did with them: opened, resolved, how soon answered (by the wall clock), how rated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage.operators import operator
from storage.reports.during import During, grouped
from storage.support.history import assignment, event
from storage.support.tickets import ticket


def tickets(connection: sa.Connection, span: During, by: str) -> dict[str, int]:
    """Return how many tickets were opened, by a column: state, priority, category, channel."""
    column = ticket.c[by]
    return grouped(connection, sa.select(column, sa.func.count()).where(span.of(ticket.c.id)).group_by(column))


def each(connection: sa.Connection, span: During) -> list[tuple[str | int | None, ...]]:
    """Return each ticket that was opened in a span, oldest first: numbers, words of ours and times, nothing sealed."""
    plain = (ticket.c.number, ticket.c.person_id, ticket.c.channel, ticket.c.category, ticket.c.priority)
    state = (ticket.c.state, ticket.c.assignee, ticket.c.level, ticket.c.reopened, ticket.c.rating)
    times = (ticket.c.opened_at, ticket.c.first_response_at, ticket.c.resolved_at, ticket.c.closed_at)
    rows = connection.execute(sa.select(*plain, *state, *times).where(span.of(ticket.c.id)).order_by(ticket.c.id))
    return [(*row[:10], *(one and f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in row[10:])) for row in rows]


def happenings(connection: sa.Connection, span: During) -> dict[str, int]:
    """Return what happened to tickets, by what it was."""
    count = sa.select(event.c.what, sa.func.count())
    return grouped(connection, count.where(span.of(event.c.id)).group_by(event.c.what))


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One member's tickets of a span; the median is of first responses, the rating in hundredths."""

    name: str
    assigned: int
    resolved: int
    median_seconds: int | None
    rating_cents: int | None


def staff(connection: sa.Connection, span: During) -> list[StaffLine]:
    """Return what each member had, in the order of their names; tickets count by when they were opened."""
    names = {row.id: str(row.name) for row in connection.execute(sa.select(operator.c.id, operator.c.name))}
    given = _given(connection, span)
    done = {row.assignee: row for row in connection.execute(_solved(span))}
    medians = median_response(connection, span)
    lines = []
    for who in sorted({*given, *done}, key=lambda one: names.get(one, str(one))):
        row = done.get(who)
        rating = None if row is None or row.rating is None else round(float(row.rating) * 100)
        resolved = 0 if row is None else int(row.resolved)
        line = StaffLine(names.get(who, str(who)), given.get(who, 0), resolved, medians.get(who), rating)
        lines.append(line)
    return lines


def _given(connection: sa.Connection, span: During) -> dict[int, int]:
    who = assignment.c.operator_id
    count = sa.select(who, sa.func.count()).where(span.of(assignment.c.id), who.is_not(None)).group_by(who)
    return {int(row[0]): int(row[1]) for row in connection.execute(count)}


def _solved(span: During) -> sa.Select[Any]:
    resolved = sa.func.sum(sa.case((ticket.c.resolved_at.is_not(None), 1), else_=0)).label("resolved")
    rating = sa.func.avg(ticket.c.rating).label("rating")
    mine = sa.and_(span.of(ticket.c.id), ticket.c.assignee.is_not(None))
    return sa.select(ticket.c.assignee, resolved, rating).where(mine).group_by(ticket.c.assignee)


def median_response(connection: sa.Connection, span: During) -> dict[int | None, int]:
    """Return the median of the first responses in seconds, by assignee; of an even number the lower one."""
    took = sa.type_coerce(ticket.c.first_response_at, sa.BigInteger) - sa.type_coerce(ticket.c.opened_at, sa.BigInteger)
    place = sa.func.row_number().over(partition_by=ticket.c.assignee, order_by=took).label("place")
    size = sa.func.count().over(partition_by=ticket.c.assignee).label("size")
    answered = sa.and_(span.of(ticket.c.id), ticket.c.first_response_at.is_not(None))
    ranked = sa.select(ticket.c.assignee, took.label("took"), place, size).where(answered).subquery()
    middle = sa.select(ranked.c.assignee, ranked.c.took).where(ranked.c.place == (ranked.c.size + 1) // 2)
    return {row.assignee: int(row.took) // 1_000_000 for row in connection.execute(middle)}
