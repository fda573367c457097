"""Numbers as people type them: decimal comma or point, thousands apart by comma, point or blank, `10k`, `12 1/2`.

A number that can be read in two ways is None: it is asked about, never guessed (QT-1).
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

SIDE = r"\d{1,4}(?:[.,]\d{1,5})?"
MONEY = r"\d{1,3}(?:[,. ]\d{3})+(?:[.,]\d{1,2})?|\d{1,7}(?:[.,]\d{1,2})?"
COUNT = (
    r"\d{1,3}(?:,\d{2})*,\d{3}|\d{1,3}(?:[.' ]\d{3})+"
    r"|\d{1,9}(?:[.,]\d{1,2})?\s*(?:k|thousand|lakhs?|lacs?|dozens?|millions?)\b|\d{1,9}"
)
_TIMES = {"k": 1000, "t": 1000, "l": 100_000, "d": 12, "m": 1_000_000}
"""What stands behind a count, by its first letter."""

_MIXED = re.compile(r"(?<![\d/.,])(\d{1,3})[ -](\d{1,2})/(2|4|8|16|32)(?![\d/])")
_VULGAR = re.compile(r"(\d*)\s?([\u00bc-\u00be\u2150-\u215e])")
_GROUPED = re.compile(r"\d{1,3}(?:[,. ]\d{3})+(?=$|[.,]\d{1,2}$)")


def without_fractions(text: str) -> str:
    """Write `12 1/2` and `12\u00bd` as 12.5; what is no proper fraction of an inch stays, for it may be a paper."""
    text = _VULGAR.sub(lambda found: f"{Decimal(found[1] or 0) + _part(unicodedata.numeric(found[2]))}", text)
    return _MIXED.sub(_as_decimal, text)


def _part(share: float) -> Decimal:
    return Decimal(str(round(share, 5)))


def _as_decimal(found: re.Match[str]) -> str:
    whole, part, parts = map(int, found.groups())
    return str(whole + Decimal(part) / parts) if part < parts else found[0]


def side(text: str) -> Decimal | None:
    """Read a measure; `1,200` may be one or a thousand, so it is None."""
    if re.fullmatch(r"\d{1,3},\d{3}", text):
        return None
    return Decimal(text.replace(",", "."))


def money(text: str) -> Decimal:
    """Read an amount: three digits after a mark are thousands, one or two are its fraction."""
    grouped = _GROUPED.match(text)
    if grouped is not None:
        return Decimal(re.sub(r"[,. ]", "", grouped[0]) + text[grouped.end() :].replace(",", "."))
    return Decimal(text.replace(",", "."))


def count(text: str) -> int:
    """Read a number of pieces, as `COUNT` finds them."""
    told = text.lower().strip()
    if (named := re.search(r"[a-z]", told)) is not None:
        return int(Decimal(told[: named.start()].strip().replace(",", ".")) * _TIMES[named[0]])
    return int(re.sub(r"[,.' ]", "", told))


def plain(number: Decimal) -> str:
    """Write a number without idle zeros."""
    return f"{number.normalize():f}" if number else "0"
