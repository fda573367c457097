"""Dates in print: every shape that tills use, the order of day and month, and slips (rules DAT-4 to DAT-8, OCR-8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache

from handlers.receipts.reading.date_slips import without_date_slips
from handlers.receipts.reading.rows import Row

_ENGLISH = (
    "jan(?:uary)? feb(?:ruary)? mar(?:ch)? apr(?:il)? may jun[e]? jul[y]? aug(?:ust)? sep(?:t(?:ember)?)? oct(?:ober)? "
    "nov(?:ember)? dec(?:ember)?"
)
_FOREIGN = (
    "januar februar märz april mai juni juli august september oktober november dezember",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "ene fev mrt abr mei juin juil ago set okt nov dez",
    "januari februari maart avr mei jun julai ogos sept okt nov disember",
)
_LETTERS = {
    "o": "[o0]",
    "l": "[l1i|]",
    "i": "[i1l]",
    "s": "[s5]",
    "b": "[b8]",
    "d": "[do0]",
    "t": "[t7]",
    "z": "[z2]",
    "g": "[g9]",
}
_SEPARATOR = r"\s?[/.\-·,]\s?"
_NOT_PURCHASE = re.compile(
    r"due\b|exp(?:iry|ires?|iration)?\b|valid|return|refund|exchang|redeem|ready"
    r"|until|before|birth|dob|member since|statement|as of|effective|next"
    r"|warranty|check[\s-]?in\b|arriv|license|permit|start|coupon|offer|survey|f[äa]llig|zahlbar|vence",
    re.I,
)
_LABELLED = re.compile(
    r"dat[eu]m?\b|d[ae]te|fecha|tarikh|datum|data\b|日付|dated|invoicedaie|check[\s-]?out|departure|bizdate|\bdt\b|sold|day\b",
    re.I,
)
_LEAVING = re.compile(r"check[\s-]?out|departure|abreise|d[ée]part\b|salida", re.I)
_CLOCK = re.compile(r"\b([01]?\d|2[0-3])[:.h]([0-5]\d)(?:[:.]([0-5]\d))?\s*([AaPp])?\.?\s?([Mm])?\b")


@dataclass(frozen=True, slots=True)
class DateReading:
    """A printed date: its value, the other order when both are possible, its raw text and how well it is placed."""

    value: date
    other: date | None
    raw: str
    weight: float
    row: int
    shape: str


@cache
def _months() -> tuple[tuple[re.Pattern[str], int], ...]:
    """Return a pattern for each name of a month; English names may hold slips in their first three letters."""
    english = [(re.compile(_loose(word[:3]) + word[3:], re.I), at + 1) for at, word in enumerate(_ENGLISH.split())]
    foreign = {word: at + 1 for words in _FOREIGN for at, word in enumerate(words.split())}
    return (*english, *((re.compile(re.escape(word), re.I), number) for word, number in foreign.items()))


@cache
def _any_month() -> str:
    return "|".join(sorted((pattern.pattern for pattern, _ in _months()), key=len, reverse=True))


def _loose(word: str) -> str:
    return "".join(_LETTERS.get(c, c) for c in word)


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    name = rf"(?P<name>{_any_month()})"
    digit = r"[\dOoIl]"
    return (
        (
            "iso",
            re.compile(
                rf"(?<!\d)(?P<y>(?:19|20|25)\d\d){_SEPARATOR}(?P<m>\d{{1,2}}){_SEPARATOR}(?P<d>\d{{1,2}})(?!\d{{3}})"
            ),
        ),
        ("cjk", re.compile(r"(?P<y>(?:19|20)\d\d)\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日")),
        (
            "numeric",
            re.compile(
                rf"(?<![\d/])(?P<a>{digit}{{1,2}})(?P<sep>\s?,?[/.\-]\s?)(?P<b>{digit}{{1,2}})(?:(?P=sep)|\s?,?[/.\-]\s?)(?P<y>(?:19|20|25)\d\d|\d\d(?!\d)|['’]\d\d)"
            ),
        ),
        (
            "day name",
            re.compile(
                rf"(?<!\d)(?P<d>[\dOo]{{1,2}})(?:st|nd|rd|th|\.)?[\s\-/.,]{{0,2}}(?:de\s)?{name}\.?[\s\-/.,'’]{{0,3}}(?:de\s)?(?P<y>(?:19|20|25)\d\d|\d\d(?![\d:]))",
                re.I,
            ),
        ),
        (
            "name day",
            re.compile(
                rf"(?<![a-z]){name}\.?\s?(?P<d>[\dOo]{{1,2}})(?:st|nd|rd|th)?(?:\s?[,.'’/\-]\s?|\s)(?P<y>(?:19|20)\d\d|(?<!\d\.)\d\d(?![\d:.,]))",
                re.I,
            ),
        ),
        (
            "year name",
            re.compile(rf"(?<!\d)(?P<y>20\d\d)[\s\-/.]{{0,2}}{name}[\s\-/.]{{0,2}}(?P<d>\d{{1,2}})(?!\d)", re.I),
        ),
    )


@cache
def _fallbacks() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return shapes for print that runs into its neighbours and for dates without a year, used as a last resort."""
    month = _any_month()
    name = rf"(?P<name>{month})"
    return (
        ("numeric", re.compile(r"(?P<a>\d{2})(?P<sep>[/.\-])(?P<b>\d{1,2})(?P=sep)(?P<y>(?:19|20)\d\d|\d\d(?!\d))")),
        ("numeric", re.compile(r"(?P<a>\d)(?P<sep>[/.\-])(?P<b>\d{1,2})(?P=sep)(?P<y>(?:19|20)\d\d|\d\d(?!\d))")),
        ("name day", re.compile(rf"(?<![a-z]){name}\s?(?P<d>\d\d)[:.](?P<y>\d\d)(?!\d)", re.I)),
        ("name day", re.compile(rf"(?<![a-z]){name}\.?\s?(?P<d>\d{{1,2}})(?P<y>20\d\d)(?!\d)", re.I)),
        ("squeezed", re.compile(r"(?<!\d)(?P<y>20[0-3]\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")),
        ("squeezed", re.compile(r"(?<!\d)(?P<d>0[1-9]|[12]\d|3[01])(?P<m>0[1-9]|1[0-2])(?P<y>20[0-3]\d)(?!\d)")),
        ("no year", re.compile(r"(?<![\d/.\-$])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/])")),
        (
            "no year name",
            re.compile(
                rf"(?<![a-z]){name}\.?\s?(?P<d>\d{{1,2}})(?!\d)|(?<!\d)(?P<d2>\d{{1,2}})\s?(?P<name2>{month})(?![a-z])",
                re.I,
            ),
        ),
    )


