"""Numbers as people write them: digits with the marks of several countries, and words (DD-6)."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from handlers.coaching.decisions.lexicon import alternatives, data

DIGITS = r"\d{1,3}(?:[ ']\d{3})+(?:[.,]\d{1,2})?(?![\d])|\d+(?:[.,]\d+)*"
_GROUPED = re.compile(r"\d{1,3}(?:([ '])\d{3})+(?:[.,]\d{1,2})?")
_MANY_GROUPS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,3}(?:\.\d{3}){2,}(?:,\d{1,2})?")
_CONTINENTAL = re.compile(r"\d{1,3}(?:\.\d{3})+,\d{1,2}")
_DOT_THOUSAND = re.compile(r"\d{1,3}\.\d{3}")
_DOT = re.compile(r"\d+\.\d{1,2}")
_COMMA = re.compile(r"\d+,\d{2}")


def decimal_of(body: str, *, is_dollar: bool) -> Decimal | None:
    """Return the value of a written number, None when it cannot be told ("1,5", and "1.500" in dollars)."""
    if body.isdecimal():
        return Decimal(body)
    if _GROUPED.fullmatch(body):
        return Decimal(re.sub(r"[ ']", "", body).replace(",", "."))
    if _CONTINENTAL.fullmatch(body):
        return Decimal(body.replace(".", "").replace(",", "."))
    if _DOT_THOUSAND.fullmatch(body):
        return None if is_dollar else Decimal(body.replace(".", ""))
    if _MANY_GROUPS.fullmatch(body):
        return Decimal(body.replace(",", "") if body.count(".") < 2 else body.replace(".", "").replace(",", "."))
    if _DOT.fullmatch(body):
        return Decimal(body)
    return Decimal(body.replace(",", ".")) if _COMMA.fullmatch(body) else None


@cache
def _values(kind: str) -> dict[str, int]:
    return {str(word): int(value) for word, value in data("numbers")[kind].items()}


@cache
def number_words() -> str:
    """Return the source of a whole number in words up to 999, English or Spanish."""
    small = alternatives(_values("small"))
    tens = alternatives(_values("tens"))
    below = rf"(?:{tens}(?:(?:\s|-|\sy\s){small})?|{small})"
    hundreds = (
        rf"(?:(?:{alternatives(_values('counts'))}\s)?(?:a\s)?hundred(?:\s(?:and\s)?{below})?|cien(?:to\s{below})?)"
    )
    return rf"(?<![\w-])(?:{hundreds}|{below})(?![a-z0-9])"


def value_of_words(text: str) -> int | None:
    """Return the value of a number in words."""
    total = 0
    for word in re.split(r"[\s-]+", text.strip()):
        if word in ("and", "y", "a"):
            continue
        if word in ("hundred",):
            total = (total or 1) * 100
        elif word in ("cien", "ciento"):
            total += 100
        else:
            value = _values("small").get(word, _values("tens").get(word))
            if value is None:
                return None
            total += value
    return total


def count_of(text: str) -> int | None:
    """Return a small count written in digits or words."""
    return int(text) if text.isdecimal() else value_of_words(text)
