"""What staff write for themselves. A type and a table of its own: nothing that speaks to a person takes it (SP-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata
from storage.work import Work

note = sa.Table(
    "support_note",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("ticket_id", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_support_note_ticket", "ticket_id", "id"),
    sa.Index("ix_support_note_person", "person_id"),
)


@dataclass(frozen=True, slots=True)
class StaffNote:
    """An internal note, for staff alone."""

    actor: str
    remark: str
    at: datetime


def add(work: Work, person_id: int, ticket_id: int, *, actor: str, remark: str) -> None:
    """Keep a note."""
    row = {"id": work.new_id(), "person_id": person_id, "ticket_id": ticket_id, "actor": actor, "at": work.now}
    work.claim(note.insert().values(**row, body=work.seal.seal(remark.encode())))


def of_ticket(work: Work, ticket_id: int, limit: int = 20) -> list[StaffNote]:
    """Return the last notes of a ticket, oldest first."""
    newest = sa.select(note).where(note.c.ticket_id == ticket_id).order_by(note.c.id.desc()).limit(limit)
    return [StaffNote(row.actor, work.seal.open(row.body).decode(), row.at) for row in reversed(work.rows(newest))]
