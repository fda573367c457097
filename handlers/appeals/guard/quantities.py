"""Find numbers, amounts, times and dates in English text, in digits or in words, as comparable values."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from handlers.appeals.guard.lexicon import lexicon
from handlers.appeals.guard.number_words import ANY_WORD, MONTHS, ORDINALS, TENS, UNITS, WEEKDAYS, number

_SPANS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_629_800,
    "year": 31_557_600,
}

_NAMED = rf"(?:{ANY_WORD}|hundred|thousand)"
_DIGITS = r"\d{1,12}(?:,\d{3}){0,3}(?:\.\d{1,6})?"
_SAID = rf"(?:{_NAMED}(?:[\s-]+(?:and\s+)?(?={_NAMED}))?){{1,8}}(?!\w)"
_N = rf"(?:{_DIGITS}(?!\w)|{_SAID})"
_N_OF = rf"(?:{_DIGITS}|{_SAID})"  # before a unit, which may stand right after the digits: "20min"
_SPAN_UNIT = r"(secs?|seconds?|mins?|minutes?|hrs?|hours?|days?|weeks?|wks?|months?|years?|yrs?)"
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
_HALF_DAY = r"(?:\s*([ap])(?:\.?\s?m\b\.?|(?<=\d[ap])\b))"
_PART = r"(?:\s+(?:in\s+the|at)\s+(morning|afternoon|evening|night))"
_HOURS = "|".join(list(UNITS)[1:13])
_PARTS = r"half(?=\s+past)|quarter|five|ten|twenty|5|10|15|20|25"
_MINUTES = r"fifteen|thirty|forty[ -]five|ten|twenty|forty|fifty|oh[ -]five|twenty[ -]five|thirty[ -]five|fifty[ -]five"

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("iso", r"\b(20\d\d)-(\d{1,2})-(\d{1,2})\b"),
    ("month_year", r"\b(\d{1,2})/(20\d\d)\b"),
    ("slash", r"\b(\d{1,2})[/](\d{1,2})(?:[/](\d{2,4}))?\b"),
    ("month_days", rf"\b({_MONTH})\.?\s+(\d{{1,2}})\s*(?:-|–|to|thru)\s*(\d{{1,2}})(?:st|nd|rd|th)?\b(?![:\d/])"),
    ("month_day", rf"\b({_MONTH})\.?\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?\b(?![:\d])(?:,?\s+(20\d\d))?"),
    ("month_word", rf"\b({_MONTH})\.?\s+(?:the\s+)?({'|'.join(ORDINALS)}|first)\b()"),
    ("day_month", rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH})\b(?:,?\s+(20\d\d))?"),
    ("money", rf"\$\s?(\d[\d,]*(?:\.\d{{1,2}})?)|({_N_OF})\s*(?:dollars?|bucks?|usd)\b"),
    ("cents", rf"({_N_OF})\s*cents?\b"),
    ("percent", rf"({_N_OF})\s*(?:%|percent)"),
    ("clock", rf"\b(\d{{1,2}})[:.h](\d{{2}})(?::\d\d)?(?!\d){_HALF_DAY}?{_PART}?"),
    ("hour", rf"\b(\d{{1,4}}){_HALF_DAY}"),
    ("hour_part", rf"\b(\d{{1,2}})(?:\s*o\W?clock)?{_PART}"),
    ("oclock", rf"\b(\d{{1,2}}|{_HOURS})\s*o\W?clock{_HALF_DAY}?{_PART}?"),
    ("ish", r"\b(\d{1,2})(?=ish\b)"),
    ("said_part", rf"\b({_HOURS})(?:[ -]({_MINUTES}))?(?:{_HALF_DAY}|{_PART})"),
    ("said", rf"\b({_HOURS})[ -]({_MINUTES})\b"),
    ("past", rf"\b({_PARTS})\s+(past|after|to|till)\s+(\d{{1,2}}|{_HOURS})\b(?!\s*(?:{_SPAN_UNIT}|%|[ap]\.?m))"),
    ("noon", r"\b(noon|midnight)\b"),
    ("half_hour", r"\b(?:a\s+)?half(?:\s+(?:an|a))?[\s-]+(?:hour|hr)\b"),
    ("hour_half", r"\b(?:an|one|1)\s+hour\s+and\s+a\s+half\b"),
    ("age", rf"({_N_OF})[\s-]*(?:years?|yrs?)[\s-]*old\b"),
    ("range", rf"\b({_N})(?:\s*(?:-|–)\s*(?=\d)|\s+(?:to|or)\s+)({_N_OF})[\s-]*{_SPAN_UNIT}\b"),
    ("span", rf"\b({_N_OF}|an?|a\s+full)[\s-]*{_SPAN_UNIT}\b"),
    ("ordinal", r"\b(\d+)(?:st|nd|rd|th)\b"),
    ("ordinal_word", rf"\b({'|'.join(sorted(ORDINALS, key=len, reverse=True))})\b(?!\s+(?:thought|guess|hand))"),
    ("number", rf"\b({_N})"),
    ("weekday", rf"\b({_WEEKDAY})\b"),
    ("month", rf"\b({_MONTH})\b"),
)  # fmt: skip
_PLAIN = re.compile(r"\d{1,12}")
_SENTENCE_ENDS = re.compile(r"\s*$|\s+[A-Z]|\n")
_OPENERS = frozenset([*UNITS, *TENS, *MONTHS, *WEEKDAYS, *(word.partition("-")[0] for word in ORDINALS)]).union(
    ["hundred", "thousand", "noon", "midnight", "half", "quarter", "a", "an"]
)
"""Words with which a quantity may begin."""

MOST = 200  # more than that is no statement, and is not read further
_ARTICLE = re.compile(r"an?\s", re.IGNORECASE)
_SOME_SPAN = re.compile(rf"an?\s+(?:half\b|full\b|{_SPAN_UNIT}\b)", re.IGNORECASE)
_NEAR = 60  # characters on each side that can bear on a quantity
_BEFORE_A_DATE = re.compile(
    r"\b(?:in|on|by|thru|through|until|till|til|since|last|next|of|every|this|from|to|end)\s+$", re.IGNORECASE
)
_TO_A_DAY = re.compile(rf"\.?\s*(?:-|–|to|thru|through|and|,|&)\s*(?:{_WEEKDAY})\b", re.IGNORECASE)
_MODAL_OR_VERB = {"may", "march", "mar", "sun", "sat", "mon", "wed", "fri", "second"}
_AFTER_NOUN = re.compile(r"[\s-]+(?:of\s+(?:the|my|them)\s+)?([a-z']+)")

Value = tuple[object, ...]


class Quantity(NamedTuple):
    """A value with its kind, whether a hedge stands right before it ("about 2") or anywhere before it in the sentence,
    what compares it ("over 2"), and the noun after it."""

    kind: str
    value: Value
    text: str
    hedged: bool
    softened: bool
    compare: str
    noun: str

    @property
    def key(self) -> str:
        """Return what stands for the value: a bare hour and a full one are the same."""
        if self.kind == "time":
            hour, minute = self.value[:2]
            return f"0:{hour}" if minute == 0 else f"0:{hour}:{minute}"
        if self.kind == "number":
            return f"0:{self.value[0]:g}"
        return f"0:{self.kind}:{self.value}"

    @property
    def amount(self) -> str:
        """Return the number as it is said, whatever it counts: "15 minutes" and "15" are alike."""
        match = re.match(rf"{_N_OF}", self.text, re.IGNORECASE) if self.kind == "span" else None
        return f"0:{number(match[0]):g}" if match else self.key


Mark = tuple[Quantity, ...]


@cache
def _scanner() -> tuple[re.Pattern[str], dict[str, range]]:
    """Return what finds a quantity, and the groups inside each kind; made at the first use, for it takes 20 ms."""
    scanner = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS), re.IGNORECASE)
    starts = list(scanner.groupindex.values())
    ends = [*starts[1:], scanner.groups + 1]
    inner = {name: range(at + 1, end) for name, at, end in zip(scanner.groupindex, starts, ends, strict=True)}
    return scanner, inner


def quantity_at(text: str, start: int) -> tuple[Mark, int] | None:
    """Return the quantities that begin at a place and where they end, or None when it is an ordinary word."""
    if _ARTICLE.match(text, start) and not _SOME_SPAN.match(text, start):
        return None
    scanner, inner = _scanner()
    match = scanner.match(text, start)
    if match is None:
        return None
    name, end = match.lastgroup or "", match.end()
    end -= _full_stop(text, match)
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    if _is_plain_word(name, match[0], before, after):
        return None
    groups = [part.lower() if part else "" for part in map(match.group, inner[name])]
    values = _values(name, groups, match[0])
    if values:
        return _quantities(values, match[0], before.lower(), after.lower()), end
    plain = _PLAIN.match(text, start)
    return (_quantities([("number", (float(plain[0]),))], plain[0], before.lower(), ""), plain.end()) if plain else None


def may_open(word: str) -> bool:
    """Tell whether a quantity may begin with a word: the patterns are tried at no other."""
    return word == "$" or word[0].isdigit() or word.lower() in _OPENERS


def _full_stop(text: str, match: re.Match[str]) -> int:
    """Return 1 when the dot of "6 p.m." ends the sentence as well."""
    return int(match[0].endswith(".") and _SENTENCE_ENDS.match(text, match.end()) is not None)


def _quantities(values: list[tuple[str, Value]], text: str, before: str, after: str) -> Mark:
    hedged, softened = _hedged(before, after)
    compared, noun = _compared(before), _noun(after)
    return tuple(Quantity(kind, value, text, hedged, softened, compared, noun) for kind, value in values)


def _is_plain_word(name: str, word: str, before: str, after: str) -> bool:
    """Tell "I may park", "sun", "one of them", "a second time" from months, weekdays and numbers."""
    lower = word.lower().strip()
    if name in ("month", "weekday") and lower in _MODAL_OR_VERB:
        starts = not before.strip() or before.rstrip()[-1:] in ".!?\n"
        if _BEFORE_A_DATE.search(before) or (name == "weekday" and _TO_A_DAY.match(after)):
            return False
        return word[0].islower() or (starts and lower in ("may", "march", "sun", "sat", "second"))
    if name == "number" and lower == "one":
        return True
    if name == "span" and lower.startswith(("a ", "an ")):
        return bool(
            re.match(r"an?\s+(?:second|minute)\b", lower) and re.match(r"\s+(?:time|card|meter|sign|ticket)", after)
        )
    return False


def _values(name: str, g: list[str], text: str) -> list[tuple[str, Value]]:
    match name:
        case "iso":
            return _date(g[1], g[2], g[0])
        case "month_year":
            return [("month", (int(g[0]),)), ("number", (float(g[1]),))]
        case "slash":
            return _date(g[0], g[1], g[2]) or [("number", (float(g[0]),)), ("number", (float(g[1]),))]
        case "month_days":
            return [*_date(str(MONTHS[g[0]]), g[1], ""), *_date(str(MONTHS[g[0]]), g[2], "")]
        case "month_day" | "month_word":
            return _date(str(MONTHS[g[0]]), str(ORDINALS.get(g[1], 1 if g[1] == "first" else g[1])), g[2])
        case "day_month":
            return _date(str(MONTHS[g[1]]), g[0], g[2])
        case "money":
            return [("money", (round(number(g[0] or g[1]) * 100),))]
        case "cents":
            return [("money", (round(number(g[0])),))]
        case "percent":
            return [("percent", (number(g[0]),))]
        case "clock" | "said_part" | "said" | "hour" | "hour_part" | "oclock" | "past" | "noon" | "ish":
            return _clock(name, g)
        case "half_hour":
            return [("span", (1800.0,))]
        case "hour_half":
            return [("span", (5400.0,))]
        case "age":
            return [("age", (number(g[0]),))]
        case "range":
            return [_span(g[0], g[2]), _span(g[1], g[2])]
        case "span":
            return [_span(g[0], g[1])]
        case "ordinal":
            return [("ordinal", (float(g[0]),))]
        case "ordinal_word":
            return [("ordinal", (float(ORDINALS[re.sub(r"\s+", "-", g[0])]),))]
        case "weekday":
            return [("weekday", (WEEKDAYS[g[0]],))]
        case "month":
            return [("month", (MONTHS[g[0]],))]
        case _:
            return [("number", (number(text),))]


def _date(month: str, day: str, year: str) -> list[tuple[str, Value]]:
    m, d = int(month), int(day)
    if not (1 <= m <= 12 and 1 <= d <= 31):
        return []
    y = int(year) if year else None
    return [("date", (m, d, y + 2000 if y is not None and y < 100 else y))]


def _span(amount: str, unit: str) -> tuple[str, Value]:
    one = next(name for name in _SPANS if name[:2] == {"hr": "ho", "wk": "we", "yr": "ye"}.get(unit[:2], unit[:2]))
    return "span", ((1.0 if amount.startswith("a") else number(amount)) * _SPANS[one],)


def _clock(name: str, g: list[str]) -> list[tuple[str, Value]]:
    """Return (hour 1-12, minute, half of the day or None)."""
    if name == "noon":
        return [("time", (12, 0, "p" if g[0] == "noon" else "a"))]
    if name == "past":
        shift = {"half": 30, "quarter": 15}.get(g[0]) or int(number(g[0]))
        hour, minute = int(number(g[2])), shift if g[1] in ("past", "after") else 60 - shift
        return _time(hour if g[1] in ("past", "after") else (hour - 2) % 12 + 1, minute, "")
    hour = int(number(g[0]))
    minute, half, part = 0, "", ""
    match name:
        case "clock":
            minute, half, part = int(g[1]), g[2], g[3]
        case "said" | "said_part":
            minute = int(number(g[1].replace("oh", "zero"))) if g[1] else 0
            half, part = (g[2], g[3]) if name == "said_part" else ("", "")
        case "hour":
            half = g[1]
            hour, minute = divmod(hour, 100) if hour > 99 else (hour, 0)
        case "hour_part":
            part = g[1]
        case "ish":
            pass
        case _:
            half, part = g[1], g[2]
    return _time(hour, minute, half or {"morning": "a", "afternoon": "p", "evening": "p", "night": "p"}.get(part, ""))


def _time(hour: int, minute: int, half: str) -> list[tuple[str, Value]]:
    if hour > 24 or minute > 59:
        return [("number", (hour + minute / 100,))]
    if hour > 12 or hour == 0:
        half = "p" if 12 < hour < 24 else "a"
    return [("time", ((hour - 1) % 12 + 1, minute, half or None))]


_WORD_OR_STOP = re.compile(r"[a-z~]+|[.,;!?]|\d")


def _hedged(before: str, after: str) -> tuple[bool, bool]:
    """Tell whether a hedge stands within three words before or right after, and whether one does within eight."""
    words = lexicon()
    if words.approx_after.match(after):
        return True, True
    softened = False
    for back, word in enumerate(reversed(_WORD_OR_STOP.findall(before)[-8:])):
        if word in ".;!?" or word.isdigit():
            break
        if word in words.approx or word == "~":
            softened = True
            if back < 3:
                return True, True
    return False, softened


def _compared(before: str) -> str:
    compare, tail = lexicon().compare, before.split()[-3:]
    return next((sign for n in range(len(tail)) if (sign := compare.get(" ".join(tail[n:])))), "")


def _noun(after: str) -> str:
    match = _AFTER_NOUN.match(after)
    return match[1] if match else ""
