"""A person's own quiet time: whole hours of their local day in which nothing that we start reaches them (SMS-13)."""

from __future__ import annotations

from datetime import time

import sqlalchemy as sa

from storage.people import person
from storage.work import Work

Hours = tuple[int, int]
"""From an hour to another, 0 to 23; it may go over midnight."""


def of(work: Work, person_id: int) -> Hours | None:
    """Return a person's quiet hours, also those that were set in this turn."""
    return work.once(("quiet time", person_id), lambda: _stored(work, person_id))


def _stored(work: Work, person_id: int) -> Hours | None:
    row = work.row(sa.select(person.c.quiet_from, person.c.quiet_to).where(person.c.id == person_id))
    return None if row is None or row.quiet_from is None or row.quiet_to is None else (row.quiet_from, row.quiet_to)


def keep(work: Work, person_id: int, hours: Hours | None) -> None:
    """Set a person's quiet hours, or end them; somebody's first words may do it."""
    start, end = hours if hours is not None else (None, None)
    work.write(person.update().where(person.c.id == person_id).values(quiet_from=start, quiet_to=end))
    work.forget(("quiet time", person_id))
    work.once(("quiet time", person_id), lambda: hours)


def span(start: int | None, end: int | None) -> tuple[time, time] | None:
    """Return quiet hours as the times that windows are cut by."""
    return None if start is None or end is None else (time(start), time(end))
