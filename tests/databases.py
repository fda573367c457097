"""Databases for tests: a SQLite file, or a PostgreSQL database of the test's own on a local server.

`PARLEY_TEST_POSTGRES` names the server (default: the local one with trust authentication). Without a server, tests on
PostgreSQL are skipped by name; when CI is set they fail, because there a server is promised.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bot.assembly.services import register_services
from bot.core.settings import Settings
from bot.engine.registry import Registry
from storage.database import Database
from storage.migrate import head
from storage.tables import metadata

SERVER = os.environ.get("PARLEY_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")


def know_all_tables() -> None:
    """Import every service, so that the metadata holds its tables."""
    register_services(Registry(), Settings(parley_mode="demo"))


def make_schema(url: str) -> None:
    """Make all tables as this release declares them and note the release, so that a server finds nothing to migrate."""
    know_all_tables()
    engine = Database(url).engine()
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(sa.text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(sa.text("DELETE FROM alembic_version"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": head()})
    engine.dispose()


@cache
def has_postgres() -> bool:
    """Tell whether the server answers."""
    import psycopg

    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


def need_postgres() -> None:
    """Skip the test by name when no server answers; fail when CI promised one."""
    if has_postgres():
        return
    if os.environ.get("CI"):
        pytest.fail("CI is set, but no PostgreSQL server answers")
    pytest.skip("no PostgreSQL server answers (PARLEY_TEST_POSTGRES)")


def _administer(*statements: str) -> None:
    import psycopg

    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _create(name: str, template: str) -> str:
    """Make a database and return its URL. Tests kill us, never the server, so no commit waits for its disk."""
    _administer(
        f'CREATE DATABASE "{name}" TEMPLATE "{template}"', f'ALTER DATABASE "{name}" SET synchronous_commit = off'
    )
    return f"{SERVER}/{name}"


@contextmanager
def postgres_database() -> Iterator[str]:
    """Make a database and drop it in the end; yield its URL."""
    name = f"parley_test_{uuid4().hex[:12]}"
    url = _create(name, "template0")
    try:
        yield url
    finally:
        _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@cache
def sqlite_template() -> bytes:
    """Return a SQLite file with this release's tables, to be copied."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        make_schema(f"sqlite:///{path}")
        return path.read_bytes()


@cache
def _postgres_template() -> str:
    """Make a database with all tables, to be copied; `drop_databases` drops it when the tests end."""
    name = f"parley_test_template_{uuid4().hex[:8]}"
    make_schema(_create(name, "template0"))
    return name


_emptied: list[str] = []
"""URLs of this process's PostgreSQL databases that no test has at the moment."""


@contextmanager
def _lent_database() -> Iterator[str]:
    """Lend a database with all tables and no row: to make one takes half a second, to empty one ten milliseconds."""
    url = _emptied.pop() if _emptied else _create(f"parley_test_{uuid4().hex[:12]}", _postgres_template())
    try:
        yield url
    finally:
        _empty(url)
        _emptied.append(url)


def _empty(url: str) -> None:
    """End whatever is still connected and delete all rows."""
    import psycopg

    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
    rows = ";".join(str(table.delete()) for table in metadata.tables.values())
    with psycopg.connect(url) as connection:
        connection.execute(others, (connection.info.backend_pid,))
        connection.execute("SET LOCAL session_replication_role = replica")  # no order of parents and children
        connection.execute(rows)


def drop_databases() -> None:
    """Drop the databases of this process, and their template."""
    for url in _emptied:
        _administer(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')
    _emptied.clear()
    if _postgres_template.cache_info().currsize:
        _administer(f'DROP DATABASE IF EXISTS "{_postgres_template()}" WITH (FORCE)')
        _postgres_template.cache_clear()


@contextmanager
def prepared_database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of a database with this release's tables and no row."""
    if kind == "sqlite":
        path = folder / f"{uuid4().hex[:8]}.db"
        path.write_bytes(sqlite_template())
        yield f"sqlite:///{path}"
        return
    need_postgres()
    with _lent_database() as url:
        yield url


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database of a kind: `sqlite` (in the folder) or `postgres`."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/{uuid4().hex[:8]}.db"
        return
    need_postgres()
    with postgres_database() as url:
        yield url
