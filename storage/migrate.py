"""Bringing the schema up to this release: `migrate` applies what is due, `head` and `current` tell where it stands."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

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
    _upgrade(engine, database.is_sqlite)
    return True


def _upgrade(engine: sa.Engine, is_sqlite: bool) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    with engine.connect() as connection:
        if is_sqlite:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        else:
            connection.execute(sa.text("SELECT pg_advisory_lock(7270)"))
            connection.commit()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if not is_sqlite:
            connection.commit()
