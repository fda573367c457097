"""Words of a person in danger: self-harm, violence, abuse (rule SF-3); read by code before any model.

    "I don't want to live anymore"    self_harm
    "this game is killing me"         None

Recall first: what is meant is heard also when it is about somebody else ("my friend wants to kill herself"). Figures
of speech are taken out before, as `data/crisis_*.toml` lists them; both languages are tried whichever the person has.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from bot.core.fold import fold

LOCALES = ("en", "es")
_LONGEST = 4_000
_SHORT = 24
"""What messages this short are is remembered: the same few words make most of the traffic."""
_DATA = Path(__file__).parent / "data"
_APOSTROPHES = re.compile(r"(?<=\w)'(?=\w)")
_NUMBER_WORDS = re.compile(r"(?<=[a-z] )2(?= [a-z])")
_STRETCHED = re.compile(r"(\w)\1{2,}")
_MARKS = re.compile(r"[*_~`|]+|\s+(?=[.,;!?])")


class Crisis(StrEnum):
    """What a person is in; the first that fits, in this order."""

    ABUSE = "abuse"
    VIOLENCE = "violence"
    SELF_HARM = "self_harm"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    harmless: re.Pattern[str]
    danger: dict[Crisis, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Danger:
    """What was heard, and in which language."""

    kind: Crisis
    locale: str


def crisis(text: str) -> Danger | None:
    """Return what danger the words of a person tell of, None when they tell of none."""
    return _short(text) if len(text) <= _SHORT else _danger(text)


def _danger(text: str) -> Danger | None:
    said = _said(text)
    for locale in LOCALES:
        said = words_of(locale).harmless.sub(" ~ ", said)
    for kind in _ORDER:
        for locale in LOCALES:
            if words_of(locale).danger[kind].search(said):
                return Danger(kind, locale)
    return None


_short = lru_cache(maxsize=4096)(_danger)
_ORDER = (Crisis.SELF_HARM, Crisis.ABUSE, Crisis.VIOLENCE)


def _said(text: str) -> str:
    """Return folded text without apostrophes, marks of emphasis, letters drawn out ("dieeee"), "2" for "to"."""
    folded = _APOSTROPHES.sub("", fold(text[:_LONGEST]))
    return _NUMBER_WORDS.sub("to", _STRETCHED.sub(r"\1", _MARKS.sub("", folded)))


@cache
def words_of(locale: str) -> Words:
    """Load the words of a language."""
    data = tomllib.loads((_DATA / f"crisis_{locale}.toml").read_text("utf-8"))
    parts: dict[str, str] = data["parts"]
    return Words(
        _any(data["harmless"]["phrases"], parts),
        {kind: _any(data[kind.value]["patterns"], parts) for kind in Crisis},
    )


def _any(patterns: list[str], parts: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_filled(pattern, parts)})" for pattern in patterns))


def _filled(pattern: str, parts: dict[str, str]) -> str:
    while (found := re.search(r"<([a-z]+)>(?!\))", pattern)) is not None:
        pattern = pattern.replace(found[0], parts[found[1]])
    return pattern
