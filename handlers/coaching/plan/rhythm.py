"""Tasks that come again: their periods, streaks and next days (rule TK-2).

A streak counts periods in a row with an occurrence, back from the present one, which may still be empty. A period that
a pause touches breaks nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

Pause = tuple[date, date | None]
"""First day of a rest, and the day on which work went on."""

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


def period_start(cadence: str, day: date) -> date:
    """Return the first day of the period in which a day lies (weeks begin on Monday)."""
    if cadence == "weekly":
        return day - timedelta(days=day.weekday())
    if cadence == "monthly":
        return day.replace(day=1)
    if cadence == "quarterly":
        return date(day.year, day.month - (day.month - 1) % 3, 1)
    return day


def period_before(cadence: str, start: date) -> date:
    """Return the first day of the period before the one that begins here."""
    return period_start(cadence, start - _DAY)


def streak(cadence: str, days: Iterable[date], today: date, pauses: Sequence[Pause] = ()) -> int:
    """Return how many periods in a row had an occurrence; of streams each one counts."""
    if cadence == "per_stream":
        return len(set(days))
    held = {period_start(cadence, day) for day in days if day <= today}
    if not held:
        return 0
    start, first, count = period_start(cadence, today), min(held), 0
    following = today + _DAY
    is_present = True
    while start >= first:
        if start in held:
            count += 1
        elif not is_present and not _rested(start, following, pauses):
            break
        start, following, is_present = period_before(cadence, start), start, False
    return count


def _rested(start: date, end: date, pauses: Sequence[Pause]) -> bool:
    """Tell whether a pause touches the days from `start` until before `end`."""
    return any(first < end and (ended is None or ended > start) for first, ended in pauses)


def due(cadence: str, days: Sequence[date], opening: date) -> date:
    """Return when a recurring task is due next: at the opening, then a period after its last occurrence.

    What comes with a stream has no day of its own and comes last.
    """
    if cadence == "per_stream":
        return date.max
    if not days:
        return opening
    last = max(days)
    if cadence == "daily":
        return last + _DAY
    if cadence == "weekly":
        return last + _WEEK
    return months_after(last, 3 if cadence == "quarterly" else 1)


def months_after(day: date, months: int) -> date:
    """Return the same day some months later, the last day of the month where it has fewer days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
