"""Coaching: turns, what the house spends a day, and every call of a model."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.coaching.columns import of_person, person, row_id


def make() -> None:
    """Make these tables."""
    _coach_turn()
    _coach_spend()
    _model_call()


def _coach_turn() -> None:
    op.create_table(
        "coach_turn",
        row_id(),
        person(),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("utc_day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("reserved_nano", sa.BigInteger(), nullable=False),
        sa.Column("spent_nano", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("deadline_at", storage.schema.Moment(), nullable=True),
        sa.Column("settled_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "state = 'waiting' OR state = 'running' OR state = 'answered' OR state = 'fallback' OR "
            "state = 'failed' OR state = 'released'",
            name=op.f("ck_coach_turn_state_known"),
        ),
        sa.CheckConstraint("reserved_nano >= 0 AND spent_nano >= 0", name=op.f("ck_coach_turn_money_not_negative")),
        of_person("coach_turn"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coach_turn")),
        sa.UniqueConstraint("operation", name=op.f("uq_coach_turn_operation")),
    )
    with op.batch_alter_table("coach_turn", schema=None) as batch_op:
        batch_op.create_index("ix_coach_turn_day", ["person_id", "day", "counts"], unique=False)
        batch_op.create_index(
            "ix_coach_turn_unsettled",
            ["deadline_at"],
            unique=False,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )
        batch_op.create_index("ix_coach_turn_utc_day", ["utc_day"], unique=False)
        batch_op.create_index(
            "uq_coach_turn_running",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )
        batch_op.create_index(
            "uq_coach_turn_waiting",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )


def _coach_spend() -> None:
    op.create_table(
        "coach_spend",
        sa.Column("utc_day", sa.Date(), nullable=False),
        sa.Column("reserved_nano", sa.BigInteger(), nullable=False),
        sa.Column("spent_nano", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.CheckConstraint("level >= 0 AND level <= 3", name=op.f("ck_coach_spend_level_range")),
        sa.PrimaryKeyConstraint("utc_day", name=op.f("pk_coach_spend")),
    )


def _model_call() -> None:
    op.create_table(
        "model_call",
        row_id(),
        sa.Column("person_hash", sa.LargeBinary(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("turn_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("price_row", sa.Text(), nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("cache_read_tokens", sa.Integer(), nullable=False),
        sa.Column("cache_write_5m_tokens", sa.Integer(), nullable=False),
        sa.Column("cache_write_1h_tokens", sa.Integer(), nullable=False),
        sa.Column("nano_usd", sa.BigInteger(), nullable=False),
        sa.Column("reserved_nano", sa.BigInteger(), nullable=False),
        sa.Column("usage_known", sa.Boolean(), nullable=False),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("utc_day", sa.Date(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "outcome = 'answered' OR outcome = 'refused' OR outcome = 'cut' OR outcome = 'failed' OR "
            "outcome = 'timeout' OR outcome = 'network_refused'",
            name=op.f("ck_model_call_outcome_known"),
        ),
        sa.CheckConstraint(
            "purpose = 'reply' OR purpose = 'extract' OR purpose = 'summary'", name=op.f("ck_model_call_purpose_known")
        ),
        sa.CheckConstraint("nano_usd >= 0 AND reserved_nano >= 0", name=op.f("ck_model_call_money_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_call")),
        sa.UniqueConstraint("turn_id", "purpose", "attempt", name=op.f("uq_model_call_turn_id_purpose_attempt")),
    )
    with op.batch_alter_table("model_call", schema=None) as batch_op:
        batch_op.create_index("ix_model_call_day", ["utc_day", "model"], unique=False)
        batch_op.create_index("ix_model_call_person", ["person_hash", "utc_day"], unique=False)
