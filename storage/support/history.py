"""Everything that happened to a ticket, append-only: the clocks are computed from it (SLA-2). And who had it when.

An entry with a key happens once, whatever is replayed: a warning of one clock, a reminder of one silence.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

event = sa.Table(
    "support_event",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("ticket_id", sa.BigInteger, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("priority", sa.Text),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("key", sa.Text),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("key"),
    sa.Index("ix_support_event_ticket", "ticket_id", "id"),
    sa.Index("ix_support_event_person", "person_id"),
)

assignment = sa.Table(
    "support_assignment",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("ticket_id", sa.BigInteger, nullable=False),
    sa.Column("operator_id", sa.BigInteger),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_support_assignment_ticket", "ticket_id", "id"),
    sa.Index("ix_support_assignment_person", "person_id"),
    sa.Index("ix_support_assignment_operator", "operator_id", "at"),
    one_of("reason", "initial", "reassign", "escalation", "expertise", "return"),
)


def note(
    work: Work, person_id: int, ticket_id: int, what: str, *, actor: str, priority: str | None = None,
    key: str | None = None,
) -> bool:  # fmt: skip
    """Add an entry; False for one whose key is there already."""
    row = {
        "id": work.new_id(), "person_id": person_id, "ticket_id": ticket_id, "what": what, "priority": priority,
        "actor": actor, "key": f"{ticket_id}:{key}" if key else None, "at": work.now,
    }  # fmt: skip
    insert = upsert(event).values(row).on_conflict_do_nothing(index_elements=["key"])
    return work.claim(insert.returning(event.c.id)).first() is not None


def of_ticket(work: Work, ticket_id: int) -> list[sa.Row[Any]]:
    """Return all that happened to a ticket, in order."""
    return work.rows(sa.select(event).where(event.c.ticket_id == ticket_id).order_by(event.c.id))


def last(work: Work, ticket_id: int, what: str) -> sa.Row[Any] | None:
    """Return the newest entry of a kind."""
    mine = (event.c.ticket_id == ticket_id, event.c.what == what)
    return work.row(sa.select(event).where(*mine).order_by(event.c.id.desc()).limit(1))


def assigned(work: Work, person_id: int, ticket_id: int, operator_id: int | None, *, actor: str, reason: str) -> None:
    """Note that a ticket was given to somebody, or back to the queue."""
    row = {"id": work.new_id(), "person_id": person_id, "ticket_id": ticket_id, "operator_id": operator_id}
    work.claim(assignment.insert().values(**row, actor=actor, reason=reason, at=work.now))


def contact(work: Work, person_id: int) -> int | None:
    """Return who got a person's tickets last by rule or by hand; a stand-in, to whom one went meanwhile, is nobody."""
    meant = sa.or_(assignment.c.reason == "initial", assignment.c.actor != "system")
    mine = (assignment.c.person_id == person_id, assignment.c.operator_id.is_not(None), meant)
    row = work.row(sa.select(assignment.c.operator_id).where(*mine).order_by(assignment.c.id.desc()).limit(1))
    return None if row is None else int(row.operator_id)


def assignments(work: Work, ticket_id: int) -> list[sa.Row[Any]]:
    """Return who had a ticket, in order."""
    return work.rows(sa.select(assignment).where(assignment.c.ticket_id == ticket_id).order_by(assignment.c.id))
