"""A database with writers, and entries of the audit made without a turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.seal import Seal
from jobs.audit_sealing import AuditSealing
from storage.audit import audit, link, record
from storage.audit.verifying import Verdict, verify
from storage.database import Database, Writers
from storage.work import Work

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


class Ledger:
    """Writers on a database, and what is asked of the audit in tests."""

    def __init__(self, url: str) -> None:
        self.clock = FixedClock(NOW)
        self.database, self.ids, self.seal = Database(url), Ids(self.clock), Seal([bytes(32)])
        self.writers = Writers(self.database, clock=self.clock, ids=self.ids, seal=self.seal)

    async def write(self, *actions: str, **details: Any) -> None:
        """Write entries of one actor in one turn."""

        def job(work: Work) -> None:
            for action in actions:
                record(work, actor="staff:7", action=action, obj="ticket:42", **details)

        await self.writers.run(job)

    async def seal_all(self) -> int:
        """Extend the chain until nothing waits."""
        return await AuditSealing(self.database, self.writers).seal()

    async def verify(self, **options: Any) -> Verdict:
        """Check the chain."""
        found: Verdict = await self.writers.run(lambda work: verify(work.rows, **options))
        return found

    async def rows(self, table: sa.Table = audit) -> list[Any]:
        """Return all rows of a table."""
        query = sa.select(table).order_by(*table.primary_key.columns)
        return await self.database.read(lambda c: list(c.execute(query)))

    async def chained(self) -> list[tuple[int, str]]:
        """Return numbers and actions in the order of the chain."""
        return [(row.seq, row.action) for row in await self.rows(link)]

    async def damage(self, *statements: str) -> None:
        """Change what the triggers protect, as somebody with the file and no trigger could."""
        engine = self.database.engine()
        with engine.connect() as connection:
            if self.database.is_sqlite:
                for table in ("audit", "audit_chain"):
                    for name in ("no_update", "no_delete"):
                        connection.execute(sa.text(f"DROP TRIGGER {table}_{name}"))
            else:
                connection.execute(sa.text("SET session_replication_role = replica"))
            for statement in statements:
                connection.execute(sa.text(statement))
            connection.commit()
        engine.dispose()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Ledger]:
    """Open a ledger on a database."""
    ledger = Ledger(url)
    ledger.writers.start()
    try:
        yield ledger
    finally:
        await ledger.writers.stop()
        await ledger.database.close()
