"""What words say of a ticket: its category, whether they press, whether they only thank (rules SP-4, SLA-1).

Phrases are found as whole words in folded text. Nothing that a person writes raises a priority.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.core.fold import fold, trim

DATA = Path(__file__).with_name("data") / "words.toml"
GENERAL = "general"
_LETTER = re.compile(r"[^\W_]")
_CODE = re.compile(r"\W*t\s?-\s?(\d{4,9})\b[\s:,.-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """The lists of the data file."""

    categories: Mapping[str, re.Pattern[str]]
    priorities: Mapping[str, str]
    flows: Mapping[str, str]
    urgent: re.Pattern[str]
    phrases: Mapping[str, frozenset[str]]


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(fold(one)) for one in phrases)})(?!\w)")


@cache
def words() -> Words:
    """Return the lists; the first call reads their file."""
    raw = tomllib.loads(DATA.read_text("utf-8"))
    return Words(
        {name: _any_of(phrases) for name, phrases in raw["categories"].items()},
        raw["priorities"],
        raw["flows"],
        _any_of(raw["phrases"]["urgent"]),
        {name: frozenset(trim(fold(one)) for one in raw["phrases"][name]) for name in ("thanks", "solved", "broken")},
    )


def category_of(text: str, flow: str = "") -> str:
    """Return what a message is about; the open conversation decides where the words do not."""
    folded = fold(text)
    found = next((name for name, pattern in words().categories.items() if pattern.search(folded)), None)
    return found or next((name for part, name in words().flows.items() if flow.startswith(part)), GENERAL)


def priority_of(category: str) -> str:
    """Return the priority that a category begins with."""
    return words().priorities[category]


def presses(text: str) -> bool:
    """Tell whether a message asks for haste: a tag for staff."""
    return words().urgent.search(fold(text)) is not None


def thanks(text: str) -> bool:
    """Tell whether a message only thanks, or holds no word at all."""
    return _LETTER.search(text) is None or _is("thanks", text)


def solved(text: str) -> bool:
    """Tell whether a message says that the ticket may be closed."""
    return _is("solved", text)


def still_broken(text: str) -> bool:
    """Tell whether a message says that a solution is none."""
    return _is("broken", text)


def _is(name: str, text: str) -> bool:
    return trim(fold(text)) in words().phrases[name]


def split_code(text: str) -> tuple[int, str] | None:
    """Return the ticket that a message begins with and what follows; None for any other message."""
    match = _CODE.match(text)
    return (int(match[1]), text[match.end() :].strip()) if match else None
