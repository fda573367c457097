"""The columns that all tables of this package share, and the keyed hashes by which sealed text is found."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage import audit
from storage.schema import Id
from storage.work import Work


def key() -> sa.Column[Any]:
    """Return the column of a row id made by the application."""
    return sa.Column("id", Id, primary_key=True, autoincrement=False)


def owner(*, primary_key: bool = False) -> sa.Column[Any]:
    """Return the column of the person to whom a row belongs."""
    person = sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED")
    return sa.Column("person_id", person, nullable=False, primary_key=primary_key, autoincrement=False)


def digest(work: Work, person_id: int, kind: str, text: str) -> bytes:
    """Return the hash under which a person's text is found; the same text of another person has another one."""
    return work.seal.digest(f"receipts {kind}", f"{person_id}\0{text}")


def digest_or_none(work: Work, person_id: int, kind: str, text: str | None) -> bytes | None:
    """Return the hash of a text, or None for none."""
    return digest(work, person_id, kind, text) if text else None


def note(work: Work, person_id: int, action: str, obj: str, **details: object) -> None:
    """Write the audit entry of a person's own act (AUD-1); details hold ids, states and counts only."""
    audit.record(work, actor=f"person:{person_id}", action=f"receipts.{action}", obj=obj, **details)
