"""What staff may search by words: the newest tickets with what was said in them, and staff's notes.

These texts are sealed, so no database can search them: the newest are opened one by one and compared here, which gives
the same answers on every database. Older ones are found by their numbers alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage.person_notes import person_note
from storage.support.messages import message
from storage.support.notes import note
from storage.support.tickets import ticket
from storage.work import Work


@dataclass(frozen=True, slots=True)
class Written:
    """A text with what it is, whose it is, and the number of its ticket if it has one."""

    kind: str
    person_id: int
    ticket: int | None
    text: str


def newest(work: Work, most: int) -> Iterator[Written]:
    """Yield the newest texts of each kind, newest first: subjects, messages, notes on tickets, notes on persons."""
    subjects = sa.select(ticket.c.person_id, ticket.c.number, ticket.c.subject.label("body"))
    yield from _opened(work, "subject", subjects.where(ticket.c.subject.is_not(None)), ticket.c.id, most)
    for kind, table in (("message", message), ("note", note)):
        told = sa.select(table.c.person_id, ticket.c.number, table.c.body).select_from(
            table.join(ticket, ticket.c.id == table.c.ticket_id)
        )
        yield from _opened(work, kind, told, table.c.id, most)
    about = sa.select(person_note.c.person_id, sa.null().label("number"), person_note.c.remark.label("body"))
    yield from _opened(work, "person note", about, person_note.c.id, most)


def _opened(work: Work, kind: str, query: sa.Select[Any], key: sa.ColumnElement[int], most: int) -> Iterator[Written]:
    for row in work.rows(query.order_by(key.desc()).limit(most)):
        yield Written(kind, int(row.person_id), row.number, work.seal.open(row.body).decode())
