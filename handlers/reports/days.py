"""Which days a report is about: `7d`, `2026-10`, `2026-10-03`, `today`, `yesterday`; this month unless said. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.errors import Refusal
from storage.reports.during import During

MOST = 400
_COUNT, _MONTH = re.compile(r"(\d{1,3})d"), re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Days:
    """Civil days, the end excluded."""

    first: date
    end: date

    def span(self, zone: str) -> During:
        """Return the moments of these days in a zone."""
        there = ZoneInfo(zone)
        start, end = (datetime.combine(day, time(), there).astimezone(UTC) for day in (self.first, self.end))
        return During(start, end, self.first, self.end - timedelta(days=1))

    def __str__(self) -> str:
        last = self.end - timedelta(days=1)
        if self.first.day == 1 and self.end == _following(self.first):
            return f"{self.first:%Y-%m}"
        return f"{self.first}" if last == self.first else f"{self.first} to {last}"


def meant(words: str, today: date) -> Days:
    """Return the days that words mean; raise Refusal for others."""
    if not words:
        return Days(today.replace(day=1), today + timedelta(days=1))
    if words == "today":
        return Days(today, today + timedelta(days=1))
    if words == "yesterday":
        return Days(today - timedelta(days=1), today)
    try:
        found = _named(words, today)
    except ValueError:
        found = None
    if found is None or not 0 < (found.end - found.first).days <= MOST:
        raise Refusal("reports.bad_days")
    return found


def _named(words: str, today: date) -> Days | None:
    if count := _COUNT.fullmatch(words):
        return Days(today - timedelta(days=int(count[1]) - 1), today + timedelta(days=1))
    if month := _MONTH.fullmatch(words):
        first = date(int(month[1]), int(month[2]), 1)
        return Days(first, _following(first))
    day = date.fromisoformat(words)
    return Days(day, day + timedelta(days=1))


def _following(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
