"""The words of all languages, read from the data files once and matched without case and accents."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("data")
_FIRST_WIDE = "\u1100"
_SPECIAL = {"ø": "o", "ł": "l", "ß": "s", "æ": "a", "đ": "d", "ı": "i"}
Words = frozenset[str]


@lru_cache(maxsize=4096)
def _flat_character(character: str) -> str:
    """Fold one character to one character, so that folded text keeps its positions."""
    lowered = character.lower()
    if special := _SPECIAL.get(lowered):
        return special
    if lowered >= _FIRST_WIDE and unicodedata.category(character)[0] == "L" and character > "\u2000":
        return character
    base = unicodedata.normalize("NFD", lowered)[:1]
    return base or " "


def flat(text: str) -> str:
    """Return the text in lower case without accents, of the same length."""
    lowered = text.lower()
    return lowered if text.isascii() else "".join(map(_flat_character, text))


@cache
def data(name: str) -> Mapping[str, Any]:
    """Return one data file of this package."""
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


def listed(text: str) -> list[str]:
    """Split a comma-separated list of words and fold them."""
    return [flat(word.strip()) for word in text.replace("\n", " ").split(",") if word.strip()]


def alternatives(phrases: Iterable[str]) -> str:
    """Return a regular expression source for any of the phrases as whole words, longest first."""
    ordered = sorted({flat(" ".join(phrase.split())) for phrase in phrases}, key=lambda phrase: (-len(phrase), phrase))
    return "(?:" + "|".join(_phrase(phrase) for phrase in ordered) + ")"


def _phrase(phrase: str) -> str:
    source = re.escape(phrase).replace(r"\ ", r"\s").replace(r"\*", r"(?:\S+\s){0,6}?\S+")
    if phrase[0] >= _FIRST_WIDE:
        return source
    before = r"(?<![^\W_])" if phrase[0].isalnum() else ""
    after = r"(?![^\W_])" if phrase[-1].isalnum() else ""
    return f"{before}{source}{after}"


@cache
def phrases(name: str, *keys: str) -> re.Pattern[str]:
    """Return the matcher of a list in a data file: `phrases("numbers", "tips")`."""
    return re.compile(alternatives(listed(entry(name, *keys))))


@cache
def words(name: str, *keys: str) -> Words:
    """Return the set of a list in a data file."""
    return frozenset(listed(entry(name, *keys)))


def entry(name: str, *keys: str) -> str:
    """Return the text of one entry of a data file."""
    found: Any = data(name)
    for key in keys:
        found = found[key]
    return str(found)
