"""The word lists of one language, read from its file and compiled once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.engine.patterns import CueReader, Entry, Index

LOCALES = ("en", "es")
TALK = ("identity", "advice")
"""Kinds of talk that are found by patterns, in the order in which they count."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language: global words, editing verbs, affirmations, small talk, and the patterns of questions about us."""

    words: Mapping[str, str]
    elsewhere: Mapping[str, str]
    edit_verbs: frozenset[str]
    edit_articles: frozenset[str]
    edit_never: frozenset[str]
    numbers: Mapping[str, int]
    last: frozenset[str]
    every: frozenset[str]
    both: frozenset[str]
    beside: frozenset[str]
    thin: frozenset[str]
    yes: frozenset[str]
    no: frozenset[str]
    small: frozenset[str]
    courtesies: frozenset[str]
    talk: Index


@cache
def lexicon(locale: str) -> Lexicon:
    """Return the lexicon of a language; the first call reads its file."""
    raw: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name(f"{locale}.toml").read_text("utf-8"))
    edit, answers, talk = raw["edit"], raw["answers"], raw["talk"]
    reader = CueReader(dict.fromkeys(talk["common"], 1))
    return Lexicon(
        words=_by_phrase(raw["words"]),
        elsewhere=_by_phrase(raw["telegram"]),
        edit_verbs=frozenset(edit["verbs"]),
        edit_articles=frozenset(edit["articles"]),
        edit_never=frozenset(edit["never"]),
        numbers={name: number for number, names in enumerate(answers["numbers"], 1) for name in names},
        last=frozenset(answers["last"]),
        every=frozenset(answers["every"]),
        both=frozenset(answers["both"]),
        beside=frozenset(answers["beside"]),
        thin=frozenset(answers["thin"]),
        yes=frozenset(talk["yes"]),
        no=frozenset(talk["no"]),
        small=frozenset(talk["small"]) | frozenset(talk["yes"]) - frozenset(talk["answers"]),
        courtesies=frozenset(talk["courtesies"]),
        talk=Index(Entry(kind, kind, pattern, reader.cues(pattern)) for kind in TALK for pattern in talk[kind]),
    )


@cache
def lexicons(locale: str) -> tuple[Lexicon, ...]:
    """Return the lexicons to look in, the person's language first."""
    return tuple(lexicon(known) for known in sorted(LOCALES, key=lambda known: known != locale[:2]))


def _by_phrase(lists: Mapping[str, list[str]]) -> dict[str, str]:
    return {phrase: word for word, phrases in lists.items() for phrase in phrases}