def order_of(currency: str, country: str | None) -> str:
    """Return `mdy`, `ymd`, `dmy` or `ask` for numeric dates (rule DAT-4)."""
    if country == "US":
        return "mdy"
    if country == "CA" or (country is None and currency == "CAD"):
        return "ask"
    if country in {"JP", "CN", "KR", "HU"} or (country is None and currency in {"JPY", "CNY", "KRW", "HUF"}):
        return "ymd"
    if country is None and currency == "USD":
        return "mdy"
    return "dmy"


def dates_in(rows: Sequence[Row], received: date, order: str) -> list[DateReading]:
    """Return the dates that may be the day of purchase, best first; equal dates strengthen each other."""
    found = [reading for at, row in enumerate(rows) for reading in _in_row(rows, at, row, received, order, _shapes())]
    possible = [reading for reading in found if reading.value <= received + timedelta(days=1)] or found
    if not possible:
        possible = _by_fallback(rows, received, order)
    counts: dict[date, int] = {}
    for reading in possible:
        counts[reading.value] = counts.get(reading.value, 0) + 1
    return sorted(possible, key=lambda one: (-one.weight - 0.4 * min(3, counts[one.value]), one.row))


def _by_fallback(rows: Sequence[Row], received: date, order: str) -> list[DateReading]:
    for shape in _fallbacks():
        found = [one for at, row in enumerate(rows) for one in _in_row(rows, at, row, received, order, (shape,))]
        if shape[0].startswith("no year"):
            found = [one for one in found if one.weight > 0.5]
        if found:
            return found
    return []


