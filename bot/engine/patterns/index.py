"""Patterns found by the words of a message, like pages in a search engine.

Each pattern stands under the words of its most telling cue; the other cues are checked before it is tried. Nearly all
ordinary messages meet no pattern at all and are done after one set intersection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bot.engine.patterns.cues import Cues


@dataclass(frozen=True, slots=True)
class Entry:
    """One pattern, the rule it stands for, the rule's kind of it, and the words that it needs."""

    rule: str
    kind: str
    text: str
    cues: Cues

    @property
    def pattern(self) -> re.Pattern[str]:
        """The compiled pattern; compiling waits until a message needs it, for most are rare."""
        return _compiled(self.text)

    def fits(self, spoken: frozenset[str]) -> bool:
        """Tell whether the words that the pattern needs occur."""
        return not any(map(spoken.isdisjoint, self.cues))


class Index:
    """Patterns in the order of their rules, found by words; one that needs no word is always found."""

    __slots__ = ("_always", "_by_word", "_words", "entries")

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        found: dict[str, set[int]] = {}
        for number, entry in enumerate(self.entries):
            for word in entry.cues[0] if entry.cues else ():
                found.setdefault(word, set()).add(number)
        self._by_word = {word: frozenset(numbers) for word, numbers in found.items()}
        self._words = frozenset(found)
        self._always = frozenset(number for number, entry in enumerate(self.entries) if not entry.cues)

    def fitting(self, spoken: frozenset[str]) -> list[Entry]:
        """Return the patterns that may match a text of these words, in order."""
        met = spoken & self._words
        if not met and not self._always:
            return []
        numbers = self._always.union(*map(self._by_word.__getitem__, met))
        return [entry for number in sorted(numbers) if (entry := self.entries[number]).fits(spoken)]


@cache
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text)
