"""The columns that the tables of this package share, and the note of a person's own act."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage import audit
from storage.schema import Id
from storage.work import Work

OF_PERSON, OF_PROJECT = sa.bindparam("of_person", type_=Id), sa.bindparam("of_project", type_=Id)
"""Whose rows a statement asks for that is made once; `mine` gives the values."""


def mine(person_id: int, project_id: int) -> dict[str, Any]:
    """Return the parameters that name a person's project."""
    return {"of_person": person_id, "of_project": project_id}


def key() -> sa.Column[Any]:
    """Return the column of a row id made by the application."""
    return sa.Column("id", Id, primary_key=True, autoincrement=False)


def owner(*, primary_key: bool = False) -> sa.Column[Any]:
    """Return the column of the person to whom a row belongs."""
    person = sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED")
    return sa.Column("person_id", person, nullable=False, primary_key=primary_key, autoincrement=False)


def project_id(*, nullable: bool = False) -> sa.Column[Any]:
    """Return the column of the project to which a row belongs; `of_project` ties it to its person."""
    return sa.Column("project_id", sa.BigInteger, nullable=nullable)


def of_project() -> sa.ForeignKeyConstraint:
    """Return the constraint that the named project is the named person's."""
    return sa.ForeignKeyConstraint(
        ["person_id", "project_id"], ["project.person_id", "project.id"], deferrable=True, initially="DEFERRED"
    )


def note(work: Work, person_id: int, action: str, obj: str, **details: object) -> None:
    """Write the audit entry of a person's own act (AUD-1); details hold ids, states and counts only."""
    audit.record(work, actor=f"person:{person_id}", action=f"coaching.{action}", obj=obj, **details)
