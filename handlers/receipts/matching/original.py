"""The amount abroad that banks print into a line's text: "LA BOULE PARIS 18.00 EUR @ 1.09" (rule MAT-1, case MT-7)."""

from __future__ import annotations

import re

from handlers.receipts.currencies import is_currency, to_minor

_AMOUNT = r"(\d{1,3}(?:,\d{3})+(?:\.\d{1,3})?|\d+(?:[.,]\d{1,3})?)"
_FORMS = (re.compile(rf"\b([A-Z]{{3}})\s?{_AMOUNT}(?![\d.,])"), re.compile(rf"(?<![\d.,]){_AMOUNT}\s?([A-Z]{{3}})\b"))


def original_amount(text: str, own_currency: str) -> tuple[int, str] | None:
    """Return (minor units, currency) of the one foreign amount in a line's text; None for none or for two."""
    found = set()
    for code, number in [*_FORMS[0].findall(text), *((code, n) for n, code in _FORMS[1].findall(text))]:
        if code != own_currency and is_currency(code):
            found.add((to_minor(_plain(number), code), code))
    return found.pop() if len(found) == 1 else None


def _plain(number: str) -> str:
    """Return a number with a dot as its decimal mark; a comma before three digits groups thousands."""
    whole, comma, rest = number.rpartition(",")
    if comma and len(rest) < 3:
        return f"{whole}.{rest}"
    return number.replace(",", "")
