"""How a turn's time grows with what is stored: SQLite files of 1,000 to 1,000,000 persons, ten messages each.

One real person comes to the second question; everybody else is a copy of that person's rows, written straight into the
tables by SQL (the sealed bytes are the same, ids and hashes are not). Then persons drawn at random type one message
each, in turns over the files, through the same writer and dispatcher as a webhook's.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bot.engine
from bot.core.clock import SystemClock
from bot.core.events import Event
from bot.core.ids import Ids
from bot.core.seal import Seal
from bot.engine.dispatch import Dispatcher
from bot.engine.registry import Registry
from storage.database import Database, Writers
from tests.bench.conversation import register
from tests.bench.load import quantile
from tests.databases import make_schema

HISTORY = 10
"""Transcript rows a person."""
BASE, STEP = 200_000_000_000 << 22, 4096
"""Row ids look like real ones (they grow with time) and lie before all that are made now."""
SAMPLE = 4000
BLOCK = 25
_ID = f"{BASE} + i * {STEP}"
_WHO = f"{BASE} + (i * 7368787 % :persons) * {STEP}"
"""Messages lie interleaved over the persons, as in life."""
_PERSON = {
    "person": {"id": _ID},
    "address": {"id": f"{_ID} + 1", "person_id": _ID, "hash": "handle_hash(i)"},
    "conversation": {"person_id": _ID, "address_id": f"{_ID} + 1"},
    "usage": {"person_id": _ID},
    "inbox": {"id": f"{_ID} + 2", "key": "printf('42:%09d', i)", "person_id": _ID, "address_id": f"{_ID} + 1"},
    "outbox": {
        "id": f"{_ID} + 3",
        "lane": f"{_ID} + 1",
        "person_id": _ID,
        "address_id": f"{_ID} + 1",
        "inbox_id": f"{_ID} + 2",
    },
}
_MESSAGE = {
    "id": f"{BASE} + i * 100",
    "person_id": _WHO,
    "address_id": f"{_WHO} + 1",
    "direction": "CASE WHEN i & 1 THEN 'in' ELSE 'out' END",
}


@dataclass(frozen=True, slots=True)
class Grown:
    """One file and what a turn takes in it; `cpu_us` is a turn's processor time, the commit included."""

    persons: int
    mib: float
    fill_seconds: float
    p50_us: float
    p99_us: float
    cpu_us: float


def _seal() -> Seal:
    return Seal((b"b" * 32,))


def _hash(seal: Seal, person: int) -> bytes:
    return seal.digest("address", f"telegram:42:{person}")


def fill(path: Path, persons: int) -> None:
    """Multiply the one person of a database until so many have been talking."""
    seal = _seal()
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000", "ignore_check_constraints=ON"):
        connection.execute(f"PRAGMA {pragma}")
    known = set(sample(persons))
    connection.create_function("handle_hash", 1, lambda n: _hash(seal, n) if n in known else random.randbytes(16))
    connection.execute("BEGIN")
    with _without_indexes(connection):
        for table, changed in _PERSON.items():
            _multiply(connection, table, changed, persons, persons)
        _multiply(connection, "transcript", _MESSAGE, persons * HISTORY, persons)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


@contextmanager
def _without_indexes(connection: sqlite3.Connection) -> Iterator[None]:
    tables = (*_PERSON, "transcript")
    found = connection.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN {tables}"  # noqa: S608
    ).fetchall()
    for name, _ in found:
        connection.execute(f'DROP INDEX "{name}"')
    yield
    for _, sql in found:
        connection.execute(sql)


def _multiply(connection: sqlite3.Connection, table: str, changed: dict[str, str], count: int, persons: int) -> None:
    """Copy the oldest row of a table `count` times, some columns changed."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(changed.get(name, f"model.{name}") for name in columns)
    copy = (
        "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < :count), "  # noqa: S608
        f"model AS MATERIALIZED (SELECT * FROM {table} ORDER BY 1 LIMIT 1) "
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM c, model"
    )
    connection.execute(copy, {"count": count} | ({"persons": persons} if ":persons" in values else {}))


def sample(persons: int) -> list[int]:
    """Return the persons who will write, drawn at random, nobody twice."""
    return random.Random(persons).sample(range(persons), min(persons, SAMPLE))


class Grounds:
    """One filled file with a writer at it."""

    def __init__(self, path: Path, persons: int) -> None:
        self.path, self.persons, self.fill_seconds = path, persons, 0.0
        clock, registry = SystemClock(), Registry()
        self._ids, self._clock = Ids(clock), clock
        registry.add_texts(Path(bot.engine.__file__).parent / "texts")
        register(registry)
        self._dispatcher = Dispatcher(registry, process_id=self._ids.next())
        self._waiting, self._number = itertools.cycle(sample(persons)), 10**9
        self.took: list[float] = []
        self.cpu_seconds = 0.0

    def _open(self) -> Writers:
        writers = Writers(Database(f"sqlite:///{self.path}"), clock=self._clock, ids=self._ids, seal=_seal())
        writers.start()
        return writers

    async def prepare(self) -> None:
        """Let one real person come to the second question, make all the others from that one, and open the writer."""
        started = time.perf_counter()
        make_schema(f"sqlite:///{self.path}")
        self._writers = self._open()
        for text, marker in (("/appeal", "[1]"), ("sf", "[2]")):
            await self._say(10**9, text, marker)
        await self._writers.stop()
        await asyncio.get_running_loop().run_in_executor(None, fill, self.path, self.persons)
        self._writers = self._open()
        self.fill_seconds = time.perf_counter() - started

    async def _say(self, person: int, text: str, marker: str) -> None:
        self._number += 1
        payload = {"chat_id": person, "message_id": self._number, "locale": "en", "text": text}
        event = Event("telegram", f"42:{self._number}", "text", payload, channel="telegram", handle=f"42:{person}")
        sent = await self._writers.submit(self._dispatcher.intake(event, answers=True))
        if not sent.answer or not sent.answer.text.startswith(marker):
            raise AssertionError(f"a person of the filled database was not known: {sent}")

    async def turns(self, count: int) -> None:
        """Let some persons type one wrong number each, one after the other."""
        cpu = time.process_time()
        for _ in range(count):
            person, number = next(self._waiting), str(10 + self._number % 90)
            started = time.perf_counter()
            await self._say(person, number, "[e2]")
            self.took.append(time.perf_counter() - started)
        self.cpu_seconds += time.process_time() - cpu

    async def stop(self) -> Grown:
        """Close and return the figures."""
        await self._writers.stop()
        mib = self.path.stat().st_size / 2**20
        p50, p99 = quantile(self.took, 0.5) * 1e6, quantile(self.took, 0.99) * 1e6
        cpu = self.cpu_seconds / len(self.took) * 1e6
        return Grown(self.persons, mib, self.fill_seconds, p50, p99, cpu)


async def measure(folder: Path, sizes: tuple[int, ...], *, turns: int) -> list[Grown]:
    """Fill a file of each size and take turns in all of them, interleaved."""
    grounds = [Grounds(folder / f"{persons}.db", persons) for persons in sizes]
    for ground in grounds:
        await ground.prepare()
    block = min(BLOCK, turns)
    for ground in grounds:
        await ground.turns(block)
        ground.took.clear()
        ground.cpu_seconds = 0.0
    for _ in range(turns // block):
        for ground in grounds:
            await ground.turns(block)
    return [await ground.stop() for ground in grounds]
