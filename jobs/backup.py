"""Nightly copies of the database: made while it serves, checked, fourteen kept.

SQLite is copied by its own online backup. PostgreSQL is dumped by `pg_dump` when that is installed; otherwise its
operators back it up by their own means and say so by a setting. Personal columns in a copy are sealed as they are in
the original: without SECRET_KEYS a copy is worthless, so keep those elsewhere.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from bot.core.clock import Clock
from bot.core.errors import Permanent
from storage.database import Database, Writers
from storage.switches import turn_switch

KEPT = 14
LAST = "backup.last"


class Backup:
    """Makes copies into a folder."""

    def __init__(self, database: Database, writers: Writers, clock: Clock, folder: Path) -> None:
        self._database, self._writers, self._clock, self._folder = database, writers, clock, folder

    async def run(self) -> None:
        """Make tonight's copy."""
        await self.make()

    async def make(self) -> Path:
        """Make a checked copy, drop the oldest beyond fourteen, and note when; return its file."""
        now = self._clock.now()
        path = await asyncio.to_thread(make_copy, self._database, self._folder, now)
        await self._writers.run(lambda work: turn_switch(work, LAST, now.isoformat(), actor="backup"))
        return path


def make_copy(database: Database, folder: Path, now: datetime) -> Path:
    """Copy a database into a folder, check the copy, and keep the newest fourteen; raise Permanent when it is bad."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    suffix = "db" if database.is_sqlite else "dump"
    path = folder / f"parley-{now:%Y%m%d-%H%M%S}.{suffix}"
    unfinished = path.with_name(path.name + ".part")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if database.is_sqlite:
            _copy_sqlite(database.path, unfinished)
            check_copy(unfinished)
        else:
            _dump_postgres(database.url, unfinished)
        _settle(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    for old in copies(folder)[KEPT:]:
        old.unlink(missing_ok=True)
    return path


def copies(folder: Path) -> list[Path]:
    """Return the copies in a folder, newest first."""
    found = [path for path in folder.glob("parley-*") if path.suffix in (".db", ".dump")]
    return sorted(found, key=lambda path: path.name, reverse=True)


def check_copy(path: Path) -> str:
    """Return the schema's revision of a SQLite copy; raise Permanent when the copy is not whole."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise Permanent(f"{path.name} is no whole database: {error}") from error
    if verdict != "ok" or broken is not None or row is None:
        raise Permanent(f"{path.name} is damaged: {verdict}")
    return str(row[0])


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.execute("PRAGMA busy_timeout=5000")
        live.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")


def _dump_postgres(url: str, target: Path) -> None:
    import subprocess

    program = shutil.which("pg_dump")
    if program is None:
        raise Permanent("pg_dump is not installed here: back PostgreSQL up by your own means")
    plain = f"postgresql://{url.split('://', 1)[1]}"
    command = [program, "--format=custom", f"--file={target}", plain]
    ended = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own arguments
    if ended.returncode != 0:
        raise Permanent(f"pg_dump failed with status {ended.returncode}")


def _settle(unfinished: Path, path: Path) -> None:
    """Give a finished copy its name, on the disk and not only in its cache."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
