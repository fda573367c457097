"""Compare the numbers, times, dates and amounts of an output with those that were given."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from handlers.appeals.guard.lexicon import lexicon, stem
from handlers.appeals.guard.quantities import Quantity

_KINDS = {"money": "amount", "percent": "number", "time": "time", "span": "time", "date": "date", "month": "date",
    "weekday": "date", "ordinal": "number", "number": "number", "age": "sensitive"}  # fmt: skip
_COUNTED = ("number", "ordinal", "span")
_VAGUE = frozenset({"different", "differ", "mor", "more", "other", "whol", "full", "separat", "good", "big"})
_DURATION = re.compile(
    r"\b(?:for|more than|more then|less than|less then|under|over|only|took|another|within|just)\s+$"
)
_BOTH = re.compile(r"\b(?:both|couple|pair|twice)\b", re.IGNORECASE)


class Given:
    """The quantities that were given, found by kind, value and noun."""

    def __init__(self, quantities: Sequence[Quantity], text: str) -> None:
        self.text = text
        self.kinds: defaultdict[str, set[tuple[object, ...]]] = defaultdict(set)
        self.of_value: defaultdict[object, list[Quantity]] = defaultdict(list)
        self.counted: defaultdict[str, set[object]] = defaultdict(set)
        for one in quantities:
            self.kinds[one.kind].add(one.value)
            self.of_value[one.value[0]].append(one)
            if one.kind == "number":
                self.counted[_noun(one)].add(one.value[0])
        self._said = Counter(name for one in quantities for name in {one.amount, one.key})
        self.plain = {value[0] for value in self.kinds["number"]}
        self.times = {value[:2] for value in self.kinds["time"]}
        self.months = {value[0] for value in self.kinds["date"]}
        self.days = {value[1] for value in self.kinds["date"]}

    def holds(self, one: Quantity) -> bool:
        """Tell whether a quantity of the output was given, in this or another way of writing it."""
        if one.value in self.kinds[one.kind]:
            return True
        first = one.value[0]
        match one.kind:
            case "time":
                return self._holds_time(one.value)
            case "date":
                return any(_same_day(one.value, value) for value in self.kinds["date"])
            case "month":
                return first in self.months
            case "ordinal":
                return first in self.plain or first in self.days
            case "money":
                return self._holds_money(first)
            case "number":
                return self._holds_number(first)
            case "span":
                return self._holds_span(one)
            case "age":
                return bool(re.search(rf"\b(?:i'?m|am|is|he'?s|she'?s|turned|aged?)\s+{first:g}\b", self.text, re.I))
            case _:
                return False

    def times_said(self, one: Quantity) -> int:
        """Return how often a number was given, whatever it counted."""
        return max(self._said[one.amount], self._said[one.key])

    def _holds_money(self, cents: object) -> bool:
        """Take "2.25" for "$2.25", also where it could have been a time."""
        if any(isinstance(n, float) and n * 100 == cents and n != int(n) for n in self.plain):
            return True
        dollars, rest = divmod(int(cents), 100)  # type: ignore[call-overload]
        written = rf"{dollars}\.{rest:02}" if rest else rf"(?:paid|pay|cost|costs|charged?|fee(?: of)?|me) {dollars}"
        return re.search(rf"(?<![\d$:.]){written}(?![\d.:])", self.text, re.IGNORECASE) is not None

    def _holds_time(self, value: tuple[object, ...]) -> bool:
        """A time may lose its half of the day, never gain one; "2" and "230" may be written as times."""
        hour, minute, half = value
        if half is None:
            written = float(hour) if minute == 0 else float(hour) * 100 + float(minute)  # type: ignore[arg-type]
            return value[:2] in self.times or written in self.plain
        noon = float(hour) % 12 + (12 if half == "p" else 0)  # type: ignore[arg-type]
        return noon > 12 and noon * 100 + float(minute) in self.plain  # type: ignore[arg-type]

    def _holds_number(self, value: object) -> bool:
        for one in self.of_value[value]:
            if one.kind in ("number", "ordinal", "percent") or (one.kind == "time" and one.value[1] == 0):
                return True
        if value in self.days or any(value == year for _, _, year in self.kinds["date"]):
            return True
        spans = (one.text for ones in self.of_value.values() for one in ones if one.kind == "span")
        if any(re.match(rf"{value:g}\b", text) for text in spans):
            return True
        return value == 1 or (value == 2 and _BOTH.search(self.text) is not None)

    def _holds_span(self, one: Quantity) -> bool:
        """Take "15" for "15 minutes" where minutes were spoken of just before and a length of time is meant."""
        match = re.match(r"(\d+)[\s-]*([a-z]+)", one.text.lower())
        if match is None or float(match[1]) not in self.plain:
            return False
        unit = match[2][:3]
        for found in re.finditer(rf"(?<![\d:.$]){match[1]}(?![\d:.]|\s*[a-z]*\s*(?:am|pm|a\.m|p\.m))", self.text):
            before = self.text[max(0, found.start() - 120) : found.start()].lower()
            if _DURATION.search(before) and re.search(rf"\d\s*{unit}", before):
                return True
        return False


def unfounded(made: Sequence[Quantity], given: Given) -> Iterator[tuple[str, str]]:
    """Yield (kind, words) for each quantity of the output that was not given, or was given of other things."""
    times = Counter(one.key for one in made)
    for one in made:
        if not given.holds(one):
            yield _KINDS[one.kind], one.text
        elif _of_other_things(one, given) or _compared_anew(one, given):
            yield "number", f"{one.compare} {one.text} {one.noun}".strip()
        elif one.kind == "span" and times[one.key] > max(given.times_said(one), 1):
            yield "time", f"{one.text} again"


def _same_day(made: tuple[object, ...], given: tuple[object, ...]) -> bool:
    return made[:2] == given[:2] and (made[2] is None or made[2] == given[2])


def _of_other_things(one: Quantity, given: Given) -> bool:
    """Tell "two quarters" from "two cards and quarters": a number belongs to its noun."""
    noun = _noun(one) if one.kind == "number" else ""
    if not noun:
        return False
    value = one.value[0]
    nouns = {_noun(q) for q in given.of_value[value] if q.kind in _COUNTED} - {""}
    if not nouns or any(_stands_for(noun, other) for other in nouns):
        counted = set().union(*(values for other, values in given.counted.items() if _stands_for(other, noun)))
        return bool(counted) and value not in counted
    elsewhere = bool(given.counted.get(noun, set()) - {value})
    return elsewhere or not nouns & _VAGUE


def _noun(q: Quantity) -> str:
    word = " ".join(lexicon().slang.get(q.noun, (q.noun,)))
    return "" if not word or word in lexicon().neutral else stem(word)


def _stands_for(a: str, b: str) -> bool:
    return bool(a and b) and (a == b or b in lexicon().groups.get(a, frozenset()) or (len(a) > 3 and b[:4] == a[:4]))


def _compared_anew(one: Quantity, given: Given) -> bool:
    """ "Over 20 minutes" is not "20 minutes"."""
    if not one.compare:
        return False
    same = given.of_value[one.value[0]]
    if one.kind == "span" and not same:
        return False
    return (
        bool(same)
        and all(q.compare != one.compare for q in same)
        and not (one.compare == "almost" and any(q.hedged for q in same))
    )
