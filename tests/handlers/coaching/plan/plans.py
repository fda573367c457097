"""The shipped plan for tests, and its tasks in whatever state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from handlers.coaching.plan.template import Template, shelf
from storage.coaching.tasks import PlanTask

NAME = "premium-community"
MONDAY = date(2026, 3, 2)


def plan() -> Template:
    """Return the plan that ships with the program."""
    return shelf().templates[NAME]


def finished(task: PlanTask, day: date = MONDAY) -> PlanTask:
    """Return a task that counts as done."""
    if task.is_once:
        return replace(task, state="done", days=(day,))
    return replace(task, days=tuple(day + timedelta(days=n) for n in range(task.counts_after)))


def with_done(tasks: Iterable[PlanTask], count: int) -> list[PlanTask]:
    """Return the tasks, the first `count` of them done."""
    return [finished(task) if n < count else task for n, task in enumerate(tasks)]


def with_done_ids(tasks: Iterable[PlanTask], *ids: str) -> list[PlanTask]:
    """Return the tasks, those of these ids done."""
    return [finished(task) if task.task_id in ids else task for task in tasks]
