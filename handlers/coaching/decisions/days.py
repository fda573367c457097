"""Days in a text, relative to the person's day (DD-7): what names none or an impossible one is kept as such."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from handlers.coaching.decisions.lexicon import alternatives, any_of, data
from handlers.coaching.decisions.mentions import Day, Finds, Kind
from handlers.coaching.decisions.numerals import count_of, number_words

NO_DAY = Day(None)
MONTH_FIRST = ("en-us", "en_us", "en", "fil-ph", "en-ph")
_ORDINAL = r"(?:st|nd|rd|th|o|ro|do|ero)"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The person's day and the order in which they write day and month."""

    today: date
    locale: str

    @property
    def is_month_first(self) -> bool:
        """Say whether 4/5 is the fifth of April."""
        return self.locale.lower() in MONTH_FIRST

    def next_month_day(self, month: int, day: int) -> Day:
        """Return the next such day from today on; none when there is no such day within the leap cycle's next year."""
        for year in (self.today.year, self.today.year + 1):
            found = _possible(year, month, day)
            if found and found >= self.today:
                return Day(found)
        return NO_DAY

    def of_year(self, year: int, month: int, day: int) -> Day:
        """Return the day of a named year, none when it is past or impossible."""
        found = _possible(year + 2000 if year < 100 else year, month, day)
        return Day(found) if found and found >= self.today else NO_DAY

    def month(self, month: int, year: int | None) -> date | None:
        """Return the first of the next such month, the running one included."""
        first = date(year or self.today.year, month, 1)
        if year is None and (first.month < self.today.month):
            first = first.replace(year=first.year + 1)
        return first if (first.year, first.month) >= (self.today.year, self.today.month) else None

    def weekday(self, weekday: int, *, is_next_week: bool) -> Day:
        """Return the next such weekday after today, or that of the following week from Monday to Sunday."""
        if is_next_week:
            monday = self.today - timedelta(days=self.today.weekday()) + timedelta(days=7)
            return Day(monday + timedelta(days=weekday))
        return Day(self.today + timedelta(days=(weekday - self.today.weekday() - 1) % 7 + 1))

    def after(self, count: int, unit: str) -> Day:
        """Return the day that many days, weeks or months from today."""
        if unit == "month":
            months = self.today.month - 1 + count
            year, month = self.today.year + months // 12, months % 12 + 1
            return Day(date(year, month, min(self.today.day, monthrange(year, month)[1])))
        days = {"day": 1, "week": 7, "fortnight": 14}[unit]
        return Day(self.today + timedelta(days=days * count))


