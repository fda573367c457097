"""Danger by the odds of its words, for what no phrase, sign or theme foresees (rule SF-3).

    "there's no place for me in this world"             self_harm
    "there's no place for a second tier in this plan"   None

`data/odds.tsv` gives a word, two words in a row, two with any word between them, and a class of `signs` (`#despair`)
their points for each kind of danger. They were learned from the labelled sets of the tests, ordinary messages to every
service among them, and are learned anew by `python -m tests.handlers.coaching.safety.learning`. The points of a text
are their sum, by the root of how many there could be. A long text is looked at two sentences at a time.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from math import sqrt
from pathlib import Path

from handlers.coaching.safety.signs import classes_of

KINDS = ("self_harm", "abuse", "violence")
ALARM = 60
"""From how many points on a text is heard: hundredths of the logarithm of the odds, so that two of three are danger.

Learned without five of the sets and a quarter of the ordinary messages, this hears 196 of 233 tellings that were made
to be missed (by the lists alone 131) and alarms at 1 of their 240 harmless neighbours, 5 of 225 messages to the coach
and 2 of 3,786 to other services; even odds would hear 205, and alarm at 8, 10 and 8.
"""
_DATA = Path(__file__).parent / "data"
_SENTENCES = re.compile(r"[.!?;\n]+")
_WORD = re.compile(r"[a-z]+|\d+")
_FEWEST_WORDS, _WHOLE = 3, 40
_ENDINGS = ("ing", "ed", "es", "s", "ly")
_STEM, _LEAST = 7, 3


def likely(message: str) -> str | None:
    """Return the kind of danger that the words of a folded message make likely, None when they make none."""
    return next((kind for part in _parts(message) if (kind := _heard(part)) is not None), None)


def _heard(text: str) -> str | None:
    best = max(zip(points(text), KINDS, strict=True))
    return best[1] if best[0] >= ALARM else None


def points(text: str) -> tuple[float, ...]:
    """Return the points of a text for each kind, in the order of `KINDS`."""
    table, start = _learned()
    marks = marks_of(text)
    known = [table[mark] for mark in marks if mark in table]
    scale = sqrt(len(marks) + 1)
    return tuple(
        first + sum(column) / scale for first, column in zip(start, zip(*known, (0, 0, 0), strict=True), strict=True)
    )


def marks_of(text: str) -> set[str]:
    """Return what is looked at in a text: its classes, its words, and which words stand near each other."""
    marks = {f"#{name}" for name, pattern in _classes() if pattern.search(text)}
    for sentence in _SENTENCES.split(text):
        words = _WORD.findall(sentence)
        framed = ["^", *map(_kind_of, words), "$"]
        marks.update(framed)
        marks.update(map(_stem, words))
        marks.update(f"{one} {two}" for one, two in pairwise(framed))
        marks.update(f"{one} * {two}" for one, two in zip(framed, framed[2:], strict=False))
    return marks


def _parts(message: str) -> Iterator[str]:
    """Yield a short message as it is, a long one by two sentences at a time, and no more than forty words of those."""
    parts = [message] if len(message.split()) <= _WHOLE else _pairs(message)
    for part in dict.fromkeys(parts):
        words = part.split()
        if len(words) >= _FEWEST_WORDS:
            for at in range(0, max(1, len(words) - _WHOLE // 2), _WHOLE // 2):
                yield " ".join(words[at : at + _WHOLE])


def _pairs(message: str) -> list[str]:
    sentences = [part.strip() for part in _SENTENCES.split(message) if part.strip()]
    return [". ".join(sentences[at : at + 2]) for at in range(max(1, len(sentences) - 1))]


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    """Return a word without its ending."""
    if word.isdigit():
        return "<n>"
    ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= _LEAST), "")
    stem = word.removesuffix(ending)
    if len(stem) > _LEAST and stem[-1] == stem[-2]:
        stem = stem[:-1]
    return (stem.removesuffix("e") if len(stem) > _LEAST else stem)[:_STEM]


def _kind_of(word: str) -> str:
    """Return the group of a word, its stem where it is of none."""
    return _groups().get(word) or _stem(word)


@cache
def _groups() -> dict[str, str]:
    listed: dict[str, list[str]] = tomllib.loads((_DATA / "odds_words.toml").read_text("utf-8"))
    return {word: f"<{name}>" for name, words in listed.items() for word in words}


@cache
def _classes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    listed = classes_of("en").items()
    return tuple((name, re.compile(rf"\b(?:{words})\b")) for name, words in listed if not words.startswith("(?="))


@cache
def _learned() -> tuple[dict[str, tuple[int, ...]], tuple[int, ...]]:
    """Load the points of each mark, and those that every text starts from (the row without a mark)."""
    rows = (line.split("\t") for line in (_DATA / "odds.tsv").read_text("utf-8").splitlines())
    table = {mark: tuple(map(int, learned)) for mark, *learned in rows}
    return table, table.pop("")
