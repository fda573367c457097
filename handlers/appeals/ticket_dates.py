"""Dates as people type them from a ticket: "11/16", "Nov 16th", "16 november", "yesterday", "2026-11-16".

A date without a year is the most recent one in the past. Whatever could be read another way is offered for
confirmation, never taken silently (acceptance case AC-36): "2/11" in November may be last February or nine days ago.
A date of the future, or older than five years, is asked again (AC-35).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from handlers.appeals.citation_text import plain_text

DAY = timedelta(days=1)
OLDEST_YEARS = 5
LONG_AGO = timedelta(days=90)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene",
            "february feb febrero",
            "march mar marzo",
            "april apr abril abr",
            "may mayo",
            "june jun junio",
            "july jul julio",
            "august aug agosto ago",
            "september sep sept septiembre setiembre",
            "october oct octubre",
            "november nov noviembre",
            "december dec diciembre dic",
        ),
        1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon lunes",
            "tuesday tue tues martes",
            "wednesday wed miercoles",
            "thursday thu thur thurs jueves",
            "friday fri viernes",
            "saturday sat sabado",
            "sunday sun domingo",
        )
    )
    for name in names.split()
}
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "couple": 2}
_COUNTS |= {"un": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5}
_UNITS = {"day": 1, "days": 1, "dia": 1, "dias": 1, "week": 7, "weeks": 7, "semana": 7, "semanas": 7}
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?:(?:,?\s+|\s*[-/.,]\s*|\s+(?:of|de|del)\s+)(?P<year>(?:19|20)\d\d|'?\d\d(?![\d:]|\s*[ap]\.?m)))?"
_NUMBER_DATE = (
    r"(?<![\d/.\-:$])(?P<a>\d{1,2})\s*(?P<sep>[-/. ])\s*(?P<b>\d{1,2})(?:\s*(?P=sep)\s*(?P<year>\d{4}|\d\d))?"
)
_PATTERNS: dict[str, re.Pattern[str]] = {
    "iso": re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)\s*[-/.]\s*(?P<month>\d{1,2})\s*[-/.]\s*(?P<day>\d{1,2})(?!\d)"),
    "month_day": re.compile(
        rf"(?<![a-z])(?P<month>{_NAME})\.?\s*[-/]?\s*(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b{_YEAR}"
    ),
    "day_month": re.compile(
        rf"(?<![\d:/.])(?P<day>\d{{1,2}})(?:st|nd|rd|th|ro)?\s*[-/]?\s*(?:of\s+|de\s+)?(?P<month>{_NAME})\b\.?{_YEAR}"
    ),
    "numbers": re.compile(_NUMBER_DATE + r"(?![\d/]|[-.:]\d|\s*[ap]\.?m\b)"),
    "compact": re.compile(r"(?<![\d/.\-:#$])(?P<digits>\d{8}|\d{6}|(?!19|20)\d{4})(?![\d/\-:]|\.\d)"),
}
_AGO = re.compile(rf"\b(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)})\s+(?:of\s+)?(?P<unit>{'|'.join(_UNITS)})\s+ago\b")
_HACE = re.compile(rf"\bhace\s+(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)})\s+(?P<unit>{'|'.join(_UNITS)})\b")
_WEEKDAY = re.compile(rf"\b(?P<last>last|this past|past|el)?\s*\b(?P<name>{'|'.join(_WEEKDAYS)})\b(?P<past>\s+pasado)?")
_OR_ANOTHER = re.compile(r"\b(?:or|and|o|y)\s+(?:the\s+)?\d{1,2}(?:st|nd|rd|th)?(?![\d:/]|\s*[ap]\.?m)")
_WORDS = (
    (re.compile(r"\b(?:day before yesterday|anteayer|antier)\b"), 2),
    (re.compile(r"\b(?:yesterday|last night|ayer|anoche)\b"), 1),
    (re.compile(r"\b(?:today|tonight|this morning|just now|hoy)\b"), 0),
    (re.compile(r"\b(?:tomorrow|manana)\b"), -1),
)


class DateStatus(Enum):
    """What to do with a typed date."""

    OK = "ok"
    NEEDS_CONFIRM = "needs_confirm"
    ASK_AGAIN = "ask_again"


@dataclass(frozen=True, slots=True)
class DateReading:
    """A typed date: what it means, why it is not simply taken, and what else it could mean."""

    status: DateStatus
    day: date | None = None
    reason: str | None = None
    alternatives: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    day: date
    doubt: str | None = None
    other: date | None = None


_NOTHING = DateReading(DateStatus.ASK_AGAIN, reason="not_a_date")


def read_date(text: str, today: date, *, not_before: date | None = None) -> DateReading:
    """Read one date; `not_before` is for dates that follow another one (a notice is mailed after the ticket)."""
    plain = _fold(text[:500])
    try:
        found = list(dict.fromkeys(_in_words(plain, today) or _in_figures(plain, today)))
    except ValueError:
        return DateReading(DateStatus.ASK_AGAIN, reason="no_such_date")
    days = tuple(dict.fromkeys(one.day for one in found))
    if not found:
        return _NOTHING
    if len(days) > 1 or _OR_ANOTHER.search(plain):
        return DateReading(DateStatus.ASK_AGAIN, reason="several_dates", alternatives=days)
    return _allowed(_checked_weekday(found[0], plain), today, not_before)


def _allowed(found: _Found, today: date, not_before: date | None) -> DateReading:
    if found.day > today:
        return DateReading(DateStatus.ASK_AGAIN, reason="future")
    if found.day < _years_before(today, OLDEST_YEARS):
        return DateReading(DateStatus.ASK_AGAIN, reason="too_old")
    if not_before is not None and found.day < not_before:
        return DateReading(DateStatus.ASK_AGAIN, reason="before_issue")
    others = (found.other,) if found.other else ()
    status = DateStatus.NEEDS_CONFIRM if found.doubt else DateStatus.OK
    return DateReading(status, found.day, found.doubt, others)


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", plain_text(text))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold().replace("’", "'")


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _in_words(plain: str, today: date) -> list[_Found]:
    for pattern, days in _WORDS:
        if pattern.search(plain) and not re.search(r"\d", plain):
            return [_Found(today - days * DAY)]
    for pattern in (_AGO, _HACE):
        if match := pattern.search(plain):
            count = match["count"]
            days = (int(count) if count.isdigit() else _COUNTS[count]) * _UNITS[match["unit"]]
            return [_Found(today - days * DAY, None if days < 7 else "about")]
    match = _WEEKDAY.search(plain)
    if match and not re.search(r"\d", plain) and not _has_month(plain):
        back = (today.weekday() - _WEEKDAYS[match["name"]]) % 7
        return [_Found(today - (back or 7) * DAY, "weekday", today if back == 0 else today - (back + 7) * DAY)]
    return []


def _has_month(plain: str) -> bool:
    return re.search(rf"\b(?:{_NAME})\b", plain) is not None


def _in_figures(plain: str, today: date) -> Iterator[_Found]:
    """Yield each date written in figures, the clearest way of writing first; a span is read once."""
    rest = plain
    for name, pattern in _PATTERNS.items():
        for match in pattern.finditer(rest):
            yield _READERS[name](match, today)
        rest = pattern.sub(" ", rest)
        if rest != plain and name in ("iso", "month_day", "day_month", "numbers"):
            rest = re.sub(r"\b\d{4,}\b", " ", rest)


def _named(match: re.Match[str], today: date) -> _Found:
    return _dated(_year(match["year"]), _MONTHS[match["month"]], int(match["day"]), today)


def _iso(match: re.Match[str], today: date) -> _Found:
    return _Found(date(int(match["year"]), int(match["month"]), int(match["day"])))


def _numbers(match: re.Match[str], today: date) -> _Found:
    """Read month first, as tickets print it; say when day first would be a date of the past as well."""
    a, b, year = int(match["a"]), int(match["b"]), _year(match["year"])
    if a > 12 >= b:
        return _Found(_dated(year, b, a, today).day, "day_first")
    found = _dated(year, a, b, today)
    if b > 12 or a == b:
        return found
    other = _dated(year, b, a, today).day
    return _Found(found.day, "ambiguous", other) if other <= today else found


def _compact(match: re.Match[str], today: date) -> _Found:
    digits = match["digits"]
    if len(digits) == 8 and digits[:2] in ("19", "20"):
        return _Found(date(int(digits[:4]), int(digits[4:6]), int(digits[6:])), "compact")
    year = _year(digits[4:] or None)
    return _Found(_dated(year, int(digits[:2]), int(digits[2:4]), today).day, "compact")


_READERS: dict[str, Callable[[re.Match[str], date], _Found]] = {
    "iso": _iso,
    "month_day": _named,
    "day_month": _named,
    "numbers": _numbers,
    "compact": _compact,
}


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    year = int(text.lstrip("'"))
    return year if year > 99 else 2000 + year


def _dated(year: int | None, month: int, day: int, today: date) -> _Found:
    """Return the date; without a year the most recent one that is not in the future."""
    if year is not None:
        return _Found(date(year, month, day))
    for candidate in range(today.year, today.year - 9, -1):
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if found <= today:
            return _Found(found, "year_inferred" if today - found > LONG_AGO else None)
    raise ValueError(f"no day {day} in month {month}")


def _checked_weekday(found: _Found, plain: str) -> _Found:
    named = {_WEEKDAYS[match["name"]] for match in _WEEKDAY.finditer(plain)}
    if named and found.doubt not in ("weekday", "about") and found.day.weekday() not in named:
        return _Found(found.day, "weekday_differs", found.other)
    return found
