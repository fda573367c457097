"""Tickets: one row each, its number from a counter of the database, changed only by whoever read its newest version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of
from storage.support.bans import SHADOW, ban
from storage.support.messages import message
from storage.support.notes import note
from storage.upsert import upsert
from storage.work import Work

STATES = ("new", "open", "waiting_user", "resolved", "closed")
LIVE = ("new", "open", "waiting_user")
FIRST_NUMBER = 1001
_COUNTER = "ticket"

counter = sa.Table(
    "support_counter",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

ticket = sa.Table(
    "support_ticket",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("address_id", sa.BigInteger, nullable=False),  # the one that the person wrote from last
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("subject", sa.LargeBinary),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("priority", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("assignee", sa.BigInteger),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("reopened", sa.Integer, nullable=False),
    sa.Column("tags", sa.Text, nullable=False),
    sa.Column("parent_id", sa.BigInteger),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("first_response_at", Moment),
    sa.Column("resolved_at", Moment),
    sa.Column("closed_at", Moment),
    sa.Column("rating", sa.Integer),
    sa.Column("feedback", sa.LargeBinary),
    sa.Column("merged_into", sa.BigInteger),
    sa.Column("first_due", Moment),
    sa.Column("next_due", Moment),
    sa.Column("resolution_due", Moment),
    sa.UniqueConstraint("number"),
    sa.UniqueConstraint("source"),
    sa.Index("ix_support_ticket_person", "person_id", "id"),
    sa.Index("ix_support_ticket_state", "state", "id"),
    sa.Index("ix_support_ticket_assignee", "assignee", "state"),
    one_of("state", *STATES),
    one_of("priority", "low", "medium", "high", "urgent"),
    sa.CheckConstraint("rating IS NULL OR (rating >= 1 AND rating <= 5)", name="rating_of_five"),
)


def code(number: int) -> str:
    """Return how a ticket is called."""
    return f"T-{number}"


def _next_number(work: Work) -> int:
    """Return the next number; who takes one at the same time waits for this turn's commit."""
    taken = upsert(counter).values(name=_COUNTER, value=FIRST_NUMBER)
    moved = taken.on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})
    return int(work.claim(moved.returning(counter.c.value)).one()[0])


def add(
    work: Work, person_id: int, *, address_id: int, channel: str, category: str, priority: str, source: str,
    parent_id: int | None = None,
) -> int:  # fmt: skip
    """Insert a new ticket and return its id; the same source again returns the one that it opened."""
    known = work.row(sa.select(ticket.c.id).where(ticket.c.source == source))
    if known is not None:
        return int(known.id)
    new_id = work.new_id()
    work.claim(
        ticket.insert().values(
            id=new_id, person_id=person_id, number=_next_number(work), address_id=address_id, channel=channel,
            category=category, priority=priority, state="new", level=0, reopened=0, tags="", parent_id=parent_id,
            source=source, version=1, opened_at=work.now,
        )
    )  # fmt: skip
    return new_id


def load(work: Work, ticket_id: int) -> sa.Row[Any] | None:
    """Return a ticket."""
    return work.row(sa.select(ticket).where(ticket.c.id == ticket_id))


def of_number(work: Work, number: int) -> sa.Row[Any] | None:
    """Return the ticket of a number, whoever asks; callers compare the person."""
    return work.row(sa.select(ticket).where(ticket.c.number == number))


def of_person(work: Work, person_id: int, limit: int = 10) -> list[sa.Row[Any]]:
    """Return a person's tickets, newest first."""
    return work.rows(sa.select(ticket).where(ticket.c.person_id == person_id).order_by(ticket.c.id.desc()).limit(limit))


def waiting(work: Work, limit: int = 200) -> list[sa.Row[Any]]:
    """Return tickets that are not over, oldest first."""
    heard = (ticket.c.state.in_(LIVE), is_heard())
    return work.rows(sa.select(ticket).where(*heard).order_by(ticket.c.id).limit(limit))


def is_heard() -> sa.ColumnElement[bool]:
    """A ticket whose person staff hear: those of a shadow ban are kept and lie in no queue (TB-7)."""
    return ~sa.exists().where(ban.c.person_id == ticket.c.person_id, ban.c.kind == SHADOW)


def change(work: Work, ticket_id: int, version: int, **values: Any) -> bool:
    """Change a ticket at the version that was read; False when somebody else changed it meanwhile."""
    mine = (ticket.c.id == ticket_id, ticket.c.version == version)
    return work.claim(ticket.update().where(*mine).values(version=version + 1, **values)).rowcount == 1


def keep_due(
    work: Work, ticket_id: int, version: int, *, first: datetime | None, following: datetime | None,
    resolution: datetime | None,
) -> bool:  # fmt: skip
    """Store when the clocks run out by the history of a version; False when a newer one was counted meanwhile."""
    values = {"first_due": first, "next_due": following, "resolution_due": resolution}
    mine = (ticket.c.id == ticket_id, ticket.c.version == version)
    return work.claim(ticket.update().where(*mine).values(values)).rowcount == 1


def solvers(work: Work, person_id: int, since: datetime) -> set[int]:
    """Return who solved tickets of a person since a moment."""
    mine = (ticket.c.person_id == person_id, ticket.c.resolved_at >= since, ticket.c.assignee.is_not(None))
    return {int(row.assignee) for row in work.rows(sa.select(ticket.c.assignee).where(*mine))}


def move_words(work: Work, ticket_id: int, to: int) -> None:
    """Let all public words and notes of a ticket belong to another one of its person."""
    for table in (message, note):
        work.claim(table.update().where(table.c.ticket_id == ticket_id).values(ticket_id=to))


def feedback_of(work: Work, row: sa.Row[Any]) -> str:
    """Return what its person said of a ticket's end."""
    return work.seal.open(row.feedback).decode() if row.feedback else ""


def raise_level(work: Work, ticket_id: int, most: int) -> None:
    """Escalate a ticket by one level, up to the last."""
    mine = (ticket.c.id == ticket_id, ticket.c.level < most)
    work.claim(ticket.update().where(*mine).values(level=ticket.c.level + 1))


def subject_of(work: Work, row: sa.Row[Any]) -> str:
    """Return what a ticket is about."""
    return work.seal.open(row.subject).decode() if row.subject else ""
