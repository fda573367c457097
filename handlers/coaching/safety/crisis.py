"""Words of a person in danger: self-harm, violence, abuse (rule SF-3); read by code before any model.

    "I don't want to live anymore"    self_harm
    "this game is killing me"         None

Recall first: what is meant is heard also when it is about somebody else ("my friend wants to kill herself"). Figures
of speech are taken out before, as `data/crisis_*.toml` lists them beside set phrases of danger; what no phrase
foresees is put together by `signs`, what is told in pieces by `weighing`, and the rest is heard by its `odds`. Both
languages are tried whichever the person has.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from handlers.coaching.safety.hearing import said
from handlers.coaching.safety.odds import likely
from handlers.coaching.safety.signs import sign
from handlers.coaching.safety.weighing import weigh

LOCALES = ("en", "es")
_SHORT = 24
"""What messages this short are is remembered: the same few words make most of the traffic."""
_DATA = Path(__file__).parent / "data"
_SPANISH = re.compile(
    r"\b(?:que|quiero|me|mi|se|ya|lo|la|el|los|una?|con|por|para|cuando|esta|estoy|tengo|muy|mas|de|y)\b"
)
_ENGLISH = re.compile(r"\b(?:i|im|my|the|to|and|is|he|she|of|it|that|for|you|we|in|on|with|want|a|just|be|dont)\b")


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


def crisis(text: str, *, guessed: bool = True) -> Danger | None:
    """Return what danger the words of a person tell of, None when they tell of none.

    Not `guessed` is what the lists hold alone: odds alarm at one ordinary message in three hundred, which somebody who
    notes expenses and never spoke with a coach would not understand.
    """
    return _short(text, guessed) if len(text) <= _SHORT else _danger(text, guessed)


def _danger(text: str, guessed: bool) -> Danger | None:
    heard = words_left(text)
    for kind in _ORDER:
        for locale in LOCALES:
            if words_of(locale).danger[kind].search(heard):
                return Danger(kind, locale)
    found = ((told(locale, heard), locale) for told in (sign, weigh) for locale in LOCALES)
    listed = next((Danger(Crisis(kind), locale) for kind, locale in found if kind is not None), None)
    return _likely(heard) if listed is None and guessed else listed


def _likely(heard: str) -> Danger | None:
    kind = likely(heard)
    return None if kind is None else Danger(Crisis(kind), language_of(heard))


def words_left(text: str) -> str:
    """Return the words that a person meant, without figures of speech."""
    heard = said(text)
    for locale in LOCALES:
        heard = words_of(locale).harmless.sub(" ~ ", heard)
    return heard


def language_of(heard: str) -> str:
    """Return the language of folded words by its smallest ones; English when there are none."""
    return "es" if len(_SPANISH.findall(heard)) > len(_ENGLISH.findall(heard)) else "en"


_short = lru_cache(maxsize=4096)(_danger)
_ORDER = (Crisis.SELF_HARM, Crisis.ABUSE, Crisis.VIOLENCE)


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
