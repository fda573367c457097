"""The tasks of a plan as rows of their project, and every change of one as an event (rules TK-1, TK-2).

Events are only ever added: a trigger refuses their change. Un-ticking adds an event that names the one it takes back;
each can be taken back once, by index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from storage.coaching.columns import OF_PERSON, OF_PROJECT, key, mine, of_project, owner, project_id
from storage.schema import Moment, metadata, one_of, partial_index
from storage.work import Work

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


@dataclass(frozen=True, slots=True)
class PlanTask:
    """One task of a running plan, with the local days on which it happened and when it was finished."""

    task_id: str
    phase: int
    position: int
    title: str
    detail: str
    cadence: str
    minutes: int
    cost_minor: int = 0
    counts_after: int = 1
    decisions: tuple[str, ...] = ()
    done_phrases: tuple[tuple[str, ...], ...] = ()
    state: str = "todo"
    due_on: date | None = None
    is_removed: bool = False
    days: tuple[date, ...] = ()

    @property
    def is_once(self) -> bool:
        """Tell whether it is done once and for all."""
        return self.cadence == "once"

    @property
    def counts(self) -> bool:
        """Tell whether it counts as done for progress (TK-2)."""
        return self.state == "done" if self.is_once else len(self.days) >= self.counts_after

    @property
    def is_open(self) -> bool:
        """Tell whether something is still to be done about it: neither done, skipped nor removed."""
        return not self.is_removed and self.state != "skipped" and not (self.is_once and self.state == "done")


_ALL = (
    sa.select(task)
    .where(task.c.person_id == OF_PERSON, task.c.project_id == OF_PROJECT)
    .order_by(task.c.phase, task.c.position, task.c.id)
)
_EVENTS = (
    sa.select(event)
    .where(event.c.person_id == OF_PERSON, event.c.project_id == OF_PROJECT)
    .order_by(event.c.task_id, event.c.id)
    .limit(sa.bindparam("most"))
)
_WORDS = ("title", "detail", "decisions", "done_phrases")


def _sealed(work: Work, new: PlanTask) -> bytes:
    return work.seal.seal(orjson.dumps({name: getattr(new, name) for name in _WORDS}))


def add_all(work: Work, person_id: int, project_id: int, tasks: Sequence[PlanTask]) -> None:
    """Copy tasks into a project (PJ-2)."""
    work.claim_all(
        task.insert(),
        [
            {
                "id": work.new_id(), "person_id": person_id, "project_id": project_id, "task_id": new.task_id,
                "phase": new.phase, "position": new.position, "cadence": new.cadence, "minutes": new.minutes,
                "cost_minor": new.cost_minor, "counts_after": new.counts_after, "words": _sealed(work, new),
                "due_on": new.due_on, "state": "todo", "is_removed": False, "state_at": work.now,
            }
            for new in tasks
        ],
    )  # fmt: skip


def load_all(work: Work, person_id: int, project_id: int) -> list[PlanTask]:
    """Return all tasks of a project in their order, removed ones too, each with the days on which it happened."""
    rows = work.rows(_ALL, mine(person_id, project_id))
    happened: dict[str, list[date]] = {}
    for one in _standing(events(work, person_id, project_id), ("done", "occurrence")):
        happened.setdefault(one.task_id, []).append(one.day)
    return [_opened(work, row, happened.get(row.task_id, [])) for row in rows]


def _opened(work: Work, row: sa.Row[Any], days: list[date]) -> PlanTask:
    body = orjson.loads(work.seal.open(row.words))
    return PlanTask(
        row.task_id, row.phase, row.position, body["title"], body["detail"], row.cadence, row.minutes, row.cost_minor,
        row.counts_after, tuple(body["decisions"]), tuple(tuple(one) for one in body["done_phrases"]), row.state,
        row.due_on, row.is_removed, tuple(sorted(days)),
    )  # fmt: skip


def _standing(rows: Sequence[sa.Row[Any]], kinds: tuple[str, ...]) -> list[sa.Row[Any]]:
    """Return the events of some kinds that no later event took back."""
    taken = {row.undoes for row in rows if row.undoes is not None}
    return [row for row in rows if row.kind in kinds and row.id not in taken]


def events(work: Work, person_id: int, project_id: int, limit: int = 2000) -> list[sa.Row[Any]]:
    """Return what happened to a project's tasks, oldest first within each task."""
    return work.rows(_EVENTS, mine(person_id, project_id) | {"most": limit})


def newest_event(work: Work, person_id: int, project_id: int, *, task_id: str) -> sa.Row[Any] | None:
    """Return the newest event by which a task stands done or skipped, or has happened, for what takes it back."""
    mine = [one for one in events(work, person_id, project_id) if one.task_id == task_id]
    standing = _standing(mine, ("done", "occurrence", "skipped"))
    return standing[-1] if standing else None


def set_state(work: Work, person_id: int, project_id: int, *, task_id: str, state: str) -> bool:
    """Change a task's state; False when it is in that state already."""
    moved = work.claim(
        task.update()
        .where(*_one(person_id, project_id, task_id), task.c.state != state)
        .values(state=state, state_at=work.now)
    )
    return moved.rowcount == 1


def record(
    work: Work, person_id: int, project_id: int, *, task_id: str, kind: str, day: date, how: str = "manual",
    act_id: int | None = None, proposal_id: int | None = None, undoes: int | None = None, text: str | None = None,
    evidence: int | None = None,
) -> int:  # fmt: skip
    """Add an event of a task and return its id."""
    new_id = work.new_id()
    work.claim(
        event.insert().values(
            id=new_id, person_id=person_id, project_id=project_id, task_id=task_id, kind=kind, day=day, how=how,
            who=f"person:{person_id}", act_id=act_id, proposal_id=proposal_id, undoes=undoes, evidence=evidence,
            note=work.seal.seal(text.encode()) if text else None, at=work.now,
        )
    )  # fmt: skip
    return new_id


def change(work: Work, person_id: int, project_id: int, new: PlanTask) -> None:
    """Store a task's words, place, date and whether it was removed, as they are now."""
    work.claim(
        task.update()
        .where(*_one(person_id, project_id, new.task_id))
        .values(
            phase=new.phase, position=new.position, words=_sealed(work, new), due_on=new.due_on,
            is_removed=new.is_removed, state_at=work.now,
        )
    )  # fmt: skip


def _one(person_id: int, project_id: int, task_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (task.c.person_id == person_id, task.c.project_id == project_id, task.c.task_id == task_id)


def removed(one: PlanTask) -> PlanTask:
    """Return a task as it is when it left the plan; its row and its events stay."""
    return replace(one, is_removed=True)
