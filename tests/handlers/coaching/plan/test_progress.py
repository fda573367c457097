"""How far a plan is, from exact fractions (PG-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from handlers.coaching.plan.progress import Progress, progress, time_elapsed
from storage.coaching.tasks import PlanTask, removed
from tests.handlers.coaching.plan.plans import plan, with_done
from tests.rows import each


def _progress(tasks: list[PlanTask], decided: int) -> Progress:
    return progress(tasks, decided, decisions=5, planning_weight=30, execution_weight=70)


@each(
    "decided, done, planning, execution, overall",
    [
        (0, 0, 0, 0, 0),
        (1, 1, 20, 4, 9),
        (3, 4, 60, 18, 30),
        (5, 0, 100, 0, 30),
        (2, 7, 40, 31, 34),
        (0, 22, 0, 100, 70),
        (5, 21, 100, 95, 96),
        (5, 22, 100, 100, 100),
    ],
)
def test_c26_progress(decided: int, done: int, planning: int, execution: int, overall: int) -> None:
    found = _progress(with_done(plan().tasks(), done), decided)
    assert (found.planning, found.execution, found.overall) == (planning, execution, overall)
    assert (found.decided, found.done, found.tasks) == (decided, done, 22)


def test_c27_removed_tasks_change_the_totals() -> None:
    tasks = with_done(plan().tasks(), 20)
    found = _progress([*tasks[:20], *map(removed, tasks[20:])], 5)
    assert (found.tasks, found.overall) == (20, 100)


def test_c28_skipped_tasks_leave_the_denominator() -> None:
    tasks = with_done(plan().tasks(), 11)
    skipped = [*tasks[:11], *(replace(task, state="skipped") for task in tasks[11:])]
    assert (_progress(skipped, 0).execution, _progress(skipped, 0).tasks) == (100, 11)
    assert _progress([replace(task, state="skipped") for task in tasks], 5).overall == 100


@each(
    "today, percent",
    [(date(2026, 3, 16), 40), (date(2026, 3, 1), 0), (date(2026, 3, 2), 0), (date(2026, 4, 6), 100),
     (date(2026, 5, 1), 100), (date(2026, 4, 5), 97)],
)  # fmt: skip
def test_pg_1_time(today: date, percent: int) -> None:
    assert time_elapsed(date(2026, 3, 2), date(2026, 4, 6), today) == percent


def test_pg_1_time_is_absent_without_a_date() -> None:
    assert time_elapsed(date(2026, 3, 2), None, date(2026, 3, 16)) is None


def test_an_opening_on_the_first_day_is_over_at_once_afterwards() -> None:
    assert time_elapsed(date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 3)) == 100
