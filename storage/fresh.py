"""The schema of this release in one script, for a SQLite file that is new.

A first start needs neither Alembic nor the history of the schema: what the migrations make is kept beside them,
statement by statement, with the revision that it stands for. `python -m storage.fresh` writes the script anew after a
migration was added; a test compares the two.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import sqlalchemy as sa

from storage.database import Database

SCRIPT = Path(__file__).parent / "migrations" / "fresh.sql"
_END = ";\n\n"


def statements() -> list[str]:
    """Return the statements that make the schema and note its revision."""
    return [one for one in SCRIPT.read_text().split(_END) if one.strip()]


def statements_of(connection: sa.Connection) -> list[str]:
    """Return the statements that would make a migrated database of this connection again."""
    made = sa.text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid")
    revision = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
    return [
        *(str(row.sql).strip() for row in connection.execute(made)),
        f"INSERT INTO alembic_version (version_num) VALUES ('{revision}')",  # noqa: S608 - our own file name
    ]


def migrated() -> list[str]:
    """Return what the migrations make of an empty file."""
    from storage.migrate import upgrade

    with tempfile.TemporaryDirectory() as folder:
        engine = Database(f"sqlite:///{folder}/new.db").engine()
        upgrade(engine, is_sqlite=True)
        with engine.connect() as connection:
            found = statements_of(connection)
        engine.dispose()
    return found


if __name__ == "__main__":
    SCRIPT.write_text("".join(one + _END for one in migrated()))
