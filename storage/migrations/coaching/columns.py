"""The columns and the constraints that the tables of revision 0003 share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def row_id() -> sa.Column[int]:
    """Return the key of a table whose ids are ours."""
    return sa.Column("id", _number(), autoincrement=False, nullable=False)


def person() -> sa.Column[int]:
    """Return the column that says whose a row is."""
    return sa.Column("person_id", _number(), autoincrement=False, nullable=False)


def of_person(table: str) -> sa.ForeignKeyConstraint:
    """Return what binds that column to a person."""
    name = op.f(f"fk_{table}_person_id_person")
    return sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=name, initially="DEFERRED", deferrable=True)


def of_project(table: str) -> sa.ForeignKeyConstraint:
    """Return what binds a row to a project of the same person."""
    return sa.ForeignKeyConstraint(
        ["person_id", "project_id"],
        ["project.person_id", "project.id"],
        name=op.f(f"fk_{table}_person_id_project"),
        initially="DEFERRED",
        deferrable=True,
    )


def _number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
