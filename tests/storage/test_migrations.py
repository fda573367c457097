"""The migrations make what the code declares, on an empty database and on one of the first release."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import fresh
from storage.database import Database
from storage.migrate import HERE, current, head, migrate, upgrade
from storage.schema import metadata
from tests.databases import know_all_tables


def _differences(url: str) -> list[object]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    know_all_tables()
    engine = Database(url).engine()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        found: list[object] = list(compare_metadata(context, metadata))
    engine.dispose()
    return found


def _upgrade_to(database: Database, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    with database.engine().connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def test_db_9_migrations_make_what_the_code_declares_and_nothing_is_left_to_migrate(empty_database: str) -> None:
    """Tables and columns, then checks and partial indexes, which the comparison does not see."""
    database = Database(empty_database)
    assert migrate(database)
    assert _differences(empty_database) == []
    engine = database.engine()
    inspector = sa.inspect(engine)
    for table in metadata.sorted_tables:
        declared = {str(c.name) for c in table.constraints if isinstance(c, sa.CheckConstraint)}
        assert {str(c["name"]) for c in inspector.get_check_constraints(table.name)} == declared, table.name
        indexes = {str(i.name) for i in table.indexes}
        assert indexes <= {str(i["name"]) for i in inspector.get_indexes(table.name)}, table.name
    assert not migrate(database)
    with engine.connect() as connection:
        assert current(connection) == head()
    engine.dispose()


def test_the_script_for_a_new_file_is_what_the_migrations_make() -> None:
    """After a migration was added, `python -m storage.fresh` writes the script anew."""
    assert fresh.statements() == fresh.migrated()


def test_db_9_a_file_that_the_migrations_made_is_the_declared_one_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/migrated.db"
    upgrade(Database(url).engine(), is_sqlite=True)
    assert _differences(url) == []


def test_rows_of_the_first_release_survive_the_migrations(empty_database: str) -> None:
    database = Database(empty_database)
    engine = database.engine()
    _upgrade_to(database, "0001")
    with engine.connect() as connection:
        connection.execute(sa.text("INSERT INTO person (id, locale, created_at) VALUES (7, 'en', 1)"))
        connection.commit()
    engine.dispose()
    migrate(database)
    with database.engine().connect() as connection:
        assert connection.execute(sa.text("SELECT locale FROM person WHERE id = 7")).scalar() == "en"
        assert current(connection) == head()


def test_operators_of_before_the_roles_are_admins_and_have_to_log_in_again(empty_database: str) -> None:
    database = Database(empty_database)
    engine = database.engine()
    _upgrade_to(database, "0008")
    names = "id, name, role, state, secret, last_step, session_until, failures, locks, day, day_failures, held, at"
    with engine.connect() as connection:
        for number, role in ((1, "owner"), (2, "operator")):
            values = f"{number}, '{role}', '{role}', 'active', :secret, 7, 99, 0, 0, 0, 0, :held, 1"
            query = sa.text(f"INSERT INTO operator ({names}) VALUES ({values})")  # noqa: S608
            connection.execute(query, {"secret": b"s", "held": False})
        connection.commit()
    engine.dispose()
    migrate(database)
    with database.engine().connect() as connection:
        query = sa.text("SELECT name, role, last_step, session_until FROM operator ORDER BY id")
        found = [tuple(row) for row in connection.execute(query)]
    assert found == [("owner", "owner", 7, None), ("operator", "admin", 7, None)]


@pytest.mark.parametrize(
    ("database_kind", "statements"),
    [
        *(("sqlite", statements) for statements in (1, 2, 10, 40)),
        *(pytest.param("postgres", statements, marks=pytest.mark.postgres) for statements in (2, 40)),
    ],
    indirect=["database_kind"],
)
def test_db_9_a_process_that_dies_while_it_migrates_leaves_nothing_half_done(
    empty_database: str, statements: int
) -> None:
    """A second start after a kill in the middle of the first one works as if it were the first."""
    program = (
        "import os, sys, sqlalchemy as sa\n"
        "from storage.database import Database\n"
        "from storage.migrate import migrate\n"
        "left = [int(sys.argv[2])]\n"
        "@sa.event.listens_for(sa.Engine, 'after_cursor_execute')\n"
        "def count(connection, cursor, statement, *rest):\n"
        "    left[0] -= statement.lstrip().startswith(('CREATE', 'INSERT'))\n"
        "    if not left[0]:\n"
        "        os._exit(9)\n"
        "migrate(Database(sys.argv[1]))\n"
    )
    died = subprocess.run([sys.executable, "-c", program, empty_database, str(statements)], check=False)
    assert died.returncode == 9
    assert migrate(Database(empty_database))
    assert _differences(empty_database) == []


FROZEN = {
    "0001": "3c1d90a13700258d0d51939a79807023091f2a8d91ef67be5430b4ec2d213acc",
    "0002": "0891a8febfee0fe76262db798f21d6ee9379f94be1729a76bf082bee6efe4bcb",
}
"""What the schema of a released revision on SQLite adds up to; a release that is out never changes (rule DB-9)."""


@pytest.mark.parametrize("revision", sorted(FROZEN))
def test_db_9_a_released_revision_makes_the_schema_that_it_made_when_it_was_released(
    tmp_path: Path, revision: str
) -> None:
    database = Database(f"sqlite:///{tmp_path}/frozen.db")
    _upgrade_to(database, revision)
    with database.engine().connect() as connection:
        rows = connection.execute(sa.text("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")).all()
    told = "\n".join(f"{kind} {name} {' '.join((sql or '').split())}" for kind, name, sql in rows)
    assert hashlib.sha256(told.encode()).hexdigest() == FROZEN[revision]
