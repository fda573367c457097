"""What might be saved and waits for the person's yes: a decision, a tick, a change of the plan (rules PP-1 to PP-4).

One proposal waits for each subject of a project, by index: a newer one replaces it in the same commit. `number` is its
place in the question that was asked, by which it is picked.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.coaching.columns import key, of_project, owner, project_id
from storage.coaching.decisions import CERTAINTIES
from storage.schema import Moment, metadata, one_of, partial_index

KINDS = ("decision", "tick", "drop", "add_task", "remove_task", "reorder", "reschedule", "reword")
STATES = ("pending", "saved", "declined", "replaced", "expired")
SOURCES = ("model", "rules", "person")
TRIGGERS = ("user_request", "progress_signal", "market_feedback")

proposal = sa.Table(
    "proposal",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),  # a category, or the id of a task
    sa.Column("value", sa.LargeBinary, nullable=False),  # sealed canonical text and what belongs to it
    sa.Column("quote", sa.LargeBinary, nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("certainty", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("trigger", sa.Text),
    sa.Column("question", sa.BigInteger),  # the outgoing question that asks for it; several may share one
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("replaced_by", sa.BigInteger),
    sa.Column("at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    of_project(),
    sa.Index("ix_proposal_project", "person_id", "project_id", "id"),
    partial_index("uq_proposal_pending", "person_id", "project_id", "subject", where="state = 'pending'", unique=True),
    one_of("kind", *KINDS),
    one_of("certainty", *CERTAINTIES),
    one_of("source", *SOURCES),
    one_of("trigger", *TRIGGERS),
    one_of("state", *STATES),
    sa.CheckConstraint(
        "(state = 'pending' AND closed_at IS NULL) OR (state <> 'pending' AND closed_at IS NOT NULL)",
        name="closed_dated",
    ),
)
