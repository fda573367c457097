"""What the words beside an amount mean: total and its rank, subtotal, tax, tip, tender, and what is never a total.

The table stands in `data/labels.toml`. Words are folded first and common misreadings corrected, so `SUB T0TAL`,
`Anount due` and `TOTAI` are what they were on paper (rule OCR-8).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from handlers.receipts.merchants import folded

_LABELS = Path(__file__).parents[1] / "data" / "labels.toml"
_LOOKALIKES = str.maketrans("015|8", "olslb")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Label:
    """The class of a label and, for totals, its rank (100 amount due, 90 grand total, 80 total, 50 amount)."""

    name: str
    rank: int = 0


NO_LABEL = Label("")


@cache
def _table() -> tuple[list[tuple[Label, re.Pattern[str]]], frozenset[str]]:
    table = tomllib.loads(_LABELS.read_text("utf-8"))
    classes = [
        (Label(entry["name"], entry.get("rank", 0)), re.compile(entry["pattern"].replace(" ", r"\s*")))
        for entry in table["classes"]
    ]
    return classes, frozenset(table["vocabulary"])


@lru_cache(maxsize=4096)
def label_of(text: str) -> Label:
    """Return what the words of a line mean, amounts already taken out."""
    words = plain_words(text)
    if not any(c.isalpha() for c in words):
        return NO_LABEL
    return next((label for label, pattern in _table()[0] if pattern.search(words)), NO_LABEL)


@lru_cache(maxsize=4096)
def plain_words(text: str) -> str:
    """Return folded text with misread words corrected."""
    return re.sub(r"\s+", " ", _WORD.sub(lambda match: _corrected(match.group()), folded(text))).strip()


def _corrected(word: str) -> str:
    if any(c.isdigit() for c in word) and sum(c.isalpha() for c in word) > sum(c.isdigit() for c in word):
        word = re.sub(r"(?<=[a-z])[015|8](?=[a-z])|(?<=[a-z]{2})[015](?!\d)|^[015](?=[a-z]{2})", _letter, word)
    if not 5 <= len(word) <= 11 or word in _table()[1]:
        return word
    near = [known for known in _near_by_length(len(word)) if _is_one_off(word, known)]
    return near[0] if near else word


def _letter(match: re.Match[str]) -> str:
    return match.group().translate(_LOOKALIKES)


@cache
def _near_by_length(length: int) -> tuple[str, ...]:
    return tuple(sorted(known for known in _table()[1] if abs(len(known) - length) <= 1))


def _is_one_off(word: str, known: str) -> bool:
    """Say whether one letter put in, left out or changed makes the one the other."""
    if len(word) > len(known):
        word, known = known, word
    at = next((i for i, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), len(word))
    if len(word) == len(known):
        return word[at + 1 :] == known[at + 1 :]
    return word[at:] == known[at + 1 :]
