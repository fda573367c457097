"""US federal holidays (5 U.S.C. 6103), on their day and on the weekday on which they are observed."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

_FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6


def is_holiday(day: date) -> bool:
    """Tell whether a day is a federal holiday or the weekday on which one is observed."""
    return day in _of(day.year) or day in _of(day.year + 1)


@cache
def _of(year: int) -> frozenset[date]:
    days = {date(year, month, day) for month, day in _FIXED}
    days |= {day + timedelta(1) for day in days if day.weekday() == _SUNDAY} | {
        day - timedelta(1) for day in days if day.weekday() == _SATURDAY
    }
    return frozenset(
        days
        | {
            _nth(year, 1, _MONDAY, 3),
            _nth(year, 2, _MONDAY, 3),
            _nth(year, 6, _MONDAY, 1) - timedelta(7),
            _nth(year, 9, _MONDAY, 1),
            _nth(year, 10, _MONDAY, 2),
            _nth(year, 11, _THURSDAY, 4),
        }
    )


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (which - 1))
