"""Which rule each table of a person follows in a merge: read from `tables.toml`, where each says why."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from storage.schema import is_partial, metadata

HEADINGS = ("move", "open", "own", "made_again", "kept")


@dataclass(frozen=True, slots=True)
class Rules:
    """Table names by heading; of `open` the condition under which a row still waits."""

    move: Mapping[str, str]
    open: Mapping[str, str]
    own: Mapping[str, str]
    made_again: Mapping[str, str]
    kept: Mapping[str, str]

    @property
    def named(self) -> list[str]:
        """Every table that is named, once for each time it is."""
        return [table for heading in HEADINGS for table in getattr(self, heading)]


@cache
def rules() -> Rules:
    """Return the rules of this release."""
    return Rules(**tomllib.loads(Path(__file__).with_name("tables.toml").read_text("utf-8")))


def of_persons() -> list[str]:
    """Return the tables of the schema that name a person."""
    return sorted(table.name for table in metadata.tables.values() if "person_id" in table.c)


def keys_of(table: sa.Table) -> list[sa.Column[object]]:
    """Return the columns that tell a row from the others of its person."""
    return [column for column in table.primary_key.columns if column.name != "person_id"]


def unique_keys(table: sa.Table) -> list[tuple[list[sa.Column[object]], str]]:
    """Return the keys in which one person may have a row once: their other columns, and the condition of a partial one.

    A column that is never empty, alone or beside others, decides as well as the whole key; the primary key of a row
    that bears an id of ours is none of them.
    """
    found = [(list(table.primary_key.columns), "")]
    found += [(list(one.columns), "") for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
    for index in table.indexes:
        if index.unique:
            where = str(getattr(index, "where", "")) if is_partial(index) else ""
            found.append((list(index.columns), where))
    return [
        ([column for column in columns if column.name != "person_id"], where)
        for columns, where in found
        if any(column.name == "person_id" for column in columns)
    ]
