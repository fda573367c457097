"""A person's projects, the plans they were started from, and their pauses (rules PJ-1 to PJ-3).

One project of a person is active at a time, by index. The template is kept as it was at the start, once for all who
started from the same content, so that a later edit of the file changes no running plan. Progress is never stored.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.coaching.columns import key, of_project, owner, project_id
from storage.schema import Moment, metadata, one_of, partial_index

STATUSES = ("active", "paused", "completed", "abandoned")

template = sa.Table(
    "plan_template",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("template_id", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),  # JSON as it was read; holds nothing of a person
    sa.Column("at", Moment, nullable=False),
)

project = sa.Table(
    "project",
    metadata,
    key(),
    owner(),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("template_id", sa.Text, nullable=False),
    sa.Column("template_version", sa.Integer, nullable=False),
    sa.Column("template_digest", sa.ForeignKey("plan_template.digest"), nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("started_on", sa.Date, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("status_at", Moment, nullable=False),
    sa.UniqueConstraint("code"),
    sa.UniqueConstraint("person_id", "id"),
    partial_index("uq_project_active", "person_id", where="status = 'active'", unique=True),
    one_of("status", *STATUSES),
)

pause = sa.Table(
    "project_pause",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("from_day", sa.Date, nullable=False),
    sa.Column("until_day", sa.Date),  # when it was said to resume
    sa.Column("ended_day", sa.Date),  # when it did
    of_project(),
    sa.Index("ix_project_pause_project", "person_id", "project_id", "id"),
    partial_index("uq_project_pause_open", "person_id", "project_id", where="ended_day IS NULL", unique=True),
    sa.CheckConstraint("until_day IS NULL OR until_day > from_day", name="until_after_start"),
    sa.CheckConstraint("ended_day IS NULL OR ended_day >= from_day", name="ended_after_start"),
)
