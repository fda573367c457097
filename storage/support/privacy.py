"""What goes when a person deletes their data: every word of their tickets, and the tickets themselves."""

from __future__ import annotations

import sqlalchemy as sa

from storage.support.history import assignment, event
from storage.support.messages import message
from storage.support.notes import note
from storage.support.tickets import counter, ticket
from storage.work import Work

OF_PERSON = (message, note, event, assignment, ticket)
TABLES: tuple[sa.Table, ...] = (*OF_PERSON, counter)


def erase(work: Work, person_id: int) -> None:
    """Delete all tickets of a person; the audit keeps their numbers."""
    for table in OF_PERSON:
        work.claim(table.delete().where(table.c.person_id == person_id))
