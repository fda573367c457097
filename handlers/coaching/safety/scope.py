"""What the coach does not advise on: medicine, law, taxes, investments, gambling (rule SF-2, `data/scope.toml`).

"do I have to pay taxes on memberships?"   tax
"my niche is crypto, is $29 too much?"     None
"""

from __future__ import annotations

import re
import tomllib
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


def outside(text: str) -> Topic | None:
    """Return the field of others that a text asks about, None when it asks about none."""
    said = _APOSTROPHES.sub("", fold(text[:_LONGEST]))
    asks, harmless, topics = _known()
    if not asks.search(said):
        return None
    meant = harmless.sub(" ~ ", said)
    return next((topic for topic in Topic if topics[topic].search(meant)), None)


@cache
def _known() -> tuple[re.Pattern[str], re.Pattern[str], dict[Topic, re.Pattern[str]]]:
    data = tomllib.loads(_DATA.read_text("utf-8"))
    topics = {topic: _any(data[topic.value]["patterns"]) for topic in Topic}
    return re.compile(data["ask"]), _any(data["harmless"]["phrases"]), topics


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
