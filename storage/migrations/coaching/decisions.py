"""Coaching: what is proposed, decided and can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.coaching.columns import of_person, of_project, person, row_id


def make() -> None:
    """Make these tables."""
    _decision()
    _proposal()
    _coach_act()


def _decision() -> None:
    op.create_table(
        "decision",
        row_id(),
        person(),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("value_type", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("rationale", sa.LargeBinary(), nullable=True),
        sa.Column("quote", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=True),
        sa.Column("act_id", sa.BigInteger(), nullable=False),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("superseded_by", sa.BigInteger(), nullable=True),
        sa.Column("saved_at", storage.schema.Moment(), nullable=False),
        sa.Column("undone_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "(state = 'superseded' AND superseded_by IS NOT NULL) OR (state <> 'superseded' AND superseded_by IS NULL)",
            name=op.f("ck_decision_superseded_named"),
        ),
        sa.CheckConstraint(
            "(state = 'undone' AND undone_at IS NOT NULL) OR (state <> 'undone' AND undone_at IS NULL)",
            name=op.f("ck_decision_undone_dated"),
        ),
        sa.CheckConstraint(
            "certainty = 'explicit' OR certainty = 'bare' OR certainty = 'answer'",
            name=op.f("ck_decision_certainty_known"),
        ),
        sa.CheckConstraint(
            "how = 'ok' OR how = 'number' OR how = 'button' OR how = 'command'", name=op.f("ck_decision_how_known")
        ),
        sa.CheckConstraint(
            "state = 'current' OR state = 'superseded' OR state = 'undone'", name=op.f("ck_decision_state_known")
        ),
        sa.CheckConstraint(
            "value_type = 'enum' OR value_type = 'money_per_period' OR value_type = 'tiers' OR "
            "value_type = 'benefit_list' OR value_type = 'date'",
            name=op.f("ck_decision_value_type_known"),
        ),
        of_project("decision"),
        of_person("decision"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_project", ["person_id", "project_id", "id"], unique=False)
        batch_op.create_index(
            "uq_decision_current",
            ["person_id", "project_id", "category"],
            unique=True,
            sqlite_where=sa.text("state = 'current'"),
            postgresql_where=sa.text("state = 'current'"),
        )


def _proposal() -> None:
    op.create_table(
        "proposal",
        row_id(),
        person(),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("quote", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=True),
        sa.Column("question", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.BigInteger(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("closed_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "(state = 'pending' AND closed_at IS NULL) OR (state <> 'pending' AND closed_at IS NOT NULL)",
            name=op.f("ck_proposal_closed_dated"),
        ),
        sa.CheckConstraint(
            "certainty = 'explicit' OR certainty = 'bare' OR certainty = 'answer'",
            name=op.f("ck_proposal_certainty_known"),
        ),
        sa.CheckConstraint(
            "kind = 'decision' OR kind = 'tick' OR kind = 'drop' OR kind = 'add_task' OR kind = 'remove_task' OR "
            "kind = 'reorder' OR kind = 'reschedule' OR kind = 'reword'",
            name=op.f("ck_proposal_kind_known"),
        ),
        sa.CheckConstraint(
            "source = 'model' OR source = 'rules' OR source = 'person'", name=op.f("ck_proposal_source_known")
        ),
        sa.CheckConstraint(
            "state = 'pending' OR state = 'saved' OR state = 'declined' OR state = 'replaced' OR state = 'expired'",
            name=op.f("ck_proposal_state_known"),
        ),
        sa.CheckConstraint(
            "trigger = 'user_request' OR trigger = 'progress_signal' OR trigger = 'market_feedback'",
            name=op.f("ck_proposal_trigger_known"),
        ),
        of_project("proposal"),
        of_person("proposal"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_project", ["person_id", "project_id", "id"], unique=False)
        batch_op.create_index(
            "uq_proposal_pending",
            ["person_id", "project_id", "subject"],
            unique=True,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )


def _coach_act() -> None:
    op.create_table(
        "coach_act",
        row_id(),
        person(),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("undone_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "kind = 'save' OR kind = 'tick' OR kind = 'skip' OR kind = 'reopen' OR kind = 'drop' OR kind = 'plan'",
            name=op.f("ck_coach_act_kind_known"),
        ),
        of_project("coach_act"),
        of_person("coach_act"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coach_act")),
    )
    with op.batch_alter_table("coach_act", schema=None) as batch_op:
        batch_op.create_index("ix_coach_act_project", ["person_id", "project_id", "id"], unique=False)
