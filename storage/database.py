"""Opening the database: writing sessions, the reading engine, and the URL that tells which kind it is.

`DATABASE_URL` is `sqlite:///path` (the embedded default) or `postgresql://...`. Writers go through `Writers`; readers
(reports, lists, health) use `Database.read`, which runs a plain function on a connection of the asynchronous engine
(aiosqlite, or psycopg), outside every writing transaction.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from bot.core.clock import Clock
from bot.core.errors import Misconfigured
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage.checkpoints import Checkpointer
from storage.reader import open_reader
from storage.session import PostgresSession, Session, SqliteSession
from storage.statements import STATEMENTS
from storage.writer import Job, Writer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

# For every bytes and None sqlite3 looks for a `__conform__` that is not there, at twice the cost of binding the value;
# these adapters give both back as they are.
sqlite3.register_adapter(bytes, b"".__add__)
sqlite3.register_adapter(type(None), {}.get)  # type: ignore[arg-type]

T = TypeVar("T")
_PRAGMAS = {
    "page_size": "8192",  # takes effect in a new file only
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": "5000",
    "wal_autocheckpoint": "16000",  # the brake, should checkpoints beside the writer ever stop
    "cache_size": "-65536",
}
"""A turn changes some pages here and there, and a commit writes each of them to the log, in two system calls a page.
Larger pages, and a log that is folded in rarely and beside the writer (storage/checkpoints.py), halve what it costs."""
_EXPECTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def _prepare_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for name, value in _PRAGMAS.items():
        cursor.execute(f"PRAGMA {name}={value}")
    for name, expected in _EXPECTED.items():
        found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
        if found != expected:
            raise Misconfigured("DATABASE_URL", f"SQLite refuses PRAGMA {name}={expected} (it is {found})")
    cursor.close()


class Database:
    """One database, known by its URL, with as many reading connections, and more when all are taken."""

    readers, overflow = 4, 4

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if not self.is_sqlite and not url.startswith("postgres"):
            raise Misconfigured("DATABASE_URL", "use sqlite:///path/to/file or postgresql://user@host/name")
        self._reader: AsyncEngine | None = None
        self.observe: Callable[[float, float], None] | None = None
        """Told of each read how many seconds it waited for a connection and how many it took."""

    @property
    def path(self) -> Path:
        """The file of a SQLite database."""
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def _bare(self) -> str:
        return self.url.split("://", 1)[1]

    def engine(self) -> sa.Engine:
        """Return a synchronous engine without a pool, for a writer or for migrations."""
        if not self.is_sqlite:
            return sa.create_engine(f"postgresql+psycopg://{self._bare}", poolclass=sa.NullPool)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        options = {"check_same_thread": False, "isolation_level": None, "cached_statements": 512}
        engine = sa.create_engine(
            f"sqlite://{self.url.removeprefix('sqlite://')}", poolclass=sa.NullPool, connect_args=options
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        return engine

    def session(self) -> Session:
        """Open a writing session."""
        if self.is_sqlite:
            return SqliteSession(self.engine(), Checkpointer(self.path))
        return PostgresSession(self.engine())

    async def read(self, function: Callable[[sa.Connection], T]) -> T:
        """Run a reading function on a connection of its own; keep it short and let SQL aggregate."""
        if self._reader is None:
            self._reader = self._open_reader()
        started = time.perf_counter()
        async with self._reader.connect() as connection:
            connected = time.perf_counter()
            found = await connection.run_sync(function)
        STATEMENTS.note(f"read {function.__module__}.{function.__qualname__}", connected, 0)
        if self.observe is not None:
            self.observe(connected - started, time.perf_counter() - connected)
        return found

    def _open_reader(self) -> AsyncEngine:
        if not self.is_sqlite:
            return open_reader(f"postgresql+psycopg://{self._bare}", pool_size=self.readers, max_overflow=self.overflow)
        # A read opens no transaction here, so there is none to roll back, which would take another turn of the thread.
        name = f"sqlite+aiosqlite://{self.url.removeprefix('sqlite://')}"
        engine = open_reader(
            name,
            pool_size=self.readers,
            max_overflow=self.overflow,
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",
        )
        sa.event.listen(engine.sync_engine, "connect", _read_only_sqlite)
        return engine

    async def close(self) -> None:
        """Close the reading connections."""
        if self._reader is not None:
            await self._reader.dispose()
            self._reader = None


def _read_only_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


class Writers:
    """The writers of a process: one for SQLite, several slices for PostgreSQL, chosen by the hash of a key."""

    def __init__(self, database: Database, *, clock: Clock, ids: Ids, seal: Seal, slices: int = 2) -> None:
        count = 1 if database.is_sqlite else slices
        self._writers = [
            Writer(database.session(), clock=clock, ids=ids, seal=seal, threaded=not database.is_sqlite)
            for _ in range(count)
        ]

    def start(self) -> None:
        """Begin to take jobs."""
        for writer in self._writers:
            writer.start()

    def submit(self, job: Job, *, key: int = 0) -> asyncio.Future[Any]:
        """Queue a job on the slice of `key`."""
        return self._writers[key % len(self._writers)].submit(job)

    async def run(self, job: Callable[..., Any], *, key: int = 0) -> Any:
        """Run a job and return its result after the commit."""
        return await self.submit(job, key=key)

    @property
    def depth(self) -> int:
        """How many jobs wait."""
        return sum(writer.depth for writer in self._writers)

    @property
    def turns_per_commit(self) -> float:
        """Jobs per batch so far."""
        batches = sum(w.batches for w in self._writers)
        return sum(w.jobs for w in self._writers) / batches if batches else 0.0

    async def stop(self) -> None:
        """Finish what waits, then close."""
        for writer in self._writers:
            await writer.stop()
