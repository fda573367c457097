"""Numbers as people type them: decimal comma or point, thousands apart by comma, point or blank, `10k`.

A number that can be read in two ways is None: it is asked about, never guessed (QT-1).
"""

from __future__ import annotations

import re
from decimal import Decimal

SIDE = r"\d{1,4}(?:[.,]\d{1,3})?"
MONEY = r"\d{1,3}(?:[,. ]\d{3})+(?:[.,]\d{1,2})?|\d{1,7}(?:[.,]\d{1,2})?"
COUNT = r"\d{1,3}(?:,\d{2})*,\d{3}|\d{1,3}(?:[.' ]\d{3})+|\d{1,9}(?:[.,]\d)?k|\d{1,9}"

_GROUPED = re.compile(r"\d{1,3}(?:[,. ]\d{3})+(?=$|[.,]\d{1,2}$)")


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
    if told.endswith("k"):
        return int(Decimal(told[:-1].replace(",", ".")) * 1000)
    return int(re.sub(r"[,.' ]", "", told))


def plain(number: Decimal) -> str:
    """Write a number without idle zeros."""
    return f"{number.normalize():f}" if number else "0"
