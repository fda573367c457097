"""Streaks and next days of what comes again (TK-2)."""

from __future__ import annotations

from datetime import date, timedelta

from handlers.coaching.plan.rhythm import due, months_after, streak
from tests.handlers.coaching.plan.plans import plan
from tests.rows import each

MONDAY = date(2026, 3, 2)
Days = tuple[int, ...]


@each(
    "cadence, days, today, expected",
    [
        ("weekly", (0, 7, 14), 14, 3),
        ("weekly", (0, 7, 14), 20, 3),
        ("weekly", (0, 7, 14), 27, 3),
        ("weekly", (0, 7, 14), 28, 0),
        ("weekly", (0, 1, 2), 2, 1),
        ("weekly", (6, 7), 7, 2),
        ("weekly", (0, 14), 14, 1),
        ("daily", (0, 1, 2), 2, 3),
        ("daily", (0, 1, 2), 3, 3),
        ("daily", (0, 1, 2), 4, 0),
        ("daily", (0, 2), 2, 1),
        ("monthly", (0, 30, 60), 60, 3),
        ("quarterly", (0, 30, 60), 60, 2),
        ("per_stream", (0, 9, 40), 90, 3),
        ("daily", (), 5, 0),
    ],
)
def test_tk_2_a_streak_counts_periods_in_a_row(cadence: str, days: Days, today: int, expected: int) -> None:
    at = [MONDAY + timedelta(days=n) for n in days]
    assert streak(cadence, at, MONDAY + timedelta(days=today)) == expected


def test_c65_a_pause_freezes_a_streak() -> None:
    days = [MONDAY, MONDAY + timedelta(days=7)]
    rested = (MONDAY + timedelta(days=10), MONDAY + timedelta(days=24))
    later = MONDAY + timedelta(days=28)
    assert streak("weekly", days, later) == 0
    assert streak("weekly", days, later, [rested]) == 2
    assert streak("weekly", [*days, later], later, [rested]) == 3
    assert streak("daily", [MONDAY], MONDAY + timedelta(days=9), [(MONDAY + timedelta(days=1), None)]) == 1


def test_c22_three_weeks_in_a_row_count() -> None:
    task = next(task for task in plan().tasks() if task.task_id == "3.1")
    assert (task.cadence, task.counts_after) == ("weekly", 3)
    assert {one.cadence: one.counts_after for one in plan().tasks() if not one.is_once} == {
        "weekly": 3, "daily": 7, "per_stream": 3, "monthly": 1, "quarterly": 1,
    }  # fmt: skip


@each(
    "cadence, last, expected",
    [
        ("daily", date(2026, 3, 2), date(2026, 3, 3)),
        ("weekly", date(2026, 3, 2), date(2026, 3, 9)),
        ("monthly", date(2026, 1, 31), date(2026, 2, 28)),
        ("quarterly", date(2026, 11, 30), date(2027, 2, 28)),
        ("per_stream", date(2026, 3, 2), date.max),
    ],
)
def test_tk_4_a_recurring_task_is_due_a_period_later(cadence: str, last: date, expected: date) -> None:
    assert due(cadence, [last], MONDAY) == expected


def test_a_recurring_task_begins_with_the_opening() -> None:
    assert due("weekly", [], date(2026, 4, 6)) == date(2026, 4, 6)


@each(
    "day, months, expected",
    [(date(2028, 1, 31), 1, date(2028, 2, 29)), (date(2026, 5, 31), 1, date(2026, 6, 30)),
     (date(2026, 12, 15), 1, date(2027, 1, 15)), (date(2026, 3, 2), 0, date(2026, 3, 2))],
)  # fmt: skip
def test_months_later(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected
