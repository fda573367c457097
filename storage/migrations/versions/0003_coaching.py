"""coaching"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    _plans()
    _saved()
    _talk()
    _care()


def _plans() -> None:
    """Make the profile, projects and their plans."""
    op.create_table(
        "coach_profile",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("primary_platform", sa.Text(), nullable=True),
        sa.Column("follower_count", sa.BigInteger(), nullable=True),
        sa.Column("hours_per_week", sa.Integer(), nullable=True),
        sa.Column("engagement_bps", sa.Integer(), nullable=True),
        sa.Column("engagement_comparison", sa.Text(), nullable=True),
        sa.Column("avg_views", sa.BigInteger(), nullable=True),
        sa.Column("posts_per_week", sa.Integer(), nullable=True),
        sa.Column("repeat_commenters", sa.Integer(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("tone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("checkin_every", sa.Text(), nullable=False),
        sa.Column("checkin_day", sa.Integer(), nullable=False),
        sa.Column("checkin_hour", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("model_allowed", sa.Boolean(), nullable=False),
        sa.Column("greeted_at", storage.schema.Moment(), nullable=True),
        sa.Column("created_at", storage.schema.Moment(), nullable=False),
        sa.Column("changed_at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "checkin_every = 'day' OR checkin_every = 'week' OR checkin_every = 'never'",
            name=op.f("ck_coach_profile_checkin_every_known"),
        ),
        sa.CheckConstraint(
            "engagement_comparison = 'above' OR engagement_comparison = 'about' OR engagement_comparison = 'below'",
            name=op.f("ck_coach_profile_engagement_comparison_known"),
        ),
        sa.CheckConstraint(
            "primary_platform = 'youtube' OR primary_platform = 'instagram' OR primary_platform = 'tiktok' OR primary_platform = 'twitch' OR primary_platform = 'other'",
            name=op.f("ck_coach_profile_primary_platform_known"),
        ),
        sa.CheckConstraint(
            "tone = 'casual' OR tone = 'professional' OR tone = 'educational'", name=op.f("ck_coach_profile_tone_known")
        ),
        sa.CheckConstraint("checkin_day >= 0 AND checkin_day <= 6", name=op.f("ck_coach_profile_checkin_day_range")),
        sa.CheckConstraint(
            "checkin_hour >= 0 AND checkin_hour <= 23", name=op.f("ck_coach_profile_checkin_hour_range")
        ),
        sa.CheckConstraint(
            "engagement_bps >= 0 AND engagement_bps <= 10000", name=op.f("ck_coach_profile_engagement_bps_range")
        ),
        sa.CheckConstraint(
            "follower_count >= 0 AND follower_count <= 1000000000", name=op.f("ck_coach_profile_follower_count_range")
        ),
        sa.CheckConstraint(
            "hours_per_week >= 1 AND hours_per_week <= 80", name=op.f("ck_coach_profile_hours_per_week_range")
        ),
        sa.CheckConstraint("quiet_from >= 0 AND quiet_from <= 23", name=op.f("ck_coach_profile_quiet_from_range")),
        sa.CheckConstraint("quiet_to >= 0 AND quiet_to <= 23", name=op.f("ck_coach_profile_quiet_to_range")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_coach_profile_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_coach_profile")),
    )
    op.create_table(
        "plan_template",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_plan_template")),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("template_digest", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("created_at", storage.schema.Moment(), nullable=False),
        sa.Column("status_at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "status = 'active' OR status = 'paused' OR status = 'completed' OR status = 'abandoned'",
            name=op.f("ck_project_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_project_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["template_digest"], ["plan_template.digest"], name=op.f("fk_project_template_digest_plan_template")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("code", name=op.f("uq_project_code")),
        sa.UniqueConstraint("person_id", "id", name=op.f("uq_project_person_id_id")),
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.create_index(
            "uq_project_active",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("status = 'active'"),
            postgresql_where=sa.text("status = 'active'"),
        )

    op.create_table(
        "project_pause",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("ended_day", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "ended_day IS NULL OR ended_day >= from_day", name=op.f("ck_project_pause_ended_after_start")
        ),
        sa.CheckConstraint(
            "until_day IS NULL OR until_day > from_day", name=op.f("ck_project_pause_until_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["person_id", "project_id"],
            ["project.person_id", "project.id"],
            name=op.f("fk_project_pause_person_id_project"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_project_pause_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_pause")),
    )
    with op.batch_alter_table("project_pause", schema=None) as batch_op:
        batch_op.create_index("ix_project_pause_project", ["person_id", "project_id", "id"], unique=False)
        batch_op.create_index(
            "uq_project_pause_open",
            ["person_id", "project_id"],
            unique=True,
            sqlite_where=sa.text("ended_day IS NULL"),
            postgresql_where=sa.text("ended_day IS NULL"),
        )

    op.create_table(
        "plan_task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("counts_after", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("state_at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "cadence = 'once' OR cadence = 'daily' OR cadence = 'weekly' OR cadence = 'monthly' OR cadence = 'quarterly' OR cadence = 'per_stream'",
            name=op.f("ck_plan_task_cadence_known"),
        ),
        sa.CheckConstraint(
            "state = 'todo' OR state = 'in_progress' OR state = 'done' OR state = 'skipped'",
            name=op.f("ck_plan_task_state_known"),
        ),
        sa.CheckConstraint(
            "minutes >= 0 AND cost_minor >= 0 AND counts_after >= 1", name=op.f("ck_plan_task_counts_sane")
        ),
        sa.ForeignKeyConstraint(
            ["person_id", "project_id"],
            ["project.person_id", "project.id"],
            name=op.f("fk_plan_task_person_id_project"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_plan_task_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_task")),
    )
    with op.batch_alter_table("plan_task", schema=None) as batch_op:
        batch_op.create_index("uq_plan_task_id", ["person_id", "project_id", "task_id"], unique=True)

    op.create_table(
        "task_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("act_id", sa.BigInteger(), nullable=True),
        sa.Column("proposal_id", sa.BigInteger(), nullable=True),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("evidence", sa.BigInteger(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint("how = 'manual' OR how = 'proposal' OR how = 'undo'", name=op.f("ck_task_event_how_known")),
        sa.CheckConstraint(
            "kind = 'started' OR kind = 'done' OR kind = 'occurrence' OR kind = 'skipped' OR kind = 'reopened' OR kind = 'undone' OR kind = 'note' OR kind = 'changed' OR kind = 'added' OR kind = 'removed'",
            name=op.f("ck_task_event_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id", "project_id"],
            ["project.person_id", "project.id"],
            name=op.f("fk_task_event_person_id_project"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_task_event_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_event")),
    )
    with op.batch_alter_table("task_event", schema=None) as batch_op:
        batch_op.create_index("ix_task_event_task", ["person_id", "project_id", "task_id", "id"], unique=False)
        batch_op.create_index(
            "uq_task_event_undoes",
            ["person_id", "undoes"],
            unique=True,
            sqlite_where=sa.text("undoes IS NOT NULL"),
            postgresql_where=sa.text("undoes IS NOT NULL"),
        )

    _refuse_changes_of_events()


def _saved() -> None:
    """Make what is proposed, decided and can be undone."""
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
            "value_type = 'enum' OR value_type = 'money_per_period' OR value_type = 'tiers' OR value_type = 'benefit_list' OR value_type = 'date'",
            name=op.f("ck_decision_value_type_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id", "project_id"],
            ["project.person_id", "project.id"],
            name=op.f("fk_decision_person_id_project"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_decision_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
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

    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
            "kind = 'decision' OR kind = 'tick' OR kind = 'drop' OR kind = 'add_task' OR kind = 'remove_task' OR kind = 'reorder' OR kind = 'reschedule' OR kind = 'reword'",
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
        sa.ForeignKeyConstraint(
            ["person_id", "project_id"],
            ["project.person_id", "project.id"],
            name=op.f("fk_proposal_person_id_project"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_proposal_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
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

    op.create_table(
        "coach_act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("undone_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "kind = 'save' OR kind = 'tick' OR kind = 'skip' OR kind = 'reopen' OR kind = 'drop' OR kind = 'plan'",
            name=op.f("ck_coach_act_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id", "project_id"],
            ["project.person_id", "project.id"],
            name=op.f("fk_coach_act_person_id_project"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_coach_act_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coach_act")),
    )
    with op.batch_alter_table("coach_act", schema=None) as batch_op:
        batch_op.create_index("ix_coach_act_project", ["person_id", "project_id", "id"], unique=False)


def _talk() -> None:
    """Make the conversation and the ledger of what it costs."""
    op.create_table(
        "coach_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
        sa.ForeignKeyConstraint(
            ["person_id", "project_id"],
            ["project.person_id", "project.id"],
            name=op.f("fk_coach_message_person_id_project"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_coach_message_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coach_message")),
        sa.UniqueConstraint("channel", "provider_id", name=op.f("uq_coach_message_channel_provider_id")),
    )
    with op.batch_alter_table("coach_message", schema=None) as batch_op:
        batch_op.create_index("ix_coach_message_person", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_coach_message_turn", ["person_id", "turn_id"], unique=False)
        batch_op.create_index("uq_coach_message_number", ["person_id", "project_id", "number"], unique=True)

    op.create_table(
        "summary",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint("source = 'model' OR source = 'template'", name=op.f("ck_summary_source_known")),
        sa.CheckConstraint("state = 'current' OR state = 'replaced'", name=op.f("ck_summary_state_known")),
        sa.ForeignKeyConstraint(
            ["person_id", "project_id"],
            ["project.person_id", "project.id"],
            name=op.f("fk_summary_person_id_project"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_summary_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
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

    op.create_table(
        "coach_turn",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
            "state = 'waiting' OR state = 'running' OR state = 'answered' OR state = 'fallback' OR state = 'failed' OR state = 'released'",
            name=op.f("ck_coach_turn_state_known"),
        ),
        sa.CheckConstraint("reserved_nano >= 0 AND spent_nano >= 0", name=op.f("ck_coach_turn_money_not_negative")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_coach_turn_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
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

    op.create_table(
        "coach_spend",
        sa.Column("utc_day", sa.Date(), nullable=False),
        sa.Column("reserved_nano", sa.BigInteger(), nullable=False),
        sa.Column("spent_nano", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.CheckConstraint("level >= 0 AND level <= 3", name=op.f("ck_coach_spend_level_range")),
        sa.PrimaryKeyConstraint("utc_day", name=op.f("pk_coach_spend")),
    )
    op.create_table(
        "model_call",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
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
            "outcome = 'answered' OR outcome = 'refused' OR outcome = 'cut' OR outcome = 'failed' OR outcome = 'timeout' OR outcome = 'network_refused'",
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


def _care() -> None:
    """Make promises, check-ins and what protects a person."""
    op.create_table(
        "promise",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
        sa.ForeignKeyConstraint(
            ["person_id", "project_id"],
            ["project.person_id", "project.id"],
            name=op.f("fk_promise_person_id_project"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_promise_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
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

    op.create_table(
        "checkin",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
        sa.ForeignKeyConstraint(
            ["person_id", "project_id"],
            ["project.person_id", "project.id"],
            name=op.f("fk_checkin_person_id_project"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_checkin_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkin")),
    )
    with op.batch_alter_table("checkin", schema=None) as batch_op:
        batch_op.create_index("ix_checkin_project", ["person_id", "project_id", "id"], unique=False)
        batch_op.create_index("uq_checkin_period", ["person_id", "project_id", "kind", "period"], unique=True)

    op.create_table(
        "coach_care",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("silences", sa.Integer(), nullable=False),
        sa.Column("heard_at", storage.schema.Moment(), nullable=True),
        sa.Column("nudges_paused_until", storage.schema.Moment(), nullable=True),
        sa.Column("scripted_until", storage.schema.Moment(), nullable=True),
        sa.Column("flag_day", sa.Date(), nullable=True),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=True),
        sa.CheckConstraint("age_band = 'under_13' OR age_band = 'minor'", name=op.f("ck_coach_care_age_band_known")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_coach_care_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_coach_care")),
    )


def _refuse_changes_of_events() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER task_event_append_only BEFORE UPDATE ON task_event "
            "BEGIN SELECT RAISE(ABORT, 'task_event is append only'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION task_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'task_event is append only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER task_event_append_only BEFORE UPDATE ON task_event "
        "FOR EACH ROW EXECUTE FUNCTION task_event_refuse()"
    )


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
