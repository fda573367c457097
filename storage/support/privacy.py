"""What goes when a person deletes their data: every word of their tickets, and the tickets themselves."""

from __future__ import annotations

import sqlalchemy as sa

from storage.support.bans import ban
from storage.support.desk import profile
from storage.support.drafts import draft
from storage.support.history import assignment, event
from storage.support.messages import message
from storage.support.notes import note
from storage.support.outcomes import outcome
from storage.support.pairs import pair
from storage.support.posts import post
from storage.support.rules import rule
from storage.support.tickets import counter, ticket
from storage.support.topics import topic
from storage.work import Work

OF_PERSON = (ban, message, note, draft, post, pair, topic, event, assignment, outcome, ticket)
TABLES: tuple[sa.Table, ...] = (*OF_PERSON, counter, rule, profile)


def erase(work: Work, person_id: int) -> None:
    """Delete all tickets of a person; the audit keeps their numbers."""
    for table in OF_PERSON:
        work.claim(table.delete().where(table.c.person_id == person_id))
