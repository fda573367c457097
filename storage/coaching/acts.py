"""What a person saved, one act for each confirmation, so that UNDO takes it back as a whole (rule PP-6)."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from storage.coaching.columns import key, of_project, owner, project_id
from storage.schema import Moment, metadata, one_of

UNDO_FOR = timedelta(days=30)
KINDS = ("save", "tick", "skip", "reopen", "drop", "plan")

act = sa.Table(
    "coach_act",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("before", sa.LargeBinary, nullable=False),  # sealed JSON: what the act changed, as it was
    sa.Column("at", Moment, nullable=False),
    sa.Column("undone_at", Moment),
    of_project(),
    sa.Index("ix_coach_act_project", "person_id", "project_id", "id"),
    one_of("kind", *KINDS),
)
