"""Checkpoints beside the writer let the log begin anew, and nothing is lost when one fails."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from storage import checkpoints
from storage.checkpoints import Checkpointer
from storage.database import Database
from storage.session import SqliteSession

COMMITS = 300


def _grow(session: SqliteSession, commits: int) -> None:
    for _ in range(commits):
        session.begin()
        session._driver.execute("INSERT INTO note (body) VALUES (randomblob(20000))")
        session.commit()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with one table; its log has a checkpoint after every few commits."""
    monkeypatch.setattr(checkpoints, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "LEAST_COMMITS", 4)
    found = tmp_path / "log.db"
    with Database(f"sqlite:///{found}").engine().connect() as connection:
        connection.exec_driver_sql("CREATE TABLE note (body BLOB)")
    return found


def _kept(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        return int(connection.execute("SELECT count(*) FROM note").fetchone()[0])


def _session(path: Path, checkpointer: Checkpointer | None) -> SqliteSession:
    return SqliteSession(Database(f"sqlite:///{path}").engine(), checkpointer)


def test_the_log_begins_anew_while_commits_go_on(path: Path) -> None:
    checkpointer = Checkpointer(path)
    session = _session(path, checkpointer)
    _grow(session, COMMITS)
    log = path.with_name(path.name + "-wal").stat().st_size
    session.close()
    assert checkpointer.made > 1
    assert log < COMMITS * 20_000 / 2, "without checkpoints it would hold every commit"
    assert _kept(path) == COMMITS


def test_without_a_checkpointer_the_log_holds_every_commit(path: Path) -> None:
    session = _session(path, None)
    _grow(session, COMMITS)
    assert path.with_name(path.name + "-wal").stat().st_size > COMMITS * 20_000
    session.close()


def test_a_reader_in_the_way_costs_nothing_but_log(path: Path) -> None:
    checkpointer = Checkpointer(path)
    session = _session(path, checkpointer)
    _grow(session, 1)
    with sqlite3.connect(path) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM note").fetchone() == (1,)
        _grow(session, 40)
        assert reader.execute("SELECT count(*) FROM note").fetchone() == (1,)
        reader.execute("ROLLBACK")
    _grow(session, 40)
    session.close()
    assert _kept(path) == 81


def test_a_checkpoint_that_fails_is_told_and_commits_go_on(
    path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    checkpointer = Checkpointer(tmp_path / "nowhere" / "missing.db")
    session = _session(path, checkpointer)
    _grow(session, 40)
    session.close()
    assert checkpointer.made == 0
    assert "a commit will make it" in caplog.text
    assert _kept(path) == 40
