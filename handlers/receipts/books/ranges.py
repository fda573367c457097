"""Ranges of local dates, half-open, as a person names them (rules SUM-1, SUM-2).

A transaction keeps the local date that it was saved with, so a range is made of dates, not of moments: a day that is
23 or 25 hours long is one date like any other. Only "today" depends on the person's zone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

MONDAY = 0
_FIRST, _LAST = date(1, 1, 1), date(9999, 12, 31)
_DAY = timedelta(days=1)


class Unit(StrEnum):
    """A calendar period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Range:
    """The dates from `start` up to, not including, `end`; `unit` when it is one whole calendar period."""

    start: date
    end: date
    unit: Unit | None = None

    @property
    def days(self) -> int:
        """How many dates it holds."""
        return (self.end - self.start).days

    @property
    def previous(self) -> Range | None:
        """The equal range before: the calendar period before, or as many days; None where the calendar begins."""
        if self.unit in _MONTHS:
            return Range(_months_on(self.start, -_MONTHS[self.unit]), self.start, self.unit)
        if self.start.toordinal() <= self.days:
            return None
        return Range(self.start - timedelta(days=self.days), self.start, self.unit)


ALL = Range(_FIRST, _LAST)


def today(now: datetime, zone: str) -> date:
    """Return the date that a moment has in a person's zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def period(unit: Unit, day: date, *, week_start: int = MONDAY) -> Range:
    """Return the calendar period that holds a day; weeks begin on Monday (0) unless set otherwise."""
    if unit is Unit.DAY:
        return Range(day, day + _DAY, unit)
    if unit is Unit.WEEK:
        start = day - timedelta(days=(day.weekday() - week_start) % 7)
        return Range(start, start + timedelta(days=7), unit)
    months = _MONTHS[unit]
    start = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    return Range(start, _months_on(start, months), unit)


def before(unit: Unit, day: date, *, count: int = 1, week_start: int = MONDAY) -> Range:
    """Return the calendar period `count` periods before the one that holds a day."""
    found = period(unit, day, week_start=week_start)
    for _ in range(count):
        found = found.previous or found
    return found


def last_days(count: int, day: date) -> Range:
    """Return so many dates that end with a day ("last 7 days", rolling)."""
    return Range(day - timedelta(days=count - 1), day + _DAY)


def _months_on(start: date, months: int) -> date:
    index = start.year * 12 + start.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


# -- as words -----------------------------------------------------------------------------------------------------


@cache
def _vocabulary() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(Path(__file__).with_name("ranges.toml").read_text("utf-8"))
    return table


def read(words: Sequence[str], now: date, *, week_start: int = MONDAY) -> tuple[Range, int] | None:
    """Return the range that folded words begin with, and how many words it takes; None when they name none."""
    known = _vocabulary()
    for size in range(min(4, len(words)), 0, -1):
        phrase = " ".join(words[:size])
        found = _of_phrase(phrase, known, now, week_start)
        if found is not None:
            return found, size
    counted = _counted(words, known, now, week_start) or _quarter(words, known, now)
    return counted or _month(words, known, now) or _iso(words)


def _of_phrase(phrase: str, known: dict[str, Any], now: date, week_start: int) -> Range | None:
    if phrase in known["all"]:
        return ALL
    if phrase in known["back"]:
        unit, count = known["back"][phrase]
        return before(Unit(unit), now, count=count, week_start=week_start)
    return None


def _counted(words: Sequence[str], known: dict[str, Any], now: date, week_start: int) -> tuple[Range, int] | None:
    """Read "last 7 days", "ultimos 3 meses": rolling days, or whole periods up to the one that holds today."""
    if len(words) < 3 or words[0] not in known["rolling"] or not words[1].isdecimal():
        return None
    unit, count = known["units"].get(words[2]), int(words[1])
    if unit is None or not 0 < count <= 1000:
        return None
    if unit == Unit.DAY:
        return last_days(count, now), 3
    if unit == Unit.WEEK:
        return last_days(7 * count, now), 3
    start = before(Unit(unit), now, count=count - 1, week_start=week_start).start
    return Range(start, period(Unit(unit), now).end), 3


def _quarter(words: Sequence[str], known: dict[str, Any], now: date) -> tuple[Range, int] | None:
    """Read "q1", "first quarter of 2025", "2025 q1"; without a year the latest that has begun is meant."""
    before_it = 1 if words and _is_year(words[0]) else 0
    for size in (2, 1):
        named = words[before_it : before_it + size]
        number = known["quarters"].get(" ".join(named)) if len(named) == size else None
        if number is None:
            continue
        month, taken = 3 * number - 2, before_it + size
        if before_it:
            return period(Unit.QUARTER, date(int(words[0]), month, 1)), taken
        rest = [*words[taken : taken + 2], "", ""]
        skipped = 1 if rest[0] in known["of"] else 0
        if _is_year(rest[skipped]):
            return period(Unit.QUARTER, date(int(rest[skipped]), month, 1)), taken + skipped + 1
        return period(Unit.QUARTER, date(now.year if month <= now.month else now.year - 1, month, 1)), taken
    return None


def _month(words: Sequence[str], known: dict[str, Any], now: date) -> tuple[Range, int] | None:
    """Read "march", "march 2025", "march 5", "2025"; without a year the latest that has begun is meant."""
    month = known["months"].get(words[0]) if words else None
    if month is None:
        is_year = bool(words) and _is_year(words[0])
        return (period(Unit.YEAR, date(int(words[0]), 1, 1)), 1) if is_year else None
    rest = [*words[1:3], "", ""]
    skipped = 1 if rest[0] in known["of"] else 0
    if _is_year(rest[skipped]):
        return period(Unit.MONTH, date(int(rest[skipped]), month, 1)), 2 + skipped
    year = now.year if month <= now.month else now.year - 1
    if (day := _day(rest[0], year, month)) is not None:
        return period(Unit.DAY, day if day <= now else _year_before(day)), 2
    return period(Unit.MONTH, date(year, month, 1)), 1


def _day(word: str, year: int, month: int) -> date | None:
    try:
        return date(year, month, int(word)) if word.isdecimal() and len(word) <= 2 else None
    except ValueError:
        return None


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isdecimal() and 1990 <= int(word) <= 2100


def _iso(words: Sequence[str]) -> tuple[Range, int] | None:
    """Read "2026-03-15" or "2026-03"."""
    if not words:
        return None
    try:
        if len(words[0]) == len("2026-03"):
            return period(Unit.MONTH, date.fromisoformat(f"{words[0]}-01")), 1
        return period(Unit.DAY, date.fromisoformat(words[0])), 1
    except ValueError:
        return None
