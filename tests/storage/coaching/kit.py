"""A project for tests: a unit of work on a database with two persons, and rows that only say what matters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage import people
from storage.coaching.projects import project, template
from storage.database import Database
from storage.work import Work

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
ANN, BOB = 1, 2
PROJECT, FOREIGN = 101, 102
"""Ann's project and Bob's."""


@contextmanager
def open_coaching(url: str, now: datetime = NOW) -> Iterator[Work]:
    """Yield a unit of work inside a transaction that is rolled back in the end."""
    session = Database(url).session()
    session.begin()
    work = Work(session, now, Ids(FixedClock(now)), Seal([bytes(32)]))
    for person_id in (ANN, BOB):
        work.claim(people.person.insert().values(id=person_id, locale="en", created_at=0))
    yield work
    session.rollback()
    session.close()


def later(work: Work, pause: timedelta) -> Work:
    """Return a unit of work on the same connection after a while."""
    moved = Work(work._session, work.now + pause, Ids(FixedClock(work.now + pause)), work.seal)
    moved._claimed = work._claimed
    moved.ids.follow(work.ids.last)
    return moved


def put(work: Work, table: sa.Table, **values: Any) -> int:
    """Insert a row in which every column that must be filled and is not named has a plain value; return its id."""
    row = {column.name: _plain(column, work) for column in table.columns if not column.nullable} | values
    work.claim(table.insert().values(row))
    return int(row.get("id") or 0)


def put_projects(work: Work) -> None:
    """Give Ann and Bob an active project each."""
    put(work, template, digest="d")
    for person_id, project_id in ((ANN, PROJECT), (BOB, FOREIGN)):
        put(work, project, id=project_id, person_id=person_id, code=f"P-{person_id}")


_PLAIN: dict[str, Any] = {
    "person_id": ANN, "project_id": PROJECT, "template_digest": "d", "state": "", "role": "person", "provider_id": "x",
    "minutes": 60, "counts_after": 1, "cadence": "once", "certainty": "explicit", "source": "rules",
    "value_type": "enum", "tone": "casual", "checkin_every": "week", "status": "active", "outcome": "answered",
    "purpose": "reply",
}  # fmt: skip


def _plain(column: sa.Column[Any], work: Work) -> Any:
    if column.name == "id":
        return work.new_id()
    if column.name in _PLAIN:
        return _PLAIN[column.name]
    if column.name == "how":
        return "ok" if column.table.name == "decision" else "manual"
    values = {str: "x", int: 0, bytes: b"x", bool: False, date: TODAY, object: NOW}
    return values[column.type.python_type]
