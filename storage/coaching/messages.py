"""The conversation with the coach, one across all channels, in order; and the summary of what fell out of the window.

A message of a person is unique by channel and the provider's id, so a redelivery adds nothing (rule CT-6). Numbers run
within a project; the one current summary of a project covers the messages up to its number (CX-2).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.coaching.columns import OF_PERSON, OF_PROJECT, key, mine, of_project, owner, project_id
from storage.schema import Moment, metadata, one_of, partial_index
from storage.upsert import upsert
from storage.work import Work

STATES = ("received", "answered", "fallback", "failed")

message = sa.Table(
    "coach_message",
    metadata,
    key(),
    owner(),
    project_id(nullable=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("provider_id", sa.Text),  # the person's messages only
    sa.Column("turn_id", sa.BigInteger),
    sa.Column("is_forwarded", sa.Boolean, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    of_project(),
    sa.UniqueConstraint("channel", "provider_id"),
    sa.Index("uq_coach_message_number", "person_id", "project_id", "number", unique=True),
    sa.Index("ix_coach_message_person", "person_id", "id"),
    sa.Index("ix_coach_message_turn", "person_id", "turn_id"),
    one_of("role", "person", "coach"),
    one_of("state", *STATES),
    sa.CheckConstraint("role <> 'person' OR provider_id IS NOT NULL", name="person_has_provider_id"),
)

summary = sa.Table(
    "summary",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("through", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    of_project(),
    partial_index("uq_summary_current", "person_id", "project_id", where="state = 'current'", unique=True),
    sa.Index("ix_summary_project", "person_id", "project_id", "id"),
    one_of("source", "model", "template"),
    one_of("state", "current", "replaced"),
)


_FOLLOWING = sa.select(sa.func.coalesce(sa.func.max(message.c.number), 0) + 1).where(
    message.c.person_id == OF_PERSON, message.c.project_id == OF_PROJECT
)
_ADD = (
    upsert(message)
    .values(number=_FOLLOWING.scalar_subquery())
    .on_conflict_do_nothing(index_elements=["channel", "provider_id"])
    .returning(message.c.id)
)


def add(
    work: Work, person_id: int, project_id: int, *, role: str, channel: str, text: str, state: str,
    provider_id: str | None = None, turn_id: int | None = None, is_forwarded: bool = False,
) -> int | None:  # fmt: skip
    """Add a message with the next number of its project and return its id; None for one that was there (CT-6)."""
    row = {
        "id": work.new_id(), "person_id": person_id, "project_id": project_id, "role": role, "channel": channel,
        "provider_id": provider_id, "turn_id": turn_id, "is_forwarded": is_forwarded, "state": state, "at": work.now,
        "body": work.seal.seal(text.encode()),
    }  # fmt: skip
    made = work.claim(_ADD, row | mine(person_id, project_id)).first()
    return None if made is None else int(made.id)


def recent(work: Work, person_id: int, project_id: int, limit: int = 50) -> list[sa.Row[Any]]:
    """Return the last messages of a project, newest first, their bodies sealed."""
    return work.rows(
        sa.select(message)
        .where(message.c.person_id == person_id, message.c.project_id == project_id)
        .order_by(message.c.number.desc())
        .limit(limit)
    )


def whole(work: Work, person_id: int, project_id: int) -> list[sa.Row[Any]]:
    """Return all messages of a project in their order, their bodies sealed."""
    return work.rows(
        sa.select(message)
        .where(message.c.person_id == person_id, message.c.project_id == project_id)
        .order_by(message.c.number)
    )


def words_of(work: Work, row: sa.Row[Any]) -> str:
    """Return what a message says."""
    return work.seal.open(row.body).decode()
