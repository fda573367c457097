"""Masks what nobody should have texted: card numbers, social security numbers, bank accounts (PRIV-5, SMS-32).

Masking happens before anything is stored; the last four characters stay, so that the person can recognise what was
sent. Citation and tracking numbers can look like cards, therefore a step that expects one says which texts fit it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_RUN = re.compile(r"(?<!\w)\d+(?:[\s\-.–—_]{1,3}\d+)*(?!\w)", re.ASCII)
_GROUP = re.compile(r"\d+")
_CARD_SHAPES = {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3)}
_CARD_STARTS = "23456"
_SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}([ \-.])(?!00)\d{2}\1(?!0000)\d{4}(?![\d]|-\d)", re.ASCII)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \-]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])", re.ASCII)
_IBAN_LENGTHS = range(15, 35)
_KEPT = 4


@dataclass(frozen=True, slots=True)
class Masked:
    """The text to store, and how many numbers were masked in it."""

    text: str
    count: int = 0


def mask(text: str, *, except_fitting: Callable[[str], bool] | None = None) -> Masked:
    """Return the text with card, social security and bank numbers masked.

    `except_fitting` tells of a number (and of the whole text) whether it fits the format that the open step expects;
    what fits stays as it is.
    """
    if not any(c.isdigit() for c in text) or (except_fitting and except_fitting(text.strip())):
        return Masked(text)
    count = 0

    def hide(number: str) -> str:
        nonlocal count
        if except_fitting and except_fitting(number):
            return number
        count += 1
        return _hidden(number)

    text = _IBAN.sub(lambda match: _ibans_hidden(match[0], hide), text)
    text = _RUN.sub(lambda match: _cards_hidden(match[0], hide), text)
    text = _SSN.sub(lambda match: hide(match[0]), text)
    return Masked(text, count)


def is_card(number: str) -> bool:
    """Tell whether the digits, 13 to 19 of them and not all the same, pass the Luhn check."""
    digits = [int(c) for c in number if c.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = (2 * d - 9 * (d > 4) if i % 2 else d for i, d in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def is_iban(account: str) -> bool:
    """Tell whether an account number passes the ISO 13616 check (remainder 1 of 97)."""
    plain = "".join(c for c in account if c.isalnum()).upper()
    if len(plain) not in _IBAN_LENGTHS or not plain[:2].isalpha() or not plain[2:4].isdigit():
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _ibans_hidden(caught: str, hide: Callable[[str], str]) -> str:
    """Mask the longest beginning that is an IBAN; words that follow it in the text may have been caught."""
    for end in range(len(caught), _IBAN_LENGTHS.start - 1, -1):
        if caught[end - 1].isalnum() and is_iban(caught[:end]):
            return hide(caught[:end]) + caught[end:]
    return caught


def _cards_hidden(run: str, hide: Callable[[str], str]) -> str:
    """Mask a run of digit groups that is a card number, or the groups in it that have the shape of one."""
    groups = list(_GROUP.finditer(run))
    for first, start in enumerate(groups):
        for last in range(len(groups), first, -1):
            shape = tuple(len(group[0]) for group in groups[first:last])
            number = run[start.start() : groups[last - 1].end()]
            whole = last - first == len(groups)
            fits = whole or len(shape) == 1 or shape in _CARD_SHAPES
            if fits and (whole or number[0] in _CARD_STARTS) and is_card(number):
                return run[: start.start()] + hide(number) + _cards_hidden(run[groups[last - 1].end() :], hide)
    return run


def _hidden(number: str) -> str:
    kept = [i for i, c in enumerate(number) if c.isalnum()][-_KEPT:]
    return "".join(c if i in kept or not c.isalnum() else "*" for i, c in enumerate(number))
