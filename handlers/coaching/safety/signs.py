"""Signs of danger put together from what words mean, for what no list of phrases foresees (rule SF-3).

    "wait, pills" + "tonight"              means within reach, and a moment
    "he" ... "puts his hands on" ... "me"  somebody, an act, somebody near

`data/signs_*.toml` names classes of words (persons, wishes, acts, means, places, despair; games and trade for the other
side) and rules over them. A rule is written in classes, in the order in which they stand in one sentence:

    who ~4 hurts ~1 near -play             `~4` up to four words between, `+x` in the sentence too, `-x` not in it,
                                           `&x` in the message too, `!x` not in the message
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"
_SENTENCES = re.compile(r"[.!?;\n]+")
_PART = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which classes of words tell of danger."""

    kind: str
    order: re.Pattern[str]
    also: tuple[re.Pattern[str], ...]
    never: tuple[re.Pattern[str], ...]
    elsewhere: tuple[re.Pattern[str], ...]
    nowhere: tuple[re.Pattern[str], ...]

    def fits(self, sentence: str, message: str) -> bool:
        """Tell whether a sentence of a message is what the rule says."""
        return (
            self.order.search(sentence) is not None
            and all(one.search(sentence) for one in self.also)
            and not any(one.search(sentence) for one in self.never)
            and all(one.search(message) for one in self.elsewhere)
            and not any(one.search(message) for one in self.nowhere)
        )


def sign(locale: str, message: str) -> str | None:
    """Return the kind of danger that the sentences of a folded message tell of, None when they tell of none."""
    return next((rule.kind for rule in _fitting(locale, message)), None)


def _fitting(locale: str, message: str) -> Iterator[Rule]:
    sentences = [part for part in _SENTENCES.split(message) if part.strip()]
    for rule in rules_of(locale):
        if any(rule.fits(sentence, message) for sentence in sentences):
            yield rule


@cache
def rules_of(locale: str) -> tuple[Rule, ...]:
    """Load the rules of a language, in the order of their kinds."""
    lines = _read(locale)["rules"].items()
    return tuple(_rule(kind, line, classes_of(locale)) for kind, listed in lines for line in listed)


@cache
def classes_of(locale: str) -> dict[str, str]:
    """Load the classes of a language, as sources of expressions."""
    classes = _read(locale)["classes"]
    return {name: _filled(words, classes) for name, words in classes.items()}


@cache
def _read(locale: str) -> dict[str, Any]:
    return tomllib.loads((_DATA / f"signs_{locale}.toml").read_text("utf-8"))


def _filled(words: str, classes: dict[str, str]) -> str:
    return _PART.sub(lambda found: f"(?:{_filled(classes[found[1]], classes)})", words)


def _rule(kind: str, line: str, classes: dict[str, str]) -> Rule:
    order, gap = "", 0
    beside: dict[str, list[re.Pattern[str]]] = {"+": [], "-": [], "&": [], "!": []}
    for part in line.split():
        if part[0] in beside:
            beside[part[0]].append(_words(classes[part[1:]]))
        elif part[0] == "~":
            gap = int(part[1:])
        else:
            is_ahead = classes[part].startswith("(?=")  # what follows, and is no word of the order
            between = "" if is_ahead or not order else rf"(?:\W+\w+){{0,{gap}}}?\W+"
            order += between + (classes[part] if is_ahead else rf"(?:{classes[part]})\b")
            gap = 0
    return Rule(kind, re.compile(rf"\b{order}"), *(tuple(beside[mark]) for mark in "+-&!"))


def _words(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b")
