"""What staff noted about a person: sealed, for staff only, and deleted with the person (SP-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata
from storage.work import Work

person_note = sa.Table(
    "person_note",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("remark", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_person_note_person", "person_id", "id"),
)


@dataclass(frozen=True, slots=True)
class PersonNote:
    """One note."""

    actor: str
    remark: str
    at: datetime


def add(work: Work, person_id: int, *, actor: str, remark: str) -> None:
    """Keep a note."""
    sealed = work.seal.seal(remark.encode())
    work.write(
        person_note.insert().values(id=work.new_id(), person_id=person_id, actor=actor, remark=sealed, at=work.now)
    )


def newest(work: Work, person_id: int, limit: int = 5) -> list[PersonNote]:
    """Return the newest notes about a person, newest first."""
    mine = sa.select(person_note).where(person_note.c.person_id == person_id)
    rows = work.rows(mine.order_by(person_note.c.id.desc()).limit(limit))
    return [PersonNote(row.actor, work.seal.open(row.remark).decode(), row.at) for row in rows]


def erase(work: Work, person_id: int) -> None:
    """Delete all notes about a person."""
    work.write(person_note.delete().where(person_note.c.person_id == person_id))
