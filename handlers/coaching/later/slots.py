"""When something is due at a person's hour: pure, safe over changes of zone and of the clocks (rules NG-1, NG-2, NG-5).

A check-in is of a local day, and that day is its period. The next one is looked for from the day after the last, not
from now: who travels west meets no day twice, who travels east loses none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NUDGE_DAYS = (1, 3, 7, 14)
"""Days of silence after a check-in on which the person is nudged; after the last one nothing more comes (NG-2)."""

LATE = timedelta(hours=24)
"""A check-in that could not be sent is worth sending this long; then the next one takes its place."""
QUIET = (21, 8)
"""Quiet hours of a person who set none: from nine in the evening till eight."""
_DAY = timedelta(days=1)
_DAYS_AHEAD = 15


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a person wants to hear from the coach: `every` is day, week or never; weekdays count from Monday (0)."""

    every: str
    weekday: int
    hour: int
    zone: str
    quiet: tuple[int, int] = QUIET

    def at(self, day: date, hour: int | None = None) -> datetime:
        """Return the instant of the hour on a local day; an hour that the clocks skip is the one they jump to."""
        local = datetime.combine(day, time(self.hour if hour is None else hour), ZoneInfo(self.zone))
        return local.astimezone(UTC)

    def today(self, now: datetime) -> date:
        """Return the local day."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def is_day(self, day: date) -> bool:
        """Tell whether a check-in belongs to a local day."""
        return self.every == "day" or (self.every == "week" and day.weekday() == self.weekday)

    def is_review(self, day: date) -> bool:
        """Tell whether the check-in of a day is the review of the week."""
        return day.weekday() == self.weekday


@dataclass(frozen=True, slots=True)
class Slot:
    """A check-in to come: its day and when it may be sent."""

    day: date
    due: datetime


def next_slot(rhythm: Rhythm, now: datetime, last: date | None, late: timedelta = LATE) -> Slot | None:
    """Return the next check-in after the day of the last one; None when none is wanted.

    Its hour may have passed by `late` (the person moved east, or the program stood still): then it is due at once.
    """
    if rhythm.every == "never":
        return None
    today = rhythm.today(now)
    day = max(last + _DAY, today - _DAY) if last is not None else today
    for _ in range(_DAYS_AHEAD):
        due = rhythm.at(day)
        is_ahead = due > now if last is None else due > now - late
        if rhythm.is_day(day) and is_ahead:
            return Slot(day, opening(rhythm, max(due, now)))
        day += _DAY
    raise AssertionError("a week has every weekday")


def opening(rhythm: Rhythm, at: datetime) -> datetime:
    """Return the moment itself, or the end of the quiet hours that it lies in (C61)."""
    start, end = rhythm.quiet
    local = at.astimezone(ZoneInfo(rhythm.zone))
    if start == end or not _is_quiet(local.hour, start, end):
        return at
    day = local.date() if local.hour < end else local.date() + _DAY
    return max(at, rhythm.at(day, end))


def _is_quiet(hour: int, start: int, end: int) -> bool:
    return start <= hour < end if start < end else hour >= start or hour < end


def nudge_at(rhythm: Rhythm, sent: datetime, step: int) -> datetime | None:
    """Return when the step-th nudge (from 0) about a check-in is due, at its local hour; None after the last."""
    if step >= len(NUDGE_DAYS):
        return None
    local = sent.astimezone(ZoneInfo(rhythm.zone))
    there = datetime.combine(local.date() + NUDGE_DAYS[step] * _DAY, local.time(), ZoneInfo(rhythm.zone))
    return opening(rhythm, there.astimezone(UTC))
