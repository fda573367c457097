"""What the coach does not advise on: medicine, law, taxes, investments, gambling (rule SF-2, `data/scope.toml`).

"do I have to pay taxes on memberships?"   tax
"my niche is crypto, is $29 too much?"     None
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from bot.core.fold import fold

_DATA = Path(__file__).parent / "data" / "scope.toml"
_LONGEST = 2_000
_APOSTROPHES = re.compile(r"(?<=\w)'(?=\w)")


class Topic(StrEnum):
    """A field of others; the first that fits."""

    MEDICAL = "medical"
    LEGAL = "legal"
    TAX = "tax"
    INVESTMENT = "investment"
    GAMBLING = "gambling"


@dataclass(frozen=True, slots=True)
class Words:
    """What asks in any way, what is a question in form, what is told as a fact; and of each field what is its own."""

    asks: re.Pattern[str]
    question: re.Pattern[str]
    told: re.Pattern[str]
    harmless: re.Pattern[str]
    patterns: dict[Topic, re.Pattern[str]]
    subjects: dict[Topic, re.Pattern[str]]


def outside(text: str) -> Topic | None:
    """Return the field of others that a text asks about, None when it asks about none."""
    said, words = _APOSTROPHES.sub("", fold(text[:_LONGEST])), _known()
    if words.told.search(said):
        return Topic.MEDICAL
    if not words.asks.search(said) and not words.question.search(said):
        return None
    meant = words.harmless.sub(" ~ ", said)
    known = [words.patterns, words.subjects] if words.question.search(said) else [words.patterns]
    return next((topic for listed in known for topic in Topic if listed[topic].search(meant)), None)


@cache
def _known() -> Words:
    data = tomllib.loads(_DATA.read_text("utf-8"))
    patterns, subjects = (
        {topic: _any(data[topic.value][kind]) for topic in Topic} for kind in ("patterns", "subjects")
    )
    asks, question, told = (re.compile(data[name]) for name in ("ask", "question", "told"))
    return Words(asks, question, told, _any(data["harmless"]["phrases"]), patterns, subjects)


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
