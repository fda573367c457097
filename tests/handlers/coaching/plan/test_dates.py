"""When a community can open and when phases end (TP-2, TP-3, NG-4)."""

from __future__ import annotations

from datetime import date, timedelta

from handlers.coaching.plan import dates
from tests.handlers.coaching.plan.plans import MONDAY, plan, with_done_ids
from tests.rows import each


@each(
    "hours, weeks, is_usual",
    [(7, 4, True), (10, 3, True), (6, 5, True), (4, 7, False), (5, 6, False), (28, 1, False), (80, 1, False)],
)
def test_tp_2_c70_the_earliest_opening(hours: int, weeks: int, is_usual: bool) -> None:
    assert dates.earliest_opening(plan(), hours, MONDAY) == MONDAY + timedelta(weeks=weeks)
    assert dates.is_usual(plan(), weeks) is is_usual


def test_tp_2_steady_work_is_about_nine_and_a_half_hours_a_week() -> None:
    assert round(dates.steady_minutes(plan().tasks()) / 60, 1) == 9.6


def test_tp_3_the_phases_before_the_opening_stretch_to_it() -> None:
    found = {one.n: one for one in dates.phase_dates(plan(), date(2026, 3, 2), date(2026, 4, 6))}
    assert found[1].starts == date(2026, 3, 2)
    assert found[1].ends == date(2026, 3, 14)
    assert found[2].ends == date(2026, 4, 6)
    assert found[3].starts == date(2026, 4, 6)
    assert found[4].ends is None


def test_tp_3_without_a_date_the_plan_stands_as_the_file_has_it() -> None:
    found = {one.n: one for one in dates.phase_dates(plan(), date(2026, 3, 2), None)}
    assert (found[1].ends, found[2].ends, found[3].starts) == (date(2026, 3, 9), date(2026, 3, 23), date(2026, 3, 23))
    assert found[4].starts == date(2026, 5, 2)


def test_ng_4_a_new_opening_fits_what_is_open() -> None:
    tasks = with_done_ids(plan().tasks(), "1.1", "1.2", "1.3")
    left = dates.open_minutes(plan(), tasks)
    assert left == 1680 - 120 - 180 - 300
    assert dates.new_opening(left, 7, MONDAY) == MONDAY + timedelta(weeks=3)
    assert dates.new_opening(0, 7, MONDAY) == MONDAY + timedelta(weeks=1)
