"""The columns that the tables of this package share."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.schema import Id


def key() -> sa.Column[Any]:
    """Return the column of a row id made by the application."""
    return sa.Column("id", Id, primary_key=True, autoincrement=False)


def owner(*, primary_key: bool = False) -> sa.Column[Any]:
    """Return the column of the person to whom a row belongs."""
    person = sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED")
    return sa.Column("person_id", person, nullable=False, primary_key=primary_key, autoincrement=False)
