"""Segments of SMS that were paid for: per person and day, and in all per hour (the cost guard, rule SMS-48)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from storage.people import usage
from storage.transcript import USE
from storage.work import Work

DAY_US, HOUR_US = 86_400_000_000, 3_600_000_000
EVERYBODY = 0
"""The person under whose id the tenant's own counts stand."""


def count(work: Work, person_id: int | None, segments: int) -> None:
    """Count what a text cost."""
    hour = {"person_id": EVERYBODY, "kind": "segments_hour", "period": work.now_us // HOUR_US, "used": segments}
    work.put(USE, hour)
    if person_id is not None:
        work.put(USE, {"person_id": person_id, "kind": "segments", "period": work.now_us // DAY_US, "used": segments})


@dataclass(frozen=True, slots=True)
class Spent:
    """Segments sent so far: to one person and by the tenant on this day (UTC), and since the carriers' day began."""

    person: int = 0
    tenant: int = 0
    carriers: int = 0


def spent(connection: sa.Connection, person_id: int, now_us: int, carriers_day_us: int) -> Spent:
    """Return what texts took so far; all of it is in the database, so a restart forgets nothing."""
    today, theirs = now_us // DAY_US * 24, carriers_day_us // HOUR_US
    hour, used = usage.c.period, usage.c.used
    mine = sa.and_(usage.c.person_id == person_id, usage.c.kind == "segments", usage.c.period == now_us // DAY_US)
    ours = sa.and_(usage.c.person_id == EVERYBODY, usage.c.kind == "segments_hour", hour >= min(today, theirs))
    row = connection.execute(
        sa.select(
            sa.select(used).where(mine).scalar_subquery(),
            sa.func.sum(sa.case((hour >= today, used), else_=0)),
            sa.func.sum(sa.case((hour >= theirs, used), else_=0)),
        ).where(ours)
    ).one()
    return Spent(*(int(value or 0) for value in row))


def hours(connection: sa.Connection, now_us: int, back: int) -> dict[int, int]:
    """Return the segments of each of the last hours that had any, by how long ago they were (0 is the running one)."""
    current = now_us // HOUR_US
    rows = connection.execute(
        sa.select(usage.c.period, usage.c.used).where(
            usage.c.person_id == EVERYBODY, usage.c.kind == "segments_hour", usage.c.period > current - back
        )
    )
    return {current - row.period: row.used for row in rows}
