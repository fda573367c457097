"""Telephone numbers as they stand on prints and in texts, and the digits by which two ways of writing are one."""

from __future__ import annotations

import re

_PHONE = re.compile(r"(?<![\w.])\+?\d[\d\s().-]{5,17}\d(?![\w])|(?<![\w.])\(\d{3}\)[\s.-]?\d{3}[\s.-]?\d{4}(?!\w)")
_LEAST_DIGITS, _NATIONAL_DIGITS, _MOST_DIGITS = 7, 10, 15


def phone_key(text: str) -> str | None:
    """Return the digits by which a telephone number is one, with or without its country; None for another number."""
    digits = re.sub(r"\D", "", text)
    return digits[-_NATIONAL_DIGITS:] if _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS else None


def phones_in(text: str) -> list[str]:
    """Return the telephone numbers of a text as they are written."""
    return [match[0] for match in _PHONE.finditer(text) if phone_key(match[0])]
