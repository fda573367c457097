"""Copies of a living database: whole, private, fourteen of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import Permanent
from jobs.backup import KEPT, Backup, check_copy, copies, make_copy
from jobs.upkeep import checkpoint
from storage.database import Database
from storage.migrate import head
from storage.switches import all_switches
from tests.jobs.plant import NOW, Plant, notices, plant, sms


def _versioned(made: Plant) -> None:
    with closing(sqlite3.connect(made.database.path)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (head(),))
        connection.commit()


async def test_a_copy_made_while_the_writer_writes_is_whole_and_has_all_that_was_committed(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        _versioned(made)
        for n in range(5):
            await made.text(f"message {n}")
        await made.settle()
        backup = Backup(made.database, made.writers, made.clock, tmp_path / "backups")
        path = await backup.make()
        assert check_copy(path) == head()
        assert _mode(path) & 0o077 == 0
        with closing(sqlite3.connect(path)) as copy:
            assert copy.execute("SELECT count(*) FROM inbox").fetchone() == (5,)
        switches = await made.database.read(all_switches)
        assert switches["backup.last"] == made.clock.now().isoformat()


async def test_fourteen_copies_are_kept(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        _versioned(made)
        folder = tmp_path / "backups"
        for day in range(KEPT + 3):
            make_copy(made.database, folder, NOW + timedelta(days=day))
        oldest = f"parley-{NOW + timedelta(days=3):%Y%m%d-%H%M%S}.db"
        assert [path.name for path in copies(folder)][KEPT - 1 :] == [oldest]


def test_a_damaged_copy_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "parley-20260101-000000.db"
    bad.write_bytes(b"not a database at all" * 400)
    with pytest.raises(Permanent, match="no whole database"):
        check_copy(bad)


def test_a_database_without_a_schema_is_no_copy_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE x (y)")
    with pytest.raises(Permanent):
        check_copy(path)


def test_postgresql_without_pg_dump_gets_a_clear_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Permanent, match="pg_dump is not installed"):
        make_copy(Database("postgresql://nobody@localhost/none"), tmp_path / "b", NOW)
    assert not list((tmp_path / "b").iterdir())


async def test_db_16_upkeep_cuts_the_write_ahead_log(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        await made.text("hi")
        await made.settle()
        await made.database.close()
        wal = Path(f"{made.database.path}-wal")
        assert _size(wal) > 0
        assert checkpoint(made.database.path)
        assert _size(wal) == 0


def _size(path: Path) -> int:
    return path.stat().st_size


def _mode(path: Path) -> int:
    return path.stat().st_mode
