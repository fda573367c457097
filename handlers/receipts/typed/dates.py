"""The day of a purchase as texts name it (rules DAT-1 to DAT-8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from handlers.receipts.currencies import currency_table
from handlers.receipts.typed.lexicon import alternatives, data, flat, listed, phrases
from handlers.receipts.typed.message import Message

OLDEST = timedelta(days=2 * 365 + 1)
FAR_BACK, NEAR_BACK = timedelta(days=300), timedelta(days=60)
YEAR_FIRST = frozenset({"JPY", "CNY", "KRW", "HUF"})
BUDDHIST_ERA = 543
_DAY = r"(?P<day>\d{1,2})"
_PRICE = re.compile(r"(?<![\d.,])\d+(?:[.,]\d{3})*[.,]\d\d(?![\d.,])|\d\s?[€$£]|[€$£]\s?\d")
_SO_FAR = re.compile(r"\b(?:spent|spend|spending|total|debits|purchases)\Z")
_JOINED = re.compile(r"(?:[+&,]|\b(?:and|und|y|et|e|en|plus|og|och))\s[^\d\n]*\Z")
_UNIT_AFTER = re.compile(r"\s?(?:eur|€|kr|£)")
_YEAR = r"(?P<year>\d{4}|'?\d{2})"


@dataclass(frozen=True, slots=True)
class FoundDay:
    """A day in a text: where, what it means, the other reading when it is ambiguous, whether it must be asked."""

    start: int
    end: int
    day: date | None
    other: date | None = None
    is_planned: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """What settles a date: today, and the order of numbers that the currency or the country stands for."""

    today: date
    order: str


def number_order(currency: str, country: str | None = None) -> str:
    """Return the order of a numeric date (DAT-4): "mdy", "dmy", "ymd", or "ask" for Canada."""
    if country:
        currency = {"US": "USD", "CA": "CAD", "JP": "JPY", "CN": "CNY", "KR": "KRW", "HU": "HUF"}.get(country, "EUR")
    if currency in YEAR_FIRST:
        return "ymd"
    return {"USD": "mdy", "CAD": "ask"}.get(currency, "dmy")


@cache
def _months() -> dict[str, int]:
    return {name: int(number) for number, names in data("dates")["months"].items() for name in listed(names)}


@cache
def _weekdays() -> dict[str, int]:
    return {name: int(number) for number, names in data("dates")["weekdays"].items() for name in listed(names)}


@cache
def _ordinals() -> dict[str, int]:
    spoken = {name: int(number) for name, number in data("dates")["ordinals"].items()}
    return spoken | {name.replace("-", " "): number for name, number in spoken.items()}


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    month = "(?P<month>" + "|".join(sorted(map(re.escape, _months()), key=len, reverse=True)) + ")"
    weekday = "(?P<weekday>" + alternatives(_weekdays()) + ")"
    counts = r"(?P<count>\d{1,3}|" + alternatives(data("dates")["ago"]["counts"]) + ")"
    unit = "(?P<unit>" + alternatives(data("dates")["ago"]["units"]) + ")"
    after = alternatives(listed(data("dates")["ago"]["after"]))
    before = alternatives(listed(data("dates")["ago"]["before"]))
    spoken = "(?P<day>" + alternatives(_ordinals()) + ")"
    last = alternatives(listed(data("dates")["cues"]["last"]))
    return {
        name: re.compile(source)
        for name, source in {
            "iso": r"(?<![\d.,])(?P<year>(?:19|20|25)\d\d)\s?(?P<sep>[-/.年])\s?(?P<month>\d{1,2})"
            r"\s?[-/.月]\s?(?P<day>\d{1,2})日?(?!\d)",
            "cjk": r"(?<!\d)(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]",
            "day_month": rf"(?<![\d/.,$€£])(?<!\d:){_DAY}(?:st|nd|rd|th|er|ro|\.|º)?\s?[-/]?\s?"
            rf"(?:of\s|de\s)?{month}(?![^\W\d_])\.?"
            r"(?:(?:,?\s|\s?[-/.,]\s?|\s(?:de|del)\s|)"
            r"(?P<year>(?:19|20|25)\d\d|'\d\d|(?<=[-/])\d\d|(?<=[a-z])\d\d)(?![\d:%]|[.,]\d))?",
            "month_day": rf"(?<![^\W_]){month}\.?\s?[-/]?\s?(?:the\s)?{_DAY}(?:st|nd|rd|th)?(?!\d|:\d|[.,]\d|[^\W\d_])"
            r"(?:(?:,?\s|\s?[-/]\s?)(?P<year>(?:19|20|25)\d\d|(?<=[-/])\d\d)(?![\d:]|[.,]\d))?",
            "dots": r"(?<![\d.,])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\."
            r"(?:\s?(?P<year>(?:19|20|25)\d\d|\d{2}(?![.,]?\d)))?(?!\d)",
            "bare_dots": r"(?<![\d.,])(?P<day>[0-3]\d)\.(?P<month>[01]\d)(?=\s*\Z|\n)",
            "slashes": r"(?<![\d/.,\-$€£])(?P<a>\d{1,2})\s?(?P<sep>[-/])\s?(?P<b>\d{1,2})"
            r"\s?(?P=sep)\s?(?P<year>\d{4}|\d{2})(?![\d/]|[.,]\d)",
            "short": r"(?<![\d/.,\-$€£])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/%]|[.,]\d)",
            "dashed": r"(?<![^\W_])(?:on|dt|date)[ :]{1,2}(?P<a>\d{1,2})-(?P<b>\d{1,2})(?![\d-]|[.,]\d|-[a-z])",
            "dashed_end": r"(?<=\s)(?!7-11)(?P<a>\d{1,2})-(?P<b>\d{1,2})\Z",
            "ago": rf"{counts}\s{unit}\s{after}",
            "hace": rf"{before}\s{counts}\s{unit}",
            "weekday": rf"(?:(?P<last>{last})\s)?(?:(?<![^\W_])on\s)?{weekday}(?:\s(?P<past>{last}))?",
            "ordinal": r"(?:(?<![^\W_])(?:on|of)\s)?(?<![^\W_])(?:the\s)(?P<day>\d{1,2})(?:st|nd|rd|th)(?![^\W_])"
            r"(?!\s(?:street|st|ave|avenue|floor|time|place))",
            "spoken_after": rf"(?<![^\W_]){month}\s(?:the\s)?{spoken}",
            "spoken_before": rf"(?:the\s)?{spoken}\sof\s{month}(?![^\W_])",
            "spoken_day": rf"(?<![^\W_])on\sthe\s{spoken}"
            r"(?=\s*(?:\Z|[\n,.;!]|(?:for|at|from|to|with|and|i|we)(?![^\W_])))",
            "at_end": r"(?<=[^\W\d_]\s)(?P<day>\d{1,2})(?:st|nd|rd|th)\Z",
            "on_day": r"(?<![^\W_])on\s(?P<day>\d{1,2})(?:st|nd|rd|th)(?![^\W_])(?!\s(?:street|st|ave|avenue|floor))",
        }.items()
    }


def find_days(message: Message, calendar: Calendar) -> list[FoundDay]:
    """Return the days that a text names, in its order; those of DAT-8 (due, as of) are taken but not returned."""
    found: list[FoundDay] = []
    spans: list[tuple[int, int]] = []
    for day in _all(message, calendar):
        if any(start < day.end and day.start < end for start, end in spans):
            continue
        spans.append((day.start, day.end))
        message.take(day.start, day.end)
        if day.is_planned or not _is_other_day(message, day):
            found.append(day)
    return sorted(found, key=lambda day: day.start)


def _is_other_day(message: Message, day: FoundDay) -> bool:
    before = message.flat[max(0, day.start - 22) : day.start].rstrip(" :(-")
    if message.flat[day.end : day.end + 1] == ":" and _SO_FAR.search(before):
        return True
    for match in phrases("dates", "cues", "not_purchase").finditer(before):
        if not before[match.end() :].strip(" :.,"):
            return True
    return False


def _all(message: Message, calendar: Calendar) -> Iterator[FoundDay]:
    text = message.blank()
    yield from _numeric(text, calendar)
    yield from _spoken(message, text, calendar)


def _is_in_name(message: Message, match: re.Match[str]) -> bool:
    """Say whether a weekday is a part of a name: "Monday's Cafe", "at Sun Basket"."""
    after = message.text[match.end() : match.end() + 4]
    if re.match(r"'s\s\w", after, re.I):
        return True
    before = message.flat[max(0, match.start() - 6) : match.start()]
    if len(match[0]) <= 4 and _is_shouted_name(message.text, match):
        return True
    begins = message.text[match.start()].isupper() and re.match(r"\s[^\W\d_a-z]", after)
    return bool(begins and re.search(r"(?:(?<!\w)(?:at|from|to|bei|en|em|chez|of)\s|[@*]\s?)\Z", before))


def _is_shouted_name(text: str, match: re.Match[str]) -> bool:
    """Say whether a short weekday and the next word stand in capitals in a text that is not all capitals."""
    following = re.match(r"\s[^\W\d_]{3,}", text[match.end() : match.end() + 20])
    return (
        bool(following)
        and text[match.start() : match.end() + (following.end() if following else 0)].isupper()
        and not text.isupper()
    )


def _spoken(message: Message, text: str, calendar: Calendar) -> Iterator[FoundDay]:
    patterns = _patterns()
    for match in phrases("dates", "planned", "words").finditer(text):
        yield FoundDay(*match.span(), None, is_planned=True)
    for match in phrases("dates", "vague", "words").finditer(text):
        yield FoundDay(*match.span(), None)
    for days in sorted(data("dates")["days_ago"], reverse=True):
        for match in phrases("dates", "days_ago", days).finditer(text):
            if message.is_forwarded and text[match.end() : match.end() + 2] == "'s":
                continue  # "Today's spending": a sum of the bank's
            yield FoundDay(*match.span(), calendar.today - timedelta(days=int(days)))
    units, counts = data("dates")["ago"]["units"], data("dates")["ago"]["counts"]
    for name in ("ago", "hace"):
        for match in patterns[name].finditer(text):
            count = int(match["count"]) if match["count"].isdecimal() else counts[match["count"]]
            if (days := count * units[match["unit"]]) < 10_000:
                yield FoundDay(*match.span(), calendar.today - timedelta(days=days))
    for name in ("spoken_after", "spoken_before"):
        for match in patterns[name].finditer(text):
            if day := _dated(None, _months()[match["month"]], _ordinals()[match["day"]], calendar.today):
                yield FoundDay(*match.span(), day)
    for match in patterns["weekday"].finditer(text):
        if not _is_in_name(message, match):
            yield _weekday(match, calendar.today)
    for match in patterns["spoken_day"].finditer(text):
        if day := _latest_day(_ordinals()[match["day"]], calendar.today):
            yield FoundDay(*match.span(), day)
    for name in ("ordinal", "on_day", "at_end"):
        for match in patterns[name].finditer(text):
            if day := _latest_day(int(match["day"]), calendar.today):
                yield FoundDay(*match.span(), day)


def _weekday(match: re.Match[str], today: date) -> FoundDay:
    back = (today.isoweekday() - _weekdays()[match["weekday"]]) % 7
    if not back and (match["last"] or match["past"]):
        back = 7
    return FoundDay(*match.span(), today - timedelta(days=back))


def _latest_day(day: int, today: date) -> date | None:
    """Return the latest date with this day of the month, not after today (DAT-3)."""
    year, month = today.year, today.month
    for _ in range(12):
        found = _real(year, month, day)
        if found and found <= today:
            return found
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return None


def _numeric(text: str, calendar: Calendar) -> Iterator[FoundDay]:
    patterns = _patterns()
    for name in ("iso", "cjk", "day_month", "month_day", "dots", "bare_dots"):
        for match in patterns[name].finditer(text):
            groups = match.groupdict()
            month = groups["month"]
            number = int(month) if month.isdecimal() else _months()[month]
            if name == "dots" and not (
                groups["year"] or _is_short_date(text, match) or _is_near(text, match, calendar)
            ):
                continue
            if name == "bare_dots" and not _is_near(text, match, calendar):
                continue
            if name == "day_month" and calendar.order == "mdy" and _is_before_month_day(text, match, calendar.today):
                continue
            year = _year(groups.get("year"))
            if day := _dated(year, number, int(groups["day"]), calendar.today):
                yield FoundDay(*match.span(), day)
    for name in ("slashes", "short", "dashed", "dashed_end"):
        for match in patterns[name].finditer(text):
            if day_found := _ordered(match, calendar):
                yield day_found


@cache
def _currency_before() -> re.Pattern[str]:
    """Return the matcher of a currency that ends where a number begins: "RM 24.10." is no day."""
    table = currency_table()
    shared = [sign for several in table.shared for sign in several.signs]
    names = "|".join(
        sorted({re.escape(flat(name)) for name in (*table.exponents, *table.signs, *shared)}, key=len, reverse=True)
    )
    return re.compile(rf"(?<![^\W\d_])(?:{names})\s?-?\Z")


def _is_short_date(text: str, match: re.Match[str]) -> bool:
    """Tell "am 14.03." from the amount "14.03." at the end of a sentence: the month has two digits and a word leads."""
    before = text[max(0, match.start() - 6) : match.start()]
    if _currency_before().search(before):
        return False
    if re.search(r"(?:\b(?:am|vom|on|den|op|il|kl|pa)\s|[,;(]\s?)$", before):
        return True
    return match.end() < len(text.rstrip()) and (
        len(match["month"]) == 2 and not re.match(r"\s?(?:eur|€|$)", text[match.end() :])
    )


def _is_near(text: str, match: re.Match[str], calendar: Calendar) -> bool:
    """Say whether "1.3." or a last "14.03" is a day: of the last weeks, where days come first, beside another price."""
    before, after = text[: match.start()], text[match.end() :]
    if (calendar.order != "dmy" and "€" not in text) or _JOINED.search(before) or _UNIT_AFTER.match(after):
        return False
    if _currency_before().search(before[-6:]) and not re.search(r"\d\s?\S{1,3}\s\Z", before):
        return False
    day = _dated(None, int(match["month"]), int(match["day"]), calendar.today)
    priced = _PRICE.search(before) or _PRICE.search(after)
    return day is not None and calendar.today - day <= NEAR_BACK and bool(priced)


def _is_before_month_day(text: str, match: re.Match[str], today: date) -> bool:
    """Say whether a number stands bare before "march 3", where the month comes first: "target 20 march 3"."""
    after = _patterns()["month_day"].match(text, match.start("month"))
    if after is None or match["year"] or not text[match.end("day") : match.start("month")].isspace():
        return False
    month = _months()[match["month"]]
    wanted, other = (_dated(None, month, int(one["day"]), today) for one in (after, match))
    return wanted is not None and (other is None or not _gives_way(wanted, other, has_year=False, today=today))


def _year(text: str | None) -> int | None:
    if not text:
        return None
    year = int(text.lstrip("'"))
    if year < 100:
        return 2000 + year
    return year - BUDDHIST_ERA if year >= 2500 else year


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _dated(year: int | None, month: int, day: int, today: date) -> date | None:
    """Return the date; without a year the latest one not after today."""
    if year is not None:
        return _real(year, month, day)
    for back in range(9):
        found = _real(today.year - back, month, day)
        if found and found <= today:
            return found
    return None


def _ordered(match: re.Match[str], calendar: Calendar) -> FoundDay | None:
    """Settle day and month of a numeric date by DAT-4 and DAT-5."""
    a, b = int(match["a"]), int(match["b"])
    year = _year(match.groupdict().get("year"))
    day_first, month_first = _dated(year, b, a, calendar.today), _dated(year, a, b, calendar.today)
    if match.groupdict().get("year") and len(match["year"]) == 2 and calendar.order == "ymd" and a > 12:
        year_first = _real(2000 + a, b, int(match["year"]))
        if year_first:
            return FoundDay(*match.span(), year_first)
    first, second = (day_first, month_first) if calendar.order == "dmy" else (month_first, day_first)
    if first is None or second is None or first == second:
        return FoundDay(*match.span(), first or second) if first or second else None
    if _gives_way(first, second, has_year=year is not None, today=calendar.today):
        return FoundDay(*match.span(), second, other=first if year is None else None)
    if _gives_way(second, first, has_year=year is not None, today=calendar.today):
        return FoundDay(*match.span(), first)
    settled = calendar.order == "dmy" or (calendar.order == "mdy" and year is not None)
    return FoundDay(*match.span(), first, other=None if settled and year is not None else second)


def _gives_way(reading: date, other: date, *, has_year: bool, today: date) -> bool:
    if other > today:
        return False
    if reading > today:
        return True
    return not has_year and today - reading > FAR_BACK and today - other <= NEAR_BACK
