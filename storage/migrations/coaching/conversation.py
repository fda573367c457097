"""Coaching: the conversation and its summary."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.coaching.columns import of_person, of_project, person, row_id


def make() -> None:
    """Make these tables."""
    _coach_message()
    _summary()


def _coach_message() -> None:
    op.create_table(
        "coach_message",
        row_id(),
        person(),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("turn_id", sa.BigInteger(), nullable=True),
        sa.Column("is_forwarded", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "role <> 'person' OR provider_id IS NOT NULL", name=op.f("ck_coach_message_person_has_provider_id")
        ),
        sa.CheckConstraint("role = 'person' OR role = 'coach'", name=op.f("ck_coach_message_role_known")),
        sa.CheckConstraint(
            "state = 'received' OR state = 'answered' OR state = 'fallback' OR state = 'failed'",
            name=op.f("ck_coach_message_state_known"),
        ),
        of_project("coach_message"),
        of_person("coach_message"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coach_message")),
        sa.UniqueConstraint("channel", "provider_id", name=op.f("uq_coach_message_channel_provider_id")),
    )
    with op.batch_alter_table("coach_message", schema=None) as batch_op:
        batch_op.create_index("ix_coach_message_person", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_coach_message_turn", ["person_id", "turn_id"], unique=False)
        batch_op.create_index("uq_coach_message_number", ["person_id", "project_id", "number"], unique=True)


def _summary() -> None:
    op.create_table(
        "summary",
        row_id(),
        person(),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint("source = 'model' OR source = 'template'", name=op.f("ck_summary_source_known")),
        sa.CheckConstraint("state = 'current' OR state = 'replaced'", name=op.f("ck_summary_state_known")),
        of_project("summary"),
        of_person("summary"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary")),
    )
    with op.batch_alter_table("summary", schema=None) as batch_op:
        batch_op.create_index("ix_summary_project", ["person_id", "project_id", "id"], unique=False)
        batch_op.create_index(
            "uq_summary_current",
            ["person_id", "project_id"],
            unique=True,
            sqlite_where=sa.text("state = 'current'"),
            postgresql_where=sa.text("state = 'current'"),
        )
