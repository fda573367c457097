"""What the tables of coaching refuse by themselves, whatever the code does (coaching rules, section 11)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from storage.coaching.acts import act
from storage.coaching.care import care, checkin, promise
from storage.coaching.decisions import decision
from storage.coaching.messages import message, summary
from storage.coaching.model_calls import model_call
from storage.coaching.profiles import profile
from storage.coaching.projects import pause, project
from storage.coaching.proposals import proposal
from storage.coaching.tasks import event, task
from storage.coaching.turns import spend, turn
from storage.work import Work
from tests.storage.coaching.kit import ANN, FOREIGN, NOW, PROJECT, TODAY, put

Rows = tuple[sa.Table, tuple[dict[str, Any], ...]]


def _twice(table: sa.Table, **values: Any) -> Rows:
    return table, (values, values)


def _once(table: sa.Table, **values: Any) -> Rows:
    return table, (values,)


CURRENT = {"state": "current", "category": "pricing"}
PENDING = {"state": "pending", "subject": "pricing", "kind": "decision"}
MESSAGE = {"state": "received", "channel": "sms", "provider_id": "SM1"}

REFUSED: dict[str, Rows] = {
    "a second profile": _twice(profile, hours_per_week=5),
    "a profile of no hours": _once(profile, hours_per_week=0),
    "a profile of 81 hours": _once(profile, hours_per_week=81),
    "more followers than people": _once(profile, follower_count=1_000_000_001),
    "an engagement above all": _once(profile, engagement_bps=10_001),
    "an unknown platform": _once(profile, primary_platform="myspace"),
    "a second active project": _once(project, code="P-3"),
    "a project of no known status": _once(project, code="P-3", status="forgotten"),
    "a task id twice": _twice(task, task_id="1.1", state="todo"),
    "a task of no known state": _once(task, task_id="1.1", state="half"),
    "an event of a kind of its own": _once(event, kind="dreamt"),
    "an event undone twice": _twice(event, kind="undone", undoes=5),
    "two current decisions": _twice(decision, **CURRENT),
    "a decision superseded by nothing": _once(decision, state="superseded"),
    "a current decision that is superseded": _once(decision, **CURRENT, superseded_by=5),
    "a decision undone at no time": _once(decision, state="undone"),
    "a decision without the person's message": _once(decision, **CURRENT, message_id=None),
    "a decision of an untyped value": _once(decision, **CURRENT, value_type="any"),
    "two pending proposals of a subject": _twice(proposal, **PENDING),
    "a pending proposal that is closed": _once(proposal, **PENDING, closed_at=NOW),
    "a closed proposal without its moment": _once(proposal, **PENDING | {"state": "saved"}),
    "an act of a kind of its own": _once(act, kind="dreamt"),
    "a message delivered twice": _twice(message, **MESSAGE),
    "a person's message of no provider": _once(message, **MESSAGE | {"provider_id": None}),
    "a number twice": (message, tuple(MESSAGE | {"provider_id": one, "project_id": PROJECT} for one in "ab")),
    "two current summaries": _twice(summary, state="current", source="model"),
    "an operation twice": _twice(turn, state="answered", operation="one"),
    "two running turns": (turn, tuple({"state": "running", "operation": one} for one in "ab")),
    "two waiting turns": (turn, tuple({"state": "waiting", "operation": one} for one in "ab")),
    "the same call twice": _twice(model_call, turn_id=7, attempt=1),
    "a call of a negative price": _once(model_call, nano_usd=-1),
    "a day's spend twice": _twice(spend),
    "two open promises": _twice(promise, state="open"),
    "a check-in twice": _twice(checkin, kind="checkin", period="2026-03-09", state="due"),
    "a second row of care": _twice(care),
    "two open pauses": _twice(pause),
    "a pause that ends before it begins": _once(pause, from_day=TODAY, until_day=TODAY),
}

ALLOWED: dict[str, Rows] = {
    "a second project that is paused": _once(project, code="P-3", status="paused"),
    "old decisions of a category beside the current one": (
        decision,
        (
            CURRENT,
            CURRENT | {"state": "superseded", "superseded_by": 9},
            CURRENT | {"state": "undone", "undone_at": NOW},
        ),
    ),
    "a proposal after one that was declined": (proposal, (PENDING | {"state": "declined", "closed_at": NOW}, PENDING)),
    "two messages of the coach": (
        message,
        tuple(MESSAGE | {"role": "coach", "provider_id": None, "project_id": PROJECT, "number": n} for n in (1, 2)),
    ),
    "two events that take others back": (event, tuple({"kind": "undone", "undoes": n} for n in (5, 6))),
    "a profile that is empty": _once(profile),
    "a task": _once(task, task_id="1.1", state="todo"),
    "a turn": _once(turn, state="answered"),
    "a call": _once(model_call),
    "an act": _once(act, kind="save"),
    "care": _once(care),
}


def test_the_database_refuses(work: Work) -> None:
    """Of each case all rows but the last are taken, and the last is refused for a rule of its own table."""
    for table, rows in REFUSED.values():
        for values in rows[:-1]:
            put(work, table, **values)
        with pytest.raises(sa.exc.IntegrityError, match=table.name):
            put(work, table, **rows[-1])
        work.undo()


def test_the_database_allows(work: Work) -> None:
    for table, rows in ALLOWED.values():
        for values in rows:
            put(work, table, **values)
        work.undo()


def test_tk_1_no_event_is_ever_changed(work: Work) -> None:
    put(work, event, kind="done")
    with pytest.raises(sa.exc.DBAPIError, match="append only"):
        work.claim(event.update().values(kind="skipped"))


def test_pj_2_a_row_belongs_to_the_project_of_its_own_person(work: Work) -> None:
    put(work, task, task_id="1.1", state="todo", project_id=PROJECT, person_id=ANN)
    work.keep()
    work._session.commit()
    work._session.begin()
    put(work, task, task_id="1.2", state="todo", project_id=FOREIGN, person_id=ANN)
    work.keep()
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        work._session.commit()
