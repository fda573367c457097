"""Coaching: plans as they were at the start, projects, and their pauses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.coaching.columns import of_person, of_project, person, row_id


def make() -> None:
    """Make these tables."""
    _plan_template()
    _project()
    _project_pause()


def _plan_template() -> None:
    op.create_table(
        "plan_template",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_plan_template")),
    )


def _project() -> None:
    op.create_table(
        "project",
        row_id(),
        person(),
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
        of_person("project"),
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


def _project_pause() -> None:
    op.create_table(
        "project_pause",
        row_id(),
        person(),
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
        of_project("project_pause"),
        of_person("project_pause"),
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
