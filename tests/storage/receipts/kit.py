"""Books for tests: a unit of work on a database with three persons, and entries with few words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage import people
from storage.database import Database
from storage.receipts.transactions import Entry
from storage.work import Work

NOW = datetime(2026, 3, 18, 19, 0, tzinfo=UTC)
TODAY = date(2026, 3, 18)
ANN, BOB = 1, 2


@contextmanager
def open_books(url: str, now: datetime = NOW) -> Iterator[Work]:
    """Yield a unit of work inside a transaction that is rolled back in the end."""
    session = Database(url).session()
    session.begin()
    work = Work(session, now, Ids(FixedClock(now)), Seal([bytes(32)]))
    for person_id in (ANN, BOB):
        work.claim(people.person.insert().values(id=person_id, locale="en", created_at=0))
    yield work
    session.rollback()
    session.close()


def at(work: Work, now: datetime) -> Work:
    """Return a unit of work on the same connection at another time."""
    later = Work(work._session, now, Ids(FixedClock(now)), work.seal)
    later._claimed = work._claimed
    later.ids.follow(work.ids.last)
    return later


def spent(amount_minor: int, day: date = TODAY, merchant: str | None = "Joe's", **values: Any) -> Entry:
    """Return an expense."""
    named = {"merchant": merchant, "merchant_key": merchant and "".join(c for c in merchant.lower() if c.isalnum())}
    return Entry(day, amount_minor, **{"currency": "USD", **named, **values})


def rows(work: Work, table: sa.Table) -> list[tuple[Any, ...]]:
    """Return all rows of a table in the order of their keys."""
    return [tuple(row) for row in work.rows(sa.select(table).order_by(*table.primary_key.columns))]
