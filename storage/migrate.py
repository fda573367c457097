"""Bringing the schema up to this release: `migrate` applies what is due, `head` and `current` tell where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from storage import fresh
from storage.database import Database

HERE = Path(__file__).parent / "migrations"


def head() -> str:
    """Return the newest revision of this release (file names begin with their revision)."""
    return max(path.stem.split("_")[0] for path in (HERE / "versions").glob("[0-9]*.py"))


def current(connection: sa.Connection) -> str | None:
    """Return the revision of a database, or None for an empty one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return found


def migrate(database: Database) -> bool:
    """Apply the migrations that are due; True when there were any. Importing alembic costs 0.4 s, so look first."""
    engine = database.engine()
    with engine.connect() as connection:
        if current(connection) == head():
            return False
        is_new = database.is_sqlite and not sa.inspect(connection).get_table_names()
    if is_new:
        _lay_out(engine)
    else:
        upgrade(engine, is_sqlite=database.is_sqlite)
    return True


def _lay_out(engine: sa.Engine) -> None:
    """Make the schema of a new SQLite file in one transaction, without Alembic."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        with _transaction(connection):
            if current(connection) is None:  # another process may have been first
                for statement in fresh.statements():
                    connection.exec_driver_sql(statement)


def upgrade(engine: sa.Engine, *, is_sqlite: bool) -> None:
    """Apply the migrations one after the other."""
    with engine.connect() as connection:
        if is_sqlite:
            _upgrade_sqlite(connection.execution_options(isolation_level="AUTOCOMMIT"))
        else:
            connection.execute(sa.text("SELECT pg_advisory_lock(7270)"))
            connection.commit()
            _run(connection)
            connection.commit()


def _upgrade_sqlite(connection: sa.Connection) -> None:
    """Upgrade in one transaction of ours: Alembic has none on SQLite, and a process may die in the middle."""
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
    with _transaction(connection):
        _run(connection)


@contextmanager
def _transaction(connection: sa.Connection) -> Iterator[None]:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def _run(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
