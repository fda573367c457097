"""Numbers as people write them in a profile: `12k`, `1.2M`, `12,500`, `4.5 %`; and words without links."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.core.fold import fold

_BEFORE = (
    r"(?:(?:i have|i've got|i got|i'm at|im at|we have|we're at|it's|its|maybe|probably|just|only|say|like|so|about"
    r"|around|roughly|nearly|almost|over|approx\.?|ca\.?|~) ?){0,4}"
)
_BEHIND = (
    r"(?:[ ,-]*(?:i guess|i think|i'd say|or so|ish|maybe|probably|give or take|roughly|right now|now|so far"
    r"|there)){0,2}"
)
_NUMBER = re.compile(
    rf"{_BEFORE}"
    r"(\d{1,3}(?:[,. ']\d{3})+|\d+(?:[.,]\d+)?)\s*"
    r"(k|m|mio|thousand|million|mil)?\b(?:\s*(?:followers|subs|subscribers|fans|people|viewers|views|hours|hrs|h|seguidores))?"
    r"(?:\s*(?:a|per|each|/)\s*(?:week|wk))?"
    rf"{_BEHIND}"
)
_FACTORS = {"k": 1_000, "thousand": 1_000, "mil": 1_000, "m": 1_000_000, "mio": 1_000_000, "million": 1_000_000}
_GROUPED = re.compile(r"\d{1,3}(?:[,. ']\d{3})+")
_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)\s*(?:%|percent|per cent)?")
_LINK = re.compile(r"https?:|www\.|\b[\w-]+\.(?:com|org|net|io|gg|co|tv|me|app|ly)\b", re.I)
LONGEST_NICHE = 60


def read_count(text: str, *, most: int, least: int = 0) -> int | None:
    """Return the one whole number that a text states within its bounds, else None."""
    found = _NUMBER.fullmatch(fold(text).strip(" .!"))
    if found is None:
        return None
    digits, unit = found[1], found[2]
    grouped = _GROUPED.fullmatch(digits) is not None and unit is None
    plain = re.sub(r"[,. ']", "", digits) if grouped else digits.replace(",", ".")
    number = Decimal(plain) * _FACTORS.get(unit or "", 1)
    whole = int(number)
    return whole if number == whole and least <= whole <= most else None


def read_percent(text: str) -> int | None:
    """Return a percentage in basis points, else None."""
    found = _PERCENT.fullmatch(fold(text).strip(" ."))
    if found is None:
        return None
    bps = int(Decimal(found[1].replace(",", ".")) * 100)
    return bps if bps <= 10_000 else None


def has_link(text: str) -> bool:
    """Tell whether a text holds an address of the web."""
    return _LINK.search(text) is not None
