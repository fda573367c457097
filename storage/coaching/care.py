"""Promises, check-ins and what protects a person: silences, pauses of nudges, flags (rules NG-1 to NG-5, SF-3 to SF-9).

A check-in is a row of its own, unique by kind and period, so that none is sent twice however often a timer fires.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.coaching.columns import key, of_project, owner, project_id
from storage.schema import Moment, metadata, one_of, partial_index

promise = sa.Table(
    "promise",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("task_id", sa.Text),
    sa.Column("words", sa.LargeBinary, nullable=False),
    sa.Column("message_id", sa.BigInteger),
    sa.Column("due_on", sa.Date),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    of_project(),
    sa.Index("ix_promise_project", "person_id", "project_id", "id"),
    partial_index("uq_promise_open", "person_id", "project_id", where="state = 'open'", unique=True),
    one_of("state", "open", "kept", "missed", "replaced"),
)

checkin = sa.Table(
    "checkin",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),  # the local day it is due, or what makes it the only one
    sa.Column("step", sa.Integer, nullable=False),  # of nudges: which silence it answers
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("sent_at", Moment),
    sa.Column("answered_at", Moment),
    of_project(),
    sa.Index("uq_checkin_period", "person_id", "project_id", "kind", "period", unique=True),
    sa.Index("ix_checkin_project", "person_id", "project_id", "id"),
    one_of("kind", "checkin", "nudge", "review", "replan"),
    one_of("state", "due", "sent", "answered", "missed", "cancelled"),
)

care = sa.Table(
    "coach_care",
    metadata,
    owner(primary_key=True),
    sa.Column("silences", sa.Integer, nullable=False),  # check-ins and nudges in a row without an answer
    sa.Column("heard_at", Moment),
    sa.Column("nudges_paused_until", Moment),
    sa.Column("scripted_until", Moment),
    sa.Column("flag_day", sa.Date),
    sa.Column("flags", sa.Integer, nullable=False),
    sa.Column("age_band", sa.Text),
    one_of("age_band", "under_13", "minor"),
)
