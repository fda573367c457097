"""Days on which no letter is printed or carried.

A business day of the post is no weekend and no holiday; both the holiday itself and the day it is observed on are left
out, so that counting always rounds early. The packaged table states 2026 to 2028; other years follow 5 U.S.C. 6103.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

from handlers.appeals.city import Stated

DAY = timedelta(days=1)
SATURDAY = 5


class NoMail(BaseModel):
    """One day without mail."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: date
    name: str
    kind: Literal["actual", "observed"]


class MailYears(Stated):
    """The packaged table."""

    id: str
    years: tuple[int, ...]
    non_business_days: tuple[NoMail, ...]


@dataclass(frozen=True, slots=True)
class MailCalendar:
    """The stated days without mail and the years they are complete for."""

    days: frozenset[date]
    years: frozenset[int]

    def is_business_day(self, day: date) -> bool:
        """Say whether the post works on this day."""
        holidays = self.days if day.year in self.years else self.days | federal_holidays(day.year)
        return day.weekday() < SATURDAY and day not in holidays

    def on_or_after(self, day: date) -> date:
        """Return the first business day that is not before `day`."""
        while not self.is_business_day(day):
            day += DAY
        return day

    def on_or_before(self, day: date) -> date:
        """Return the last business day that is not after `day`."""
        while not self.is_business_day(day):
            day -= DAY
        return day

    def add(self, day: date, business_days: int) -> date:
        """Return the business day that comes this many business days after `day`."""
        for _ in range(business_days):
            day = self.on_or_after(day + DAY)
        return day

    def latest_start(self, deadline: date, business_days: int) -> date:
        """Return the latest business day B with B + `business_days` business days not after `deadline` (rule DL-7)."""
        day = self.on_or_before(deadline)
        for _ in range(business_days):
            day = self.on_or_before(day - DAY)
        return day


@cache
def packaged_calendar() -> MailCalendar:
    """Load the packaged table of days without mail."""
    file = resources.files("handlers.appeals") / "data" / "mail_calendar.json"
    table = MailYears.model_validate_json(file.read_bytes())
    return MailCalendar(frozenset(day.date for day in table.non_business_days), frozenset(table.years))


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """Return a year's federal holidays with their observed days (5 U.S.C. 6103; a Saturday moves to Friday)."""
    fixed = [date(year, month, day) for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))]
    floating = [_nth_monday(year, 1, 3), _nth_monday(year, 2, 3), _nth_monday(year, 9, 1), _nth_monday(year, 10, 2)]
    last_monday_of_may = _nth_monday(year, 5, 4)
    if last_monday_of_may.day + 7 <= 31:
        last_monday_of_may += 7 * DAY
    first_thursday = date(year, 11, 1) + (3 - date(year, 11, 1).weekday()) % 7 * DAY
    days = [*fixed, *floating, last_monday_of_may, first_thursday + 21 * DAY]
    return frozenset(days) | frozenset(_observed([*fixed, date(year + 1, 1, 1)], year))


def _nth_monday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + ((7 - first.weekday()) % 7 + 7 * (nth - 1)) * DAY


def _observed(days: Iterable[date], year: int) -> set[date]:
    shift = {5: -DAY, 6: DAY}
    moved = (day + shift[day.weekday()] for day in days if day.weekday() in shift)
    return {day for day in moved if day.year == year}
