"""Ranges of dates as persons name them (SUM-1, SUM-2, SM-2, SM-3, SM-10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.receipts.books.ranges import ALL, Range, Unit, before, last_days, period, read, today

TODAY = date(2026, 3, 18)
DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


def test_sm_2_the_last_hour_of_march_is_march() -> None:
    moment = datetime(2026, 4, 1, 6, 30, tzinfo=UTC)
    assert today(moment, "America/Los_Angeles") == date(2026, 3, 31)
    assert period(Unit.MONTH, today(moment, "America/Los_Angeles")) == Range(
        date(2026, 3, 1), date(2026, 4, 1), Unit.MONTH
    )


def test_sm_3_the_week_of_the_change_of_clocks_has_seven_dates() -> None:
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    seen = [today(start + timedelta(hours=n), "America/Los_Angeles") for n in range(14 * 24)]
    week = period(Unit.WEEK, date(2026, 3, 8))
    assert week == Range(date(2026, 3, 2), date(2026, 3, 9), Unit.WEEK)
    assert sorted({day for day in seen if week.start <= day < week.end}) == [
        week.start + timedelta(n) for n in range(7)
    ]
    assert seen == sorted(seen)


def test_sm_10_the_range_follows_the_new_zone() -> None:
    moment = datetime(2026, 3, 31, 18, tzinfo=UTC)
    assert today(moment, "America/New_York") == date(2026, 3, 31)
    assert today(moment, "Asia/Tokyo") == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", (2026, 3, 18), (2026, 3, 19)),
        ("q1", (2026, 1, 1), (2026, 4, 1)),
        ("q4", (2025, 10, 1), (2026, 1, 1)),
        ("q2 2024", (2024, 4, 1), (2024, 7, 1)),
        ("q2 of 2024", (2024, 4, 1), (2024, 7, 1)),
        ("2024 q2", (2024, 4, 1), (2024, 7, 1)),
        ("first quarter", (2026, 1, 1), (2026, 4, 1)),
        ("third quarter 2025", (2025, 7, 1), (2025, 10, 1)),
        ("primer trimestre", (2026, 1, 1), (2026, 4, 1)),
        ("last quarter", (2025, 10, 1), (2026, 1, 1)),
        ("this quarter", (2026, 1, 1), (2026, 4, 1)),
        ("previous quarter", (2025, 10, 1), (2026, 1, 1)),
        ("current month", (2026, 3, 1), (2026, 4, 1)),
        ("past month", (2026, 2, 1), (2026, 3, 1)),
        ("yesterday", (2026, 3, 17), (2026, 3, 18)),
        ("this week", (2026, 3, 16), (2026, 3, 23)),
        ("last week", (2026, 3, 9), (2026, 3, 16)),
        ("last 7 days", (2026, 3, 12), (2026, 3, 19)),
        ("last 3 months", (2026, 1, 1), (2026, 4, 1)),
        ("last month", (2026, 2, 1), (2026, 3, 1)),
        ("last year", (2025, 1, 1), (2026, 1, 1)),
        ("march", (2026, 3, 1), (2026, 4, 1)),
        ("december", (2025, 12, 1), (2026, 1, 1)),
        ("march 2024", (2024, 3, 1), (2024, 4, 1)),
        ("march 5", (2026, 3, 5), (2026, 3, 6)),
        ("march 20", (2025, 3, 20), (2025, 3, 21)),
        ("marzo de 2025", (2025, 3, 1), (2025, 4, 1)),
        ("2025", (2025, 1, 1), (2026, 1, 1)),
        ("2026-02", (2026, 2, 1), (2026, 3, 1)),
        ("2026-02-03", (2026, 2, 3), (2026, 2, 4)),
        ("ultimos 7 dias", (2026, 3, 12), (2026, 3, 19)),
    ],
)
def test_sum_1_ranges_in_words(text: str, start: tuple[int, int, int], end: tuple[int, int, int]) -> None:
    found = read(text.split(), TODAY)
    assert found is not None
    assert (found[0].start, found[0].end, found[1]) == (date(*start), date(*end), len(text.split()))


@pytest.mark.parametrize("text", ["", "starbucks", "last", "2026-13-01", "maybe", "99", "february 30 2026 x"])
def test_words_that_name_no_range(text: str) -> None:
    found = read(text.split(), TODAY)
    assert found is None or text.startswith("february")


def test_sum_1_the_week_may_begin_on_sunday() -> None:
    assert period(Unit.WEEK, TODAY, week_start=6).start == date(2026, 3, 15)


@given(DAYS, st.sampled_from(Unit), st.integers(0, 6))
def test_sum_1_periods_cover_every_date_once(day: date, unit: Unit, week_start: int) -> None:
    found = period(unit, day, week_start=week_start)
    assert found.start <= day < found.end
    assert found.previous is not None
    assert found.previous.end == found.start
    assert found.previous == before(unit, day, week_start=week_start)
    assert period(unit, found.end - timedelta(days=1), week_start=week_start) == found
    assert period(unit, found.end, week_start=week_start).start == found.end


@given(DAYS, st.integers(1, 400))
def test_sum_2_rolling_days_end_today(day: date, count: int) -> None:
    found = last_days(count, day)
    assert found.days == count
    assert found.end == day + timedelta(days=1)
    assert found.previous is not None
    assert found.previous.days == count


def test_all_has_no_range_before_it() -> None:
    assert ALL.previous is None
