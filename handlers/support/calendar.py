"""The hours in which the team works, and time counted in them (section SLA of the business rules).

Everything is counted between instants, so a day on which clocks change is as long as it is. A deadline is the first
instant at which the time is used up: eight hours from nine end at five, not at nine of the next day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core.quiet.holidays import is_holiday

DATA = Path(__file__).with_name("data") / "calendar.toml"
_DAY_MINUTES = 24 * 60
_LONGEST_DAYS = 366 * 5

Minutes = tuple[int, int]
"""A span of a local day in minutes since its midnight, half-open."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working spans by weekday in a zone, without the days that are off."""

    zone: str
    week: tuple[tuple[Minutes, ...], ...]
    federal: bool = False
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a calendar in which no time ever passes, or whose spans lie over each other."""
        for spans in self.week:
            edges = [edge for span in spans for edge in span]
            if edges != sorted(set(edges)) or (edges and not 0 <= edges[0] < edges[-1] <= _DAY_MINUTES):
                raise ValueError(f"spans {spans} are empty, out of order or not of one day")
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("a calendar needs seven days and at least one span")

    def due(self, start: datetime, span: timedelta) -> datetime:
        """Return the first instant at which this much working time has passed since `start`."""
        start, left = start.astimezone(UTC), span
        if span <= timedelta():
            return start
        for opens, closes in self._from(start):
            begin = max(opens, start)
            if closes - begin >= left:
                return begin + left
            left -= closes - begin
        raise ValueError("the calendar has no working time in years")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from `start` to `end`; none when `end` is not later."""
        start, end, passed = start.astimezone(UTC), end.astimezone(UTC), timedelta()
        for opens, closes in self._from(start):
            if opens >= end:
                break
            passed += max(min(closes, end) - max(opens, start), timedelta())
        return passed

    def _from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the spans that end after `start`, as instants in order."""
        day = start.astimezone(ZoneInfo(self.zone)).date() - timedelta(days=1)
        for ahead in range(_LONGEST_DAYS):
            for opens, closes in _instants(self, day + timedelta(days=ahead)):
                if closes > start:
                    yield opens, closes


@lru_cache(maxsize=4096)
def _instants(calendar: Calendar, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """Return the spans of a local day as instants; what a change of clocks folds over each other counts once."""
    if day in calendar.closed or (calendar.federal and is_holiday(day)):
        return ()
    found: list[tuple[datetime, datetime]] = []
    for opens, closes in calendar.week[day.weekday()]:
        start, end = _instant(calendar.zone, day, opens), _instant(calendar.zone, day, closes)
        start = max(start, found[-1][1]) if found else start
        if start < end:
            found.append((start, end))
    return tuple(found)


def _instant(zone: str, day: date, minutes: int) -> datetime:
    days, rest = divmod(minutes, _DAY_MINUTES)
    local = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), ZoneInfo(zone))
    return local.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """The team's calendar, and the one of priorities that are served around the clock."""

    calendar: Calendar
    always: frozenset[str] = frozenset()

    def of(self, priority: str) -> Calendar:
        """Return the calendar by which a priority is counted."""
        return round_the_clock(self.calendar.zone) if priority in self.always else self.calendar


@cache
def round_the_clock(zone: str) -> Calendar:
    """Return a calendar of all hours of all days."""
    return Calendar(zone, (((0, _DAY_MINUTES),),) * 7)


def read(raw: Mapping[str, object]) -> Desk:
    """Return what a calendar file says; raise ValueError or KeyError for one that makes no sense."""
    week, always, closed = raw["week"], raw.get("always", {}), raw.get("closed", [])
    if not isinstance(week, Mapping) or not isinstance(always, Mapping) or not isinstance(closed, list):
        raise TypeError("week and always are tables, closed is a list")
    unknown = set(week) - {str(day) for day in range(7)}
    if unknown or raw.get("holidays") not in ("federal", "none"):
        raise ValueError(f"unknown days {sorted(unknown)}, or holidays neither federal nor none")
    spans = tuple(tuple(_span(one) for one in week.get(str(day), ())) for day in range(7))
    zone = str(ZoneInfo(str(raw["zone"])))
    days = frozenset(one if isinstance(one, date) else date.fromisoformat(one) for one in closed)
    calendar = Calendar(zone, spans, raw["holidays"] == "federal", days)
    return Desk(calendar, frozenset(always.get("priorities", ())))


def _span(text: str) -> Minutes:
    start, _, end = text.partition("-")
    return _minutes(start), _minutes(end)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


@cache
def desk() -> Desk:
    """Return the calendar of this installation; the first call reads its file."""
    return read(tomllib.loads(DATA.read_text("utf-8")))
