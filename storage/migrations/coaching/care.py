"""Coaching: promises, check-ins, and what protects a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.coaching.columns import of_person, of_project, person, row_id


def make() -> None:
    """Make these tables."""
    _promise()
    _checkin()
    _coach_care()


def _promise() -> None:
    op.create_table(
        "promise",
        row_id(),
        person(),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("closed_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "state = 'open' OR state = 'kept' OR state = 'missed' OR state = 'replaced'",
            name=op.f("ck_promise_state_known"),
        ),
        of_project("promise"),
        of_person("promise"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    with op.batch_alter_table("promise", schema=None) as batch_op:
        batch_op.create_index("ix_promise_project", ["person_id", "project_id", "id"], unique=False)
        batch_op.create_index(
            "uq_promise_open",
            ["person_id", "project_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )


def _checkin() -> None:
    op.create_table(
        "checkin",
        row_id(),
        person(),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", storage.schema.Moment(), nullable=False),
        sa.Column("sent_at", storage.schema.Moment(), nullable=True),
        sa.Column("answered_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "kind = 'checkin' OR kind = 'nudge' OR kind = 'review' OR kind = 'replan'",
            name=op.f("ck_checkin_kind_known"),
        ),
        sa.CheckConstraint(
            "state = 'due' OR state = 'sent' OR state = 'answered' OR state = 'missed' OR state = 'cancelled'",
            name=op.f("ck_checkin_state_known"),
        ),
        of_project("checkin"),
        of_person("checkin"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkin")),
    )
    with op.batch_alter_table("checkin", schema=None) as batch_op:
        batch_op.create_index("ix_checkin_project", ["person_id", "project_id", "id"], unique=False)
        batch_op.create_index("uq_checkin_period", ["person_id", "project_id", "kind", "period"], unique=True)


def _coach_care() -> None:
    op.create_table(
        "coach_care",
        person(),
        sa.Column("silences", sa.Integer(), nullable=False),
        sa.Column("heard_at", storage.schema.Moment(), nullable=True),
        sa.Column("nudges_paused_until", storage.schema.Moment(), nullable=True),
        sa.Column("scripted_until", storage.schema.Moment(), nullable=True),
        sa.Column("flag_day", sa.Date(), nullable=True),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=True),
        sa.CheckConstraint("age_band = 'under_13' OR age_band = 'minor'", name=op.f("ck_coach_care_age_band_known")),
        of_person("coach_care"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_coach_care")),
    )