def _possible(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _numbers(kind: str) -> dict[str, int]:
    return {str(word): int(value) for word, value in data("days")[kind].items()}


@cache
def _month() -> str:
    return alternatives(_numbers("months")) + r"\.?"


@cache
def _day() -> str:
    ordinals = "|".join(re.escape(word) for word in sorted(_numbers("ordinals"), key=len, reverse=True))
    return rf"(?<![\d.,$€£])(?:\d{{1,2}}{_ORDINAL}?(?![\w%]|[.,:/]\d)|(?:{ordinals})(?![a-z]))"


def _day_number(text: str) -> int:
    digits = re.match(r"\d+", text)
    return int(digits[0]) if digits else _numbers("ordinals")[text]


def _month_number(text: str) -> int:
    return _numbers("months")[text.strip(" .")]


Reader = Callable[[re.Match[str], Calendar], Day]
_YEAR = r"(?:,?\s(?:de(?:l)?\s|of\s)?(?P<year>20\d\d)(?![\d]))?"


def _read_iso(match: re.Match[str], calendar: Calendar) -> Day:
    return calendar.of_year(int(match["y"]), int(match["m"]), int(match["d"]))


def _read_named(match: re.Match[str], calendar: Calendar) -> Day:
    month, day = _month_number(match["month"]), _day_number(match["day"])
    if match["year"]:
        return calendar.of_year(int(match["year"]), month, day)
    return calendar.next_month_day(month, day)


def _read_numeric(match: re.Match[str], calendar: Calendar) -> Day:
    first, second = int(match["a"]), int(match["b"])
    month, day = (first, second) if calendar.is_month_first and match["mark"] != "." else (second, first)
    if month > 12 >= day:
        month, day = day, month
    if match["y"]:
        return calendar.of_year(int(match["y"]), month, day)
    return calendar.next_month_day(month, day)


def _read_relative(match: re.Match[str], calendar: Calendar) -> Day:
    text = match["n"].strip()
    count = 1 if text in ("a", "an", "un", "una") else 2 if text.startswith("a couple") else count_of(text)
    unit = next(name for name in data("days")["units"] if re.fullmatch(any_of("days", "units", name), match["unit"]))
    return calendar.after(count, unit) if count is not None and count <= 600 else NO_DAY


def _read_part(match: re.Match[str], calendar: Calendar) -> Day:
    """Read "mid April", "the end of next month", "finales de mayo"."""
    named = match["month"]
    if named:
        first = calendar.month(_month_number(named), int(match["year"]) if match["year"] else None)
    else:
        first = (
            _next_month(calendar.today)
            if re.search(r"next|proximo|que viene", match[0])
            else calendar.today.replace(day=1)
        )
    if first is None:
        return NO_DAY
    part = match["part"].strip(" -")
    last = monthrange(first.year, first.month)[1]
    day = next(
        (
            n
            for name, n in (("start", 1), ("middle", 15), ("end", last))
            if re.fullmatch(any_of("days", "parts", name), part)
        ),
        0,
    )
    found = first.replace(day=day) if day else None
    return Day(found) if found and found >= calendar.today else NO_DAY


def _next_month(today: date) -> date:
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


def _read_month(match: re.Match[str], calendar: Calendar) -> Day:
    first = calendar.month(_month_number(match["month"]), int(match["year"]) if match["year"] else None)
    return Day(first, is_month=True) if first else NO_DAY


def _read_next_month(match: re.Match[str], calendar: Calendar) -> Day:
    first = calendar.today.replace(day=1) if "this" in match[0] or "este" in match[0] else _next_month(calendar.today)
    return Day(first, is_month=True)


def _read_weekday(match: re.Match[str], calendar: Calendar) -> Day:
    is_next = bool(re.search(r"next|proxim|que viene", match[0]))
    return calendar.weekday(_numbers("weekdays")[match["weekday"]], is_next_week=is_next)


def _read_word(match: re.Match[str], calendar: Calendar) -> Day:
    text = match[0]
    ahead = 2 if "after" in text or "pasado" in text else 1 if text[:3] in ("tom", "tmr", "tmw", "2mo", "man") else 0
    return Day(calendar.today + timedelta(days=ahead))


def _read_day_of_month(match: re.Match[str], calendar: Calendar) -> Day:
    day = _day_number(match["day"])
    following = _next_month(calendar.today)
    if re.search(r"next|proximo|que viene", match[0]):
        return calendar.of_year(following.year, following.month, day)
    found = _possible(calendar.today.year, calendar.today.month, day)
    return Day(found) if found and found >= calendar.today else calendar.of_year(following.year, following.month, day)


def _read_none(match: re.Match[str], calendar: Calendar) -> Day:
    return NO_DAY


@cache
def _readers() -> list[tuple[re.Pattern[str], Reader]]:
    month, day, numbers = _month(), _day(), number_words()
    weekday = alternatives(_numbers("weekdays"))
    before_weekday = rf"(?:(?:{weekday})s?\.?,?\s(?:the\s|el\s|dia\s)?)?"
    count = rf"(?:{numbers}|\d{{1,3}}|a couple(?:\sof)?|an?|una?)"
    unit = alternatives(u.strip() for unit in data("days")["units"].values() for u in unit.split(","))
    part = (
        any_of("days", "parts", "start")
        + "|"
        + any_of("days", "parts", "middle")
        + "|"
        + any_of("days", "parts", "end")
    )
    of = r"(?:\s|-|\sof\s|\sde\s|\sof\sthe\s|\sdel?\s)"
    running = r"(?:the\smonth|this\smonth|next\smonth|el?\s?mes(?:\sque\sviene)?|este\smes|(?:el\s)?proximo\smes)"
    vague = any_of("days", "parts", "vague")
    named = rf"{before_weekday}(?:(?P<month>{month})\s?(?:the\s|el\s)?(?P<day>{day}){_YEAR})"
    day_first = rf"{before_weekday}(?:the\s)?(?P<day>{day})\s?(?:of\s|de\s)?(?P<month>{month}){_YEAR}"
    pairs: list[tuple[str, Reader]] = [
        (r"(?<!\d)(?P<y>20\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)", _read_iso),
        (
            (
                rf"(?<!from\s)(?<!del\s)(?<!desde\sel\s)(?:{month}\s?{day}|{day}\s(?:of\s|"
                rf"de\s)?{month})\s?(?:-|to|or|or the|o|y|and|through|until)\s?(?:the\s)?(?:{month}\s?)?{day}(?!\s?"
                rf"(?:tiers?|levels?|bucks|dollars|euros|people|members|benefits|weekly|a month)"
                rf")"
            ),
            _read_none,
        ),
        (
            rf"(?:between|entre)\s(?:the\s)?(?:{month}|{day})(?:\s{day})?\s(?:and|y)\s(?:{month}|{day})(?:\s{day})?",
            _read_none,
        ),
        (rf"(?:{vague}){of}(?:(?:{month}|{running})(?:\s20\d\d)?|next\syear|the\syear)", _read_none),
        (named, _read_named),
        (day_first, _read_named),
        (rf"(?P<part>{part}){of}(?:(?P<month>{month})|{running}){_YEAR}", _read_part),
        (
            r"(?<![\w.$€£/#-])(?P<a>\d{1,2})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<y>20\d\d|\d\d)(?![\d/])",
            _read_numeric,
        ),
        (
            r"(?<![\w.$€£/#-])(?P<a>\d{1,2})(?P<mark>/)(?P<b>\d{1,2})(?P<y>)(?![\d/%]|\s?(?:of|decisions|tasks))",
            _read_numeric,
        ),
        (
            (
                rf"(?:in|within|en|dentro\sde|de aqui a)\s(?:exactly\s|just\s|about\s)?(?P<n>{count})"
                rf"\s(?:short\s)?(?P<unit>{unit})(?:'?\s?time)?(?!\sor|\so\s|-)"
            ),
            _read_relative,
        ),
        (
            rf"(?P<n>{count})\s(?P<unit>{unit})\s(?:from\s(?:now|today)|out from (?:now|today)|desde\shoy)",
            _read_relative,
        ),
        (rf"(?:a\s)?(?:week|month)s?\s(?:from|after)\s(?:{weekday}|next|tomorrow)", _read_none),
        (rf"(?:{weekday})\s(?:after\snext|the week after)", _read_none),
        (
            (
                rf"(?:the\s|el\s)(?:dia\s)?(?P<day>{day})(?:\s(?:of|de|del)\s(?:the\s|this\s|"
                rf"next\s|este\s|proximo\s)?(?:month|mes)(?:\sque\sviene)?)?(?=\s*(?:$|[.,;!?)"
                rf"\n]|and|with|at|for|y|con|this|next|of|de|so|but|pero|because|as|para))"
            ),
            _read_day_of_month,
        ),
        (
            (
                rf"(?<!every\s)(?<!each\s)(?<!cada\s)(?<!los\s)(?<!other\s)(?<!second\s)(?<!first\s)"
                rf"(?<!last\s)(?<!single\s)(?:next\s|the\snext\s|this\s(?:coming\s)?|coming\s|"
                rf"el\sproximo\s|proximo\s|este\s|el\s)?(?<!every\s)(?<!each\s)(?<!cada\s)"
                rf"(?<!los\s)(?<!other\s)(?<!first\s)(?<!last\s)(?P<weekday>{weekday})(?!s|"
                rf"\snights)(?:\s(?:next\sweek|of\snext\sweek|de\sla\s(?:semana\sque\sviene|"
                rf"proxima\ssemana)|que\sviene))?"
            ),
            _read_weekday,
        ),
        (
            (
                r"(?:the\s)?day\safter\stomorrow|tomorrow|tomorow|tommorow|tommorrow|tmrw?|"
                r"tmw|2morrow|pasado\smanana|(?<!la\s)manana(?!\spor)|today|hoy"
            ),
            _read_word,
        ),
        (r"(?:next|this|proximo|este)\smonth|el mes que viene|(?:el\s)?proximo\smes", _read_next_month),
        (
            (
                rf"(?:(?<=in\s)|(?<=by\s)|(?<=en\s)|(?<=for\s)|(?<=de\s)|(?<=para\s)|(?<=this\s)"
                rf"|(?<=date:\s)|(?<=launch:\s)|(?<=opening:\s)|(?<=be\s)|(?<=is\s)|(?<=this\scoming\s)"
                rf")(?P<month>{month})(?!\s(?:be|have|not|need|take|seem|want|or\s|never|also|"
                rf"still|only|change|make|get|use|go)){_YEAR}"
            ),
            _read_month,
        ),
        (
            (
                rf"(?<![a-z])(?P<month>(?!may(?![a-z])|march(?![a-z])|mar(?![a-z])|ago(?![a-z])"
                rf"|sep(?![a-z])|dec(?![a-z])|mon(?![a-z])|sun(?![a-z])|jan(?![a-z]))(?:{month})"
                rf"){_YEAR}"
            ),
            _read_month,
        ),
    ]
    return [
        (
            re.compile(
                rf"(?<![a-z0-9])(?:{source})(?![a-z0-9])"
                if not source.startswith("(?<![") and not source.startswith("(?<!\\d")
                else source
            ),
            reader,
        )
        for source, reader in pairs
    ]


def find_days(finds: Finds, calendar: Calendar) -> None:
    """Add the days that the text names, the most telling forms first."""
    for pattern, reader in _readers():
        for match in pattern.finditer(finds.flat):
            if finds.is_free(*match.span()):
                finds.add(Kind.DAY, *match.span(), reader(match, calendar))