def _in_row(
    rows: Sequence[Row], at: int, row: Row, received: date, order: str, shapes: Sequence[tuple[str, re.Pattern[str]]]
) -> Iterator[DateReading]:
    text = without_date_slips(row.text, _any_month())
    taken: list[tuple[int, int]] = []
    for shape, pattern in shapes:
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            both = _both(match, shape, received, order)
            if both is None:
                continue
            taken.append(match.span())
            yield DateReading(both[0], both[1], match[0].strip(), _weight(text, match, shape), at, shape)


def _weight(text: str, match: re.Match[str], shape: str) -> float:
    before, after = text[max(0, match.start() - 24) : match.start()], text[match.end() : match.end() + 24]
    weight = 0.5 if shape.startswith("no year") else 1.0
    if _LABELLED.search(before):
        weight += 0.8
    if _CLOCK.search(after) or _CLOCK.search(before):
        weight += 0.7
    if _LEAVING.search(before[_end_of_date(before) :]):
        weight += 2.0
    elif _NOT_PURCHASE.search(before[_end_of_date(before) :]):
        weight -= 2.0
    return weight


def _end_of_date(before: str) -> int:
    """Return where the label of a date begins: behind the date that stands before it on the row."""
    return max((match.end() for match in re.finditer(r"\d[/.\-]\d{2,4}(?!\d)", before)), default=0)


def _both(match: re.Match[str], shape: str, received: date, order: str) -> tuple[date, date | None] | None:
    parts = match.groupdict()
    if shape in {"iso", "cjk", "squeezed"}:
        value = _date(parts["y"], parts["m"], parts["d"]) or _date(parts["y"], parts["d"], parts["m"])
        return (value, None) if value else None
    if parts.get("name") or parts.get("name2"):
        month = _month(parts.get("name") or parts["name2"] or "")
        day = parts.get("d") or parts.get("d2") or ""
        value = _date(parts["y"], month, day) if parts.get("y") else _latest(month, day, received)
        return (value, None) if value else None
    return _numeric(parts, received, order)


def _numeric(parts: dict[str, str | None], received: date, order: str) -> tuple[date, date | None] | None:
    a, b, year = parts["a"] or "", parts["b"] or "", parts.get("y")
    month_first = _date(year, a, b) if year else _latest(a, b, received)
    day_first = _date(year, b, a) if year else _latest(b, a, received)
    year_first = _date(a, b, year) if year and len(year) == 2 and len(a) == 2 else None
    if order == "ymd" and year_first and _plausible(year_first, received):
        return year_first, None
    dotted = (parts.get("sep") or "").strip() == "." and order != "mdy"
    first, second = (month_first, day_first) if order == "mdy" and not dotted else (day_first, month_first)
    if first is None or second is None or first == second:
        only = first or second or year_first
        return (only, None) if only else None
    is_far = not year and received - first > timedelta(days=300)
    if first > received + timedelta(days=1) and _plausible(second, received):
        return second, None
    if is_far and _plausible(second, received) and received - second <= timedelta(days=60):
        return second, None
    return first, second


def _plausible(value: date, received: date) -> bool:
    return value <= received + timedelta(days=1)


def _month(word: str) -> str:
    return next((str(number) for pattern, number in _months() if pattern.fullmatch(word)), "")


def _date(year: str | None, month: str | None, day: str | None) -> date | None:
    try:
        digits = [re.sub(r"[Il|]", "1", re.sub(r"[Oo]", "0", part or "")) for part in (year, month, day)]
        y, m, d = (int(part.strip("'’")) for part in digits)
        y = y + 2000 if y < 100 else y - 543 if y > 2400 else y
        return date(y, m, d) if 1990 <= y <= 2100 else None
    except ValueError:
        return None


def _latest(month: str | None, day: str | None, received: date) -> date | None:
    """Return the latest such day that is not after the day of arrival (rule DAT-3)."""
    for year in (received.year, received.year - 1):
        value = _date(str(year), month, day)
        if value and value <= received + timedelta(days=1):
            return value
    return None


def time_near(rows: Sequence[Row], at: int) -> time | None:
    """Return the time of day printed in this row or a neighbour."""
    for number in (at, at + 1, at - 1):
        if 0 <= number < len(rows) and (match := _CLOCK.search(rows[number].text)):
            hour, minute = int(match[1]), int(match[2])
            if match[4] and match[5]:
                hour = hour % 12 + (12 if match[4].lower() == "p" else 0)
            return time(hour, minute)
    return None
