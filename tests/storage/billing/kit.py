"""Connections of their own to one database, and what a plan gives in March."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage import people
from storage.billing import grants, ledger
from storage.billing.grants import Grant
from storage.database import Database
from storage.work import Work

T = TypeVar("T")
NOW = datetime(2026, 3, 18, 18, 0, tzinfo=UTC)
ENDS = datetime(2026, 4, 1, 7, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
ANN = 1
READ = "receipts.read"


def plan(amount: int | None = 20, period: str = "2026-03", ref: str = "free", ends: datetime = ENDS) -> Grant:
    """Return what a plan gives for a month."""
    return Grant(READ, "plan", ref, period, ends - timedelta(days=31), ends, amount, amount is None)


def beside(source: str, amount: int | None, ends: timedelta, ref: str = "1") -> Grant:
    """Return a grant beside the plan's."""
    return Grant(READ, source, ref, "", NOW - timedelta(days=1), NOW + ends, amount, amount is None)


class Books:
    """A database with one person; every `do` is a transaction on a connection of its own, committed."""

    def __init__(self, url: str) -> None:
        self.database, self.now = Database(url), NOW
        self.do(lambda work: work.claim(people.person.insert().values(id=ANN, locale="en", created_at=0)))

    def do(self, job: Callable[[Work], T]) -> T:
        session = self.database.session()
        try:
            session.begin()
            work = Work(session, self.now, Ids(FixedClock(self.now)), Seal([bytes(32)]))
            try:
                done = job(work)
                work.keep()
                for statement, params, _ in work.cold:
                    session.execute(statement, params)
                session.commit()
            except BaseException:
                session.rollback()
                raise
            return done
        finally:
            session.close()

    def reserve(self, operation: str, amount: int = 1, of: Grant | None = None) -> str:
        """Reserve in a transaction."""
        mine = of or plan()
        return self.do(
            lambda work: ledger.reserve(work, ANN, mine, operation_id=operation, amount=amount, hold=QUARTER)
        )

    def settle(self, operation: str, used: int = 1, of: Grant | None = None) -> tuple[int, int] | None:
        """Settle in a transaction; return what was used and what is overdrawn."""
        mine = of or plan()
        found = self.do(lambda work: ledger.settle(work, ANN, mine, operation_id=operation, used=used))
        return None if found is None else (found.used, found.overdrawn)

    def give(self, *made: Grant) -> list[bool]:
        """Store grants."""
        return [self.do(lambda work, one=one: grants.give(work, ANN, one)) for one in made]  # type: ignore[misc]

    def taken(self) -> dict[tuple[str, str], int]:
        """Return what is taken of each grant."""
        columns = (grants.grant.c.source, grants.grant.c.period_key, grants.grant.c.taken)
        rows = self.do(lambda work: work.rows(sa.select(*columns)))
        return {(row.source, row.period_key): row.taken for row in rows}

    def at_once(self, jobs: list[Callable[[], T]], threads: int = 8) -> list[T]:
        """Run jobs on so many connections at the same time."""
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(lambda job: job(), jobs))
