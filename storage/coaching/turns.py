"""The ledger of coach turns: what was reserved for each, whether it counts, and what was spent (rules CT-1, LI-1).

A turn bears the id of the inbound event as its operation, so that a redelivery reserves nothing. It names no foreign
key to a project: deleting a project or its messages resets no count (LI-1, PJ-3). The spend of a UTC day is one row,
changed by the booking transaction, and remembers which thresholds were passed (LI-3).
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.coaching.columns import key, owner
from storage.schema import Moment, metadata, one_of, partial_index

STATES = ("waiting", "running", "answered", "fallback", "failed", "released")

turn = sa.Table(
    "coach_turn",
    metadata,
    key(),
    owner(),
    sa.Column("project_id", sa.BigInteger),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),  # local to the person
    sa.Column("utc_day", sa.Date, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("counts", sa.Boolean, nullable=False),
    sa.Column("reserved_nano", sa.BigInteger, nullable=False),
    sa.Column("spent_nano", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary),  # sealed JSON of what the turn still needs; gone when it is settled
    sa.Column("at", Moment, nullable=False),
    sa.Column("deadline_at", Moment),
    sa.Column("settled_at", Moment),
    sa.UniqueConstraint("operation"),
    sa.Index("ix_coach_turn_day", "person_id", "day", "counts"),
    sa.Index("ix_coach_turn_utc_day", "utc_day"),
    partial_index("uq_coach_turn_running", "person_id", where="state = 'running'", unique=True),
    partial_index("uq_coach_turn_waiting", "person_id", where="state = 'waiting'", unique=True),
    partial_index("ix_coach_turn_unsettled", "deadline_at", where="settled_at IS NULL"),
    one_of("state", *STATES),
    sa.CheckConstraint("reserved_nano >= 0 AND spent_nano >= 0", name="money_not_negative"),
)

spend = sa.Table(
    "coach_spend",
    metadata,
    sa.Column("utc_day", sa.Date, primary_key=True),
    sa.Column("reserved_nano", sa.BigInteger, nullable=False),
    sa.Column("spent_nano", sa.BigInteger, nullable=False),
    sa.Column("level", sa.Integer, nullable=False),
    sa.CheckConstraint("level >= 0 AND level <= 3", name="level_range"),
)
