"""Housekeeping: the log is folded in, the planner's statistics refreshed (rule DB-16), free memory given back."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from jobs.memory import give_back
from storage.database import Database


class Upkeep:
    """Keeps the database and the process in shape, once an hour."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Fold the log in, which PostgreSQL does by itself, and give back what the last hour's peaks left."""
        if self._database.is_sqlite:
            await asyncio.to_thread(checkpoint, self._database.path)
        await asyncio.to_thread(give_back)


def checkpoint(path: Path) -> bool:
    """Fold the log into the file and cut it; False when a reader was in the way (the next hour tries again)."""
    with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
        connection.execute("PRAGMA busy_timeout=1000")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        connection.execute("PRAGMA optimize")
    return not busy
