"""Which characters of a person's text can go on paper, before the font is asked.

Control and format characters are dropped without a word: they print nothing. Right-to-left letters are not typeset:
a line of them would come out in an order that we cannot promise, so Latin text is asked for instead (AC-44).
"""

from __future__ import annotations

import unicodedata
from typing import Any

_SILENT = {"Cc", "Cf", "Cs", "Me"}


def clean(text: str) -> str:
    """Compose accents, unify line breaks and blanks, drop what prints nothing."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))
    return "".join(_kept(c) for c in text)


def _kept(char: str) -> str:
    if char in "\n ":
        return char
    if char == "\t" or unicodedata.category(char) in ("Zs", "Zp"):
        return " "
    return "" if unicodedata.category(char) in _SILENT or _selects_a_variant(char) else char


def _selects_a_variant(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def clean_all(value: Any) -> Any:
    """Clean every string inside a JSON value."""
    match value:
        case str():
            return clean(value)
        case list() | tuple():
            return [clean_all(item) for item in value]
        case dict():
            return {key: clean_all(item) for key, item in value.items()}
        case _:
            return value


def characters(value: Any) -> set[str]:
    """Collect the characters of every string inside a JSON value."""
    match value:
        case str():
            return set(value)
        case list() | tuple():
            return set().union(*map(characters, value))
        case dict():
            return set().union(*map(characters, value.values()))
        case _:
            return set()


def right_to_left(chars: set[str]) -> set[str]:
    """Return those written from right to left."""
    return {c for c in chars if unicodedata.bidirectional(c) in ("R", "AL")}


def is_letter(char: str) -> bool:
    """Tell letters, whose loss changes words, from symbols."""
    return unicodedata.category(char)[0] in "LM"
