"""How old people say that they are, in numbers and in words (rules ID-12, SF-4, `ages.toml`).

    "im in 8th grade"                  13
    "I'll be 18 in August"             17
    "I'm a minor celebrity in town"    None

An age is given only as far as the words are certain of it. Where a range lies across 13 (7th grade, a year of birth)
the person counts as 13: what is told is then not under 13, and a refusal would delete their plan. Where it lies across
18 they count as a minor: a reminder of a guardian harms nobody, and a later word of theirs corrects it. All messages
are read, so a pattern is tried only where the words occur without which it cannot match.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from bot.core.fold import fold, words
from bot.engine.patterns import CueReader, Entry, Index

SERVED, GROWN = 13, 18
_DATA = Path(__file__).with_name("ages.toml")
_SHORT = 24
"""Answers this short come again and again: what they say is remembered."""
_LONGEST, _OLDEST, _YOUNGEST = 400, 99, 5
_SCHOOL_STARTS, _BRITISH_SCHOOL_STARTS = 5, 4
_APOSTROPHES = re.compile(r"(?<=\w)'(?=\w)")
_OPENING = re.compile(r"^(?:(?:sorry|oh|ok|okay|well|so|btw|also|lol|um|actually|honestly|perdon),? )+")
_CLAUSES = re.compile(r"[.!?;\n]+\s+|[.!?;\n]+$|\n")
_PART = re.compile(r"<([a-z]+)>")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)$")
_MINOR, _CHILD = SERVED, SERVED - 1
_WAYS = ("age", "next", "under", "grade", "british", "born", "child", "minor")


@dataclass(frozen=True, slots=True)
class Words:
    """The patterns by what their number means; words for numbers; what is no age, and who is not the person."""

    ways: Index
    numbers: dict[str, int]
    harmless: re.Pattern[str]
    others: re.Pattern[str]


def stated_age(text: str, today: date) -> int | None:
    """Return the age in years that a person states of themselves, None when they state none."""
    is_number = text.isascii() and text.upper() == text.lower()  # no letter: an answer to something else
    if len(text) > _LONGEST or is_number:
        return None
    return _short(text, today.year) if len(text) <= _SHORT else _stated(text, today.year)


def _stated(text: str, year: int) -> int | None:
    said = _APOSTROPHES.sub("", fold(text))
    clauses = [_OPENING.sub("", clause.strip()) for clause in _CLAUSES.split(_known().harmless.sub(" ~ ", said))]
    return next((age for clause in clauses if (age := _in_clause(clause, year)) is not None), None)


_short = lru_cache(maxsize=4096)(_stated)


def _in_clause(clause: str, year: int) -> int | None:
    ways = _ways(year)
    for entry in _known().ways.fitting(frozenset((*clause.split(), *words(clause)))):
        for found in entry.pattern.finditer(clause):
            age = ways[entry.rule](_number(found[1]) if entry.pattern.groups else 0)
            if age is not None and not _speaks_of_others(clause, found):
                return age
    return None


def _speaks_of_others(clause: str, found: re.Match[str]) -> bool:
    other = _known().others.search(clause, 0, found.start())
    return other is not None and re.search(r"\b(?:i|im|iam|me|tengo|soy)\b", clause[other.end() : found.end()]) is None


def _ways(year: int) -> dict[str, Callable[[int], int | None]]:
    """Return what a number means in each way of saying it."""
    return {
        "age": lambda n: n if _YOUNGEST <= n <= _OLDEST else None,
        "next": lambda n: n - 1 if _YOUNGEST < n <= GROWN else None,
        "under": lambda n: n - 1 if _YOUNGEST < n <= GROWN else None,
        "grade": lambda n: _between(n + _SCHOOL_STARTS, n + _SCHOOL_STARTS + 1),
        "british": lambda n: _between(n + _BRITISH_SCHOOL_STARTS, n + _BRITISH_SCHOOL_STARTS + 1),
        "born": lambda n: _between(year - n - 1, year - n),
        "child": lambda _: _CHILD,
        "minor": lambda _: _MINOR,
    }


def _between(low: int, high: int) -> int | None:
    """Return the age that a range stands for; none for one that cannot be a person's."""
    if not _YOUNGEST - 1 <= low <= _OLDEST:
        return None
    return high if high < SERVED else max(low, SERVED)


def _number(typed: str) -> int:
    plain = _ORDINAL.sub("", typed)
    return int(plain) if plain.isdigit() else _known().numbers[plain]


@cache
def _known() -> Words:
    data = tomllib.loads(_DATA.read_text("utf-8"))
    parts: dict[str, str] = data["parts"]
    reader = CueReader({})
    lines = [(name, _filled(line, parts)) for name in _WAYS for line in data[name]["patterns"]]
    ways = Index(Entry(name, name, line, reader.cues(line)) for name, line in lines)
    harmless = re.compile("|".join(f"(?:{line})" for line in data["harmless"]["phrases"]))
    return Words(ways, data["numbers"], harmless, re.compile(data["harmless"]["others"]))


def _filled(pattern: str, parts: dict[str, str]) -> str:
    while (found := _PART.search(pattern)) is not None:
        pattern = pattern.replace(found[0], parts[found[1]])
    return pattern
