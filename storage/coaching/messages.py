"""The conversation with the coach, one across all channels, in order; and the summary of what fell out of the window.

A message of a person is unique by channel and the provider's id, so a redelivery adds nothing (rule CT-6). Numbers run
within a project; the one current summary of a project covers the messages up to its number (CX-2).
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.coaching.columns import key, of_project, owner, project_id
from storage.schema import Moment, metadata, one_of, partial_index

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
