"""A day that lies ahead, and a length of time, as a person writes or a receipt prints them (rule REM-1).

    Apr 17, 17 April 2026, 4/17, 2026-04-17, in 30 days          warranty: 2 years, 24 months, two-year warranty

Pure. What cannot be read is None; nothing is guessed.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from functools import cache

from handlers.receipts.typed.dates import number_order
from handlers.receipts.typed.lexicon import data, flat, listed

FARTHEST = timedelta(days=366 * 10)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?\.?")
_NAMED = re.compile(r"(?:(?P<d1>\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:de\s+)?)?(?P<month>[^\W\d_]{3,})\.?(?:\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?)?(?:,?\s+(?P<year>\d{4}))?")  # fmt: skip  # noqa: E501
_SPAN = re.compile(r"(?:in\s+)?(\d{1,3}|one|two|three|four|five|ten)[\s-]*(day|week|month|mth|mo|year|yr)s?\b", re.I)
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "ten": 10}


@cache
def _months() -> dict[str, int]:
    return {name: int(number) for number, names in data("dates")["months"].items() for name in listed(names)}


def day_ahead(text: str, today: date, *, currency: str = "USD", country: str | None = None) -> date | None:
    """Return the day that a text names, at or after today when it gives no year; None when it names none."""
    said = flat(text.strip()).strip(" .!")
    span = _SPAN.fullmatch(said)
    if span:
        return after(said, today)
    for read in (_iso, _named):
        found = read(said, today)
        if found:
            return _near(found, today)
    return _near(_numeric(said, today, number_order(currency, country)), today)


def after(text: str, start: date) -> date | None:
    """Return the day so long after another as a text says ("2 years", "24 months"); None when it says none."""
    found = _SPAN.search(text)
    if found is None:
        return None
    count = _NUMBERS.get(found[1].casefold()) or int(found[1])
    unit = found[2].casefold()
    if unit in ("day", "week"):
        end = start + timedelta(days=count * (7 if unit == "week" else 1))
    else:
        end = months_on(start, count * (12 if unit in ("year", "yr") else 1))
    return _near(end, start)


def months_on(start: date, months: int) -> date:
    """Return the same day so many months on; the last of a month that is shorter."""
    index = start.year * 12 + start.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def _iso(said: str, today: date) -> date | None:
    found = _ISO.fullmatch(said)
    return _real(int(found[1]), int(found[2]), int(found[3])) if found else None


def _named(said: str, today: date) -> date | None:
    found = _NAMED.fullmatch(said)
    month = _months().get(found["month"]) if found else None
    if found is None or month is None or (found["d1"] is None) == (found["d2"] is None):
        return None
    return _dated(found["year"], month, int(found["d1"] or found["d2"]), today)


def _numeric(said: str, today: date, order: str) -> date | None:
    found = _NUMERIC.fullmatch(said)
    if found is None or order == "ask":
        return None
    first, second = int(found[1]), int(found[2])
    month, day = (second, first) if order == "dmy" or "." in said else (first, second)
    return _dated(found[3], month, day, today)


def _dated(year: str | None, month: int, day: int, today: date) -> date | None:
    if year is not None:
        return _real(int(year) if len(year) == 4 else 2000 + int(year), month, day)
    this = _real(today.year, month, day)
    return this if this is not None and this >= today else _real(today.year + 1, month, day)


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _near(found: date | None, today: date) -> date | None:
    return found if found is not None and today <= found <= today + FARTHEST else None
