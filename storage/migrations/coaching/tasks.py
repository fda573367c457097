"""Coaching: the tasks of a plan, and what was done with them, which is append only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.coaching.columns import of_person, of_project, person, row_id


def make() -> None:
    """Make these tables."""
    _plan_task()
    _task_event()
    _refuse_changes_of_events()


def _plan_task() -> None:
    op.create_table(
        "plan_task",
        row_id(),
        person(),
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
            "cadence = 'once' OR cadence = 'daily' OR cadence = 'weekly' OR cadence = 'monthly' OR "
            "cadence = 'quarterly' OR cadence = 'per_stream'",
            name=op.f("ck_plan_task_cadence_known"),
        ),
        sa.CheckConstraint(
            "state = 'todo' OR state = 'in_progress' OR state = 'done' OR state = 'skipped'",
            name=op.f("ck_plan_task_state_known"),
        ),
        sa.CheckConstraint(
            "minutes >= 0 AND cost_minor >= 0 AND counts_after >= 1", name=op.f("ck_plan_task_counts_sane")
        ),
        of_project("plan_task"),
        of_person("plan_task"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_task")),
    )
    with op.batch_alter_table("plan_task", schema=None) as batch_op:
        batch_op.create_index("uq_plan_task_id", ["person_id", "project_id", "task_id"], unique=True)


def _task_event() -> None:
    op.create_table(
        "task_event",
        row_id(),
        person(),
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
            "kind = 'started' OR kind = 'done' OR kind = 'occurrence' OR kind = 'skipped' OR kind = 'reopened' OR "
            "kind = 'undone' OR kind = 'note' OR kind = 'changed' OR kind = 'added' OR kind = 'removed'",
            name=op.f("ck_task_event_kind_known"),
        ),
        of_project("task_event"),
        of_person("task_event"),
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
