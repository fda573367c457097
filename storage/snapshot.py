"""One consistent look at the whole database for a process that only reads, such as the child that writes an export."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from bot.core.clock import Clock
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage.database import Database
from storage.work import Work


@contextmanager
def snapshot(database: Database, seal: Seal, clock: Clock) -> Iterator[Work]:
    """Yield a unit of work that sees one moment and can write nothing."""
    session = database.session()
    if database.is_sqlite:
        session.execute(sa.text("PRAGMA query_only=ON"))
        session.execute(sa.text("BEGIN"))
    else:
        session.execute(sa.text("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    try:
        yield Work(session, clock.now(), Ids(clock), seal)
    finally:
        session.execute(sa.text("ROLLBACK"))
        session.close()
