"""Finding the longest known phrase in a text, whole words only (rule CAT-2).

Texts and phrases are compared as tokens: folded, without punctuation, apostrophes and plural endings. "h&m" is two
tokens, "Barnes & Noble" is two; "gas" is not in "Gasthof", nor "bill" in "Billabong".
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from storage.receipts.words import tokens

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Match:
    """A known phrase that stands in a text, at tokens [start, end), and the category key that it names."""

    key: str
    phrase: str
    start: int
    end: int


class Phrases:
    """Known phrases, by their tokens."""

    def __init__(self, table: Mapping[str, Iterable[str]]) -> None:
        self._known: dict[tuple[str, ...], tuple[str, str]] = {}
        for key, phrases in table.items():
            for phrase in phrases:
                self._known.setdefault(tuple(tokens(phrase)), (key, phrase))
        self._longest = max(map(len, self._known), default=0)

    def find(self, text: str) -> Match | None:
        """Return the longest phrase in a text; of equally long ones the one with more letters, then the first."""
        cut = tokens(text)
        for size in range(min(self._longest, len(cut)), 0, -1):
            found = [
                Match(*self._known[part], start, start + size)
                for start in range(len(cut) - size + 1)
                if (part := tuple(cut[start : start + size])) in self._known
            ]
            if found:
                return max(found, key=lambda one: (len(one.phrase), -one.start))
        return None


@cache
def _brand_table() -> dict[str, dict[str, list[str]] | list[str]]:
    return tomllib.loads((_HERE / "brands.toml").read_text("utf-8"))


@cache
def brands() -> Phrases:
    """Return the names of shops."""
    table = _brand_table()["brands"]
    assert isinstance(table, dict)  # noqa: S101
    return Phrases(table)


@cache
def common_brands() -> frozenset[str]:
    """Return the names of shops that are everyday words too."""
    return frozenset(_brand_table()["common"])


@cache
def keywords() -> Phrases:
    """Return the words that tell what is sold."""
    return Phrases(tomllib.loads((_HERE / "keywords.toml").read_text("utf-8")))
