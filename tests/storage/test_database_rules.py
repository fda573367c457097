"""How the database is opened and written: the facts about its drivers that we rely on (rules DB-*)."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage import outbox
from storage.alerts import alert, raise_alert
from storage.database import Database, Writers
from storage.hot import Hot
from storage.schema import Moment, metadata, micros, moment
from storage.switches import switch, turn_switch
from storage.work import Work
from tests.databases import know_all_tables

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
know_all_tables()


@pytest.fixture
async def writers(database: str) -> AsyncIterator[Writers]:
    opened = Database(database)
    clock = FixedClock(NOW)
    made = Writers(opened, clock=clock, ids=Ids(clock), seal=Seal([b"k" * 32]))
    made.start()
    yield made
    await made.stop()
    await opened.close()


async def _read(database: str, query: sa.Select[Any]) -> list[Any]:
    opened = Database(database)
    try:
        return await opened.read(lambda c: list(c.execute(query)))
    finally:
        await opened.close()


def test_db_1_greenlet_comes_by_the_extra_that_needs_it() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert any(one.startswith("sqlalchemy[asyncio]") for one in named)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_db_3_every_writing_connection_has_its_pragmas(database: str) -> None:
    engine = Database(database).engine()
    for _ in range(2):
        with engine.connect() as connection:
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    engine.dispose()


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_db_2_db_15_a_batch_takes_the_write_lock_at_its_beginning(database: str, writers: Writers) -> None:
    session = writers._writers[0]._session
    other = sqlite3.connect(Database(database).path, timeout=0.05, isolation_level=None)
    with closing(other):
        session.begin()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN")
        assert other.execute("SELECT count(*) FROM inbox").fetchone() == (0,)
        other.execute("COMMIT")
        session.rollback()
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_db_2_the_readers_cannot_write(database: str) -> None:
    opened = Database(database)
    with pytest.raises(sa.exc.OperationalError, match="readonly"):
        await opened.read(lambda c: c.execute(switch.delete()))
    await opened.close()


def test_db_4_naive_moments_are_refused_and_zones_come_back() -> None:
    kind, dialect = Moment(), sa.create_engine("sqlite://").dialect
    with pytest.raises(ValueError, match="zone"):
        kind.process_bind_param(datetime(2026, 11, 20), dialect)  # noqa: DTZ001 - the naive one is the point
    tokyo = datetime(2026, 11, 21, 3, 0, tzinfo=timezone(timedelta(hours=9)))
    stored = kind.process_bind_param(tokyo, dialect)
    assert stored == micros(NOW)
    assert kind.process_result_value(stored, dialect) == moment(stored) == NOW
    assert kind.process_bind_param(None, dialect) is None


def test_db_5_db_12_tables_hold_plain_types_alone() -> None:
    plain = (sa.BigInteger, sa.Integer, sa.Text, sa.LargeBinary, sa.Boolean, Moment, sa.Date, sa.Float)
    odd = [
        f"{t.name}.{c.name} {c.type}"
        for t in metadata.sorted_tables
        for c in t.columns
        if not isinstance(c.type, plain)
    ]
    assert odd == []
    hot = {"inbox", "outbox", "transcript", "usage", "conversation", "person", "address", "timer"}
    assert not [f"{t}.{c.name}" for t in hot for c in metadata.tables[t].columns if isinstance(c.type, Moment)]


def test_db_6_no_test_and_no_code_opens_a_database_in_memory() -> None:
    marks = (":mem" + "ory:", "sqlite://" + '")')
    rooms = ("bot", "handlers", "jobs", "storage", "tests")
    found = [
        str(path.relative_to(ROOT))
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if marks[0] in path.read_text("utf-8")
    ]
    assert found == []


async def test_db_7_an_insert_that_meets_its_like_is_silent_on_both(database: str, writers: Writers) -> None:
    for text in ("one", "two"):
        await writers.run(lambda work, t=text: raise_alert(work, kind=t, key="same", details={}))
        await writers.run(lambda work, t=text: turn_switch(work, "pause", t, actor="test"))
    assert [row.kind for row in await _read(database, sa.select(alert.c.kind))] == ["one"]
    assert [row.value for row in await _read(database, sa.select(switch.c.value))] == ["two"]


async def test_db_8_a_guarded_update_that_changes_nothing_undoes_its_turn(database: str, writers: Writers) -> None:
    def guarded(work: Work) -> None:
        turn_switch(work, "pause", "yes", actor="test")
        work.write_one(switch.update().where(switch.c.name == "nobody").values(value="x"))

    with pytest.raises(Exception, match=r".+"):
        await writers.run(guarded)
    assert await _read(database, sa.select(switch)) == []


async def test_db_11_what_is_rolled_back_is_gone(database: str, writers: Writers) -> None:
    def failing(work: Work) -> None:
        work.claim(switch.insert().values(name="a", value="b", actor="c", at=work.now))
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        await writers.run(failing)
    assert await _read(database, sa.select(switch)) == []


def test_db_12_statements_of_every_message_hold_no_constant_that_a_driver_would_miss() -> None:
    for hot in Hot.registry:
        assert hot.sqlite
        assert hot.postgres


def test_db_13_claims_are_inserts_that_tell_whether_they_took() -> None:
    from storage.inbox import CLAIM
    from storage.people import CLAIM_ADDRESS

    assert {hot for hot in Hot.registry if hot.claims is not None} == {CLAIM, CLAIM_ADDRESS}
    for hot in (CLAIM, CLAIM_ADDRESS):
        assert re.search(r"^INSERT.*ON CONFLICT.*DO NOTHING$", hot.sqlite.strip(), re.DOTALL)
        assert re.search(r"^INSERT.*ON CONFLICT.*DO NOTHING RETURNING", hot.postgres, re.DOTALL)


async def test_db_14_a_turn_that_fails_inside_a_batch_leaves_no_savepoint_behind(
    database: str, writers: Writers
) -> None:
    def failing(work: Work) -> None:
        work.claim(switch.insert().values(name="bad", value="b", actor="c", at=work.now))
        raise RuntimeError("no")

    def good(work: Work) -> None:
        turn_switch(work, "good", "b", actor="c")

    for _ in range(3):
        with pytest.raises(RuntimeError):
            await writers.run(failing)
        await writers.run(good)
    assert [row.name for row in await _read(database, sa.select(switch.c.name))] == ["good"]


def test_db_17_the_driver_is_pinned_with_its_binary() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert any(one.startswith("psycopg[binary]") for one in named)
    pinned = re.findall(r"^psycopg(?:-binary|-c)?(?:\[binary\])?==(\S+)", (ROOT / "requirements.txt").read_text(), re.M)
    assert len(set(pinned)) == 1
    assert len(pinned) == 2


def test_db_18_a_claim_repeats_the_state_in_its_update() -> None:
    import inspect

    source = inspect.getsource(outbox._claiming)
    assert 'outbox.c.state == word("ready")' in source
    index = next(i for i in outbox.outbox.indexes if i.name == "uq_outbox_lane_sending")
    assert index.unique


async def test_db_18_of_two_claimers_of_a_lane_one_wins(database: str, writers: Writers) -> None:
    def two_rows(work: Work) -> None:
        for number in (1, 2):
            row = dict.fromkeys(outbox.COLUMNS) | {
                "id": number, "lane": 7, "kind": "message", "purpose": "reply", "policy": "repeat_ok", "state": "ready",
                "attempts": 0, "due_at": 0, "at": 0,
            }  # fmt: skip
            work.claim(outbox.outbox.insert().values(row))

    await writers.run(two_rows)
    won = [await writers.run(lambda work, n=n: outbox.claim(work, n, n) is not None) for n in (1, 2, 1)]
    assert won == [True, False, False]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_db_19_alembic_is_not_imported_when_no_migration_is_due(database: str) -> None:
    code = (
        "import sys; from storage.database import Database; from storage.migrate import migrate; "
        f"assert not migrate(Database({database!r})); assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
