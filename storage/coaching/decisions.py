"""What a person decided: one current decision for each category of a project, and all that came before it.

A decision always names the person's own message (rule PP-5). Saving another one supersedes it in the same commit; what
was undone is neither current nor superseded, and stays as history (PP-3, PP-6).
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.coaching.columns import key, of_project, owner, project_id
from storage.schema import Moment, metadata, one_of, partial_index

VALUE_TYPES = ("enum", "money_per_period", "tiers", "benefit_list", "date")
STATES = ("current", "superseded", "undone")
HOW = ("ok", "number", "button", "command")
CERTAINTIES = ("explicit", "bare", "answer")

decision = sa.Table(
    "decision",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("value_type", sa.Text, nullable=False),
    sa.Column("value", sa.LargeBinary, nullable=False),  # sealed canonical text and what belongs to it
    sa.Column("rationale", sa.LargeBinary),
    sa.Column("quote", sa.LargeBinary, nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),  # the person's, never the coach's
    sa.Column("proposal_id", sa.BigInteger),
    sa.Column("act_id", sa.BigInteger, nullable=False),
    sa.Column("certainty", sa.Text, nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("superseded_by", sa.BigInteger),
    sa.Column("saved_at", Moment, nullable=False),
    sa.Column("undone_at", Moment),
    of_project(),
    sa.Index("ix_decision_project", "person_id", "project_id", "id"),
    partial_index("uq_decision_current", "person_id", "project_id", "category", where="state = 'current'", unique=True),
    one_of("value_type", *VALUE_TYPES),
    one_of("certainty", *CERTAINTIES),
    one_of("how", *HOW),
    one_of("state", *STATES),
    sa.CheckConstraint(
        "(state = 'superseded' AND superseded_by IS NOT NULL) OR (state <> 'superseded' AND superseded_by IS NULL)",
        name="superseded_named",
    ),
    sa.CheckConstraint(
        "(state = 'undone' AND undone_at IS NOT NULL) OR (state <> 'undone' AND undone_at IS NULL)", name="undone_dated"
    ),
)
