"""`backup` and `restore`: a copy by hand, and putting a copy back.

After a restore the world may be ahead of the database: letters may be posted that it does not know. So mail is paused
until operators agree, and every letter that waits is searched at the printer before it is posted.
"""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from bot.core.errors import Misconfigured, Permanent
from bot.core.settings import Settings
from jobs.backup import check_copy, make_copy
from jobs.upkeep import checkpoint
from storage.database import Database
from storage.migrate import head

CAREFUL = (
    "UPDATE appeal_letter SET status = 'retry', attempts = attempts + 1 WHERE status = 'queued'",
    "INSERT INTO switch (name, value, actor, at) VALUES ('pause_all_mail', 'on', 'restore', :at) "
    "ON CONFLICT (name) DO UPDATE SET value = 'on', actor = 'restore', at = :at",
    "INSERT INTO switch (name, value, actor, at) VALUES ('pause_all_mail.off_by', '', 'restore', :at) "
    "ON CONFLICT (name) DO UPDATE SET value = '', actor = 'restore', at = :at",
    "DELETE FROM switch WHERE name IN ('twilio.inbound.seen', 'stripe.events.seen')",
    "UPDATE operator SET session_until = NULL",
)
"""What a restored copy is told before it serves; `retry` makes the service search a letter before posting it."""


def back_up(settings: Settings, now: datetime, folder: Path | None = None) -> Path:
    """Make a checked copy and return its file."""
    return make_copy(Database(settings.database), folder or settings.data_dir / "backups", now)


def restore(settings: Settings, source: Path, now: datetime) -> Path | None:
    """Put a copy in the database's place; return where the old file went.

    Raises Misconfigured while a server holds the database, and Permanent when the copy is not whole or is of a newer
    release.
    """
    database = Database(settings.database)
    if not database.is_sqlite:
        raise Misconfigured("DATABASE_URL", "restore PostgreSQL with pg_restore --clean --dbname=... FILE")
    revision = check_copy(source)
    if revision > head():
        raise Permanent(f"{source.name} has schema {revision}, newer than this release's {head()}")
    with _nobody_serves(database.path):
        return _replace(source, database.path, now)


def _replace(source: Path, target: Path, now: datetime) -> Path | None:
    fresh = target.with_name(target.name + ".restoring")
    shutil.copyfile(source, fresh)
    fresh.chmod(0o600)
    _make_careful(fresh, now)
    kept = None
    if target.exists():
        checkpoint(target)
        kept = target.with_name(f"{target.name}.before-restore-{now:%Y%m%d-%H%M%S}")
        target.replace(kept)
    for suffix in ("-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    fresh.replace(target)
    return kept


def _make_careful(path: Path, now: datetime) -> None:
    from storage.schema import micros

    with closing(sqlite3.connect(path)) as connection:
        known = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for statement in CAREFUL:
            if any(f" {table} " in f" {statement} " for table in known):
                connection.execute(statement, {"at": micros(now)} if ":at" in statement else {})
        connection.commit()


@contextmanager
def _nobody_serves(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{path}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Misconfigured("DATABASE_URL", f"a server is using {path}; stop it first") from error
        yield
