"""Three counts of a day that began, quick enough for a turn."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from storage.inbox import inbox
from storage.outbox import outbox
from storage.people import person
from storage.work import Work


@dataclass(frozen=True, slots=True)
class Counts:
    """How many events, messages and calls, and new persons."""

    events: int
    messages: int
    persons: int


def counts(work: Work, first_id: int) -> Counts:
    """Return what was made since an id."""
    found = [_since(work, table, first_id) for table in (inbox, outbox, person)]
    return Counts(*found)


def _since(work: Work, table: sa.Table, first_id: int) -> int:
    row = work.row(sa.select(sa.func.count()).select_from(table).where(table.c.id >= first_id))
    return int(row[0]) if row is not None else 0
