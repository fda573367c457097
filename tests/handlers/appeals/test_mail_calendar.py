"""Days without mail (rule DL-6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.appeals.mail_calendar import federal_holidays, packaged_calendar

CALENDAR = packaged_calendar()


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_the_stated_days_are_those_of_the_law(year: int) -> None:
    assert {day for day in CALENDAR.days if day.year == year} == federal_holidays(year)


def test_years_beyond_the_table_follow_the_law() -> None:
    assert not CALENDAR.is_business_day(date(2029, 11, 22))
    assert CALENDAR.is_business_day(date(2029, 11, 21))


def test_dl_6_actual_and_observed_days_both_count() -> None:
    assert not CALENDAR.is_business_day(date(2027, 6, 18))
    assert not CALENDAR.is_business_day(date(2027, 7, 5))
    assert not CALENDAR.is_business_day(date(2027, 12, 31))


@given(st.dates(date(2025, 1, 1), date(2032, 12, 31)), st.integers(0, 15))
def test_dl_7_mail_by_is_the_latest_day_that_arrives_in_time(deadline: date, needed: int) -> None:
    start = CALENDAR.latest_start(deadline, needed)
    assert CALENDAR.is_business_day(start)
    assert CALENDAR.add(start, needed) <= deadline
    later = CALENDAR.on_or_after(start + timedelta(days=1))
    assert CALENDAR.add(later, needed) > deadline
