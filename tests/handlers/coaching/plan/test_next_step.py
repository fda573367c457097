"""The next step and the present phase are computed, never remembered (TK-4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from handlers.coaching.plan.next_step import current_phase, next_step
from storage.coaching.tasks import PlanTask
from tests.handlers.coaching.plan.plans import MONDAY, finished, plan, with_done_ids
from tests.rows import each

ALL = ("platform", "pricing", "structure", "content", "timeline")
ONCE = tuple(task.task_id for task in plan().tasks() if task.is_once)
PREPARED = tuple(one for one in ONCE if one[0] in "12")


def _next(done: tuple[str, ...], decided: tuple[str, ...]) -> str:
    found = next_step(plan(), with_done_ids(plan().tasks(), *done), decided, MONDAY)
    if found.decision is not None:
        return found.decision.category
    return found.task.task_id if found.task else "nothing"


@each(
    "done, decided, expected",
    [
        ((), (), "platform"),
        ((), ("platform",), "pricing"),
        ((), ("platform", "pricing", "structure", "content"), "1.1"),
        (("1.1", "1.2", "1.3"), ALL[:4], "1.4"),
        (("1.1", "1.2", "1.3", "1.4"), ALL[:4], "timeline"),
        (("1.1", "1.2", "1.3", "1.4"), ALL, "2.1"),
        (("1.1", "1.2", "1.3", "1.4"), ("timeline",), "2.1"),
        (PREPARED, ALL, "4.2"),
        (ONCE, (), "platform"),
        (ONCE, ALL, "3.1"),
    ],
)
def test_tk_4_the_next_step(done: tuple[str, ...], decided: tuple[str, ...], expected: str) -> None:
    assert _next(done, decided) == expected


def test_tk_4_the_recurring_task_that_is_due_soonest() -> None:
    def with_days(task: PlanTask) -> PlanTask:
        if task.is_once:
            return finished(task)
        return replace(task, days=(MONDAY + timedelta(days=6 if task.task_id == "3.2" else 7),))

    found = next_step(plan(), [with_days(task) for task in plan().tasks()], ALL, MONDAY)
    assert found.task is not None
    assert (found.task.task_id, found.due_on) == ("3.2", date(2026, 3, 9))


def test_tk_4_nothing_is_next_when_everything_was_skipped() -> None:
    skipped = [replace(task, state="skipped") for task in plan().tasks()]
    found = next_step(plan(), skipped, ALL, MONDAY)
    assert (found.decision, found.task) == (None, None)


@each("done, phase", [((), 1), (("1.1", "1.2", "1.3", "1.4"), 2), (PREPARED, 4), (ONCE, None), (("2.1",), 1)])
def test_the_present_phase_is_the_lowest_with_an_open_once_task(done: tuple[str, ...], phase: int | None) -> None:
    assert current_phase(with_done_ids(plan().tasks(), *done)) == phase
