"""The tasks of a plan as rows of their project, and every change of one as an event (rules TK-1, TK-2).

Events are only ever added: a trigger refuses their change. Un-ticking adds an event that names the one it takes back;
each can be taken back once, by index.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.coaching.columns import key, of_project, owner, project_id
from storage.schema import Moment, metadata, one_of, partial_index

STATES = ("todo", "in_progress", "done", "skipped")
CADENCES = ("once", "daily", "weekly", "monthly", "quarterly", "per_stream")
KINDS = ("started", "done", "occurrence", "skipped", "reopened", "undone", "note", "changed", "added", "removed")
HOW = ("manual", "proposal", "undo")

task = sa.Table(
    "plan_task",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("phase", sa.Integer, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("cadence", sa.Text, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("cost_minor", sa.BigInteger, nullable=False),
    sa.Column("counts_after", sa.Integer, nullable=False),
    sa.Column("words", sa.LargeBinary, nullable=False),  # sealed JSON: title, detail, decisions, done_phrases
    sa.Column("due_on", sa.Date),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("is_removed", sa.Boolean, nullable=False),
    sa.Column("state_at", Moment, nullable=False),
    of_project(),
    sa.Index("uq_plan_task_id", "person_id", "project_id", "task_id", unique=True),
    one_of("state", *STATES),
    one_of("cadence", *CADENCES),
    sa.CheckConstraint("minutes >= 0 AND cost_minor >= 0 AND counts_after >= 1", name="counts_sane"),
)

event = sa.Table(
    "task_event",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),  # `person:1`, `operator:1`
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),  # local
    sa.Column("act_id", sa.BigInteger),
    sa.Column("proposal_id", sa.BigInteger),
    sa.Column("undoes", sa.BigInteger),
    sa.Column("note", sa.LargeBinary),
    sa.Column("evidence", sa.BigInteger),
    sa.Column("at", Moment, nullable=False),
    of_project(),
    sa.Index("ix_task_event_task", "person_id", "project_id", "task_id", "id"),
    partial_index("uq_task_event_undoes", "person_id", "undoes", where="undoes IS NOT NULL", unique=True),
    one_of("kind", *KINDS),
    one_of("how", *HOW),
)

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER task_event_append_only BEFORE UPDATE ON task_event "
        "BEGIN SELECT RAISE(ABORT, 'task_event is append only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION task_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'task_event is append only'; END $$",
        "CREATE TRIGGER task_event_append_only BEFORE UPDATE ON task_event "
        "FOR EACH ROW EXECUTE FUNCTION task_event_refuse()",
    ),
}
"""By dialect: what refuses the change of an event. Rows still go with their person's data."""


@sa.event.listens_for(event, "after_create")
def _refuse_changes(table: sa.Table, connection: sa.Connection, **_: object) -> None:
    for statement in APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)
