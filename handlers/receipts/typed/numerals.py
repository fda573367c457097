"""The notation of numbers: decimal marks, groups, exponents (rules AMT-1 to AMT-5)."""

from __future__ import annotations

import re

from handlers.receipts.currencies import exponent

_GROUPING = re.compile(r"[ ']")


def decimal_of(body: str, currency: str) -> str | None:
    """Return a number in digits as a plain decimal ("1.250,00" -> "1250.00"), or None when it is no amount."""
    digits = exponent(currency)
    text = _GROUPING.sub("", body).rstrip(".,")
    marks = [character for character in text if character in ".,"]
    if not marks:
        return text if text.isascii() and text.isdecimal() else None
    last = marks[-1]
    whole, _, part = text.rpartition(last)
    if len(set(marks)) == 2:
        return _joined(whole, part, digits) if marks.count(last) == 1 else None
    if len(marks) > 1:
        return _grouped(text, last)
    if not whole:
        return f"0.{part}" if len(part) <= max(digits, 2) else None
    return _one_mark(whole, part, digits)


def _joined(whole: str, part: str, digits: int) -> str | None:
    """Both marks: the last is the decimal mark, unless a currency without decimals makes it one more group."""
    plain = whole.replace(",", "").replace(".", "")
    if not plain.isdecimal() or not part.isdecimal():
        return None
    if not digits and len(part) == 3:
        return plain + part
    return f"{plain}.{part}" if len(part) <= max(digits, 2) else None


def _grouped(text: str, mark: str) -> str | None:
    groups = text.split(mark)
    inner, last = groups[1:-1], groups[-1]
    if not all(len(group) in (2, 3) for group in inner) or len(last) != 3 or not 1 <= len(groups[0]) <= 3:
        return None
    return "".join(groups)


def _one_mark(whole: str, part: str, digits: int) -> str | None:
    if len(part) == 3 and not (digits == 3 or whole.startswith("0")):
        return whole + part if len(whole) <= 3 else None
    if not digits and len(part) == 3:
        return whole + part
    return f"{whole}.{part}" if len(part) <= max(digits, 2) or (whole == "0" and len(part) <= 3) else None
