"""Counts, levels and durations that are noted many times a turn and read at a scrape.

The library's own counters take four calls and a lock for every number, its histograms two such numbers and a search. A
turn notes four of them, which made a twentieth of its processor time. Here a note is one call; writers in threads may
make it too. The library itself is loaded with the first scrape (`bot.web.scrape`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from threading import Lock

Labels = tuple[str, ...]


class Counts:
    """A counter; sets of label values that are given show a zero from the start."""

    def __init__(self, name: str, text: str, names: Sequence[str], sets: Iterable[Labels]) -> None:
        self.name, self.text, self.names = name, text, names
        self._counts, self._lock = dict.fromkeys(sets, 0), Lock()

    def note(self, *labels: str, by: int = 1) -> None:
        """Count one, or as many as are told."""
        with self._lock:
            self._counts[labels] = self._counts.get(labels, 0) + by

    def values(self) -> list[tuple[Labels, int]]:
        """Return the count of each set of label values."""
        return list(self._counts.items())


class Levels:
    """What may rise and fall. Without labels it is zero until it is told."""

    def __init__(self, name: str, text: str, names: Sequence[str], sets: Iterable[Labels]) -> None:
        self.name, self.text, self.names = name, text, names
        self._levels: dict[Labels, float] = dict.fromkeys(sets if names else [()], 0.0)

    def set(self, level: float, *labels: str) -> None:
        """Note how it stands."""
        self._levels[labels] = level

    def values(self) -> list[tuple[Labels, float]]:
        """Return the level of each set of label values."""
        return list(self._levels.items())


class Times:
    """A histogram of seconds. Without labels it shows zeros from the start."""

    def __init__(self, name: str, text: str, names: Sequence[str], buckets: Sequence[float]) -> None:
        self.name, self.text, self.names, self.bounds = name, text, names, tuple(buckets)
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}
        self._lock = Lock()
        if not names:
            self.show()

    def show(self, *labels: str) -> None:
        """Show zeros for these values until something is noted."""
        self._counts[labels], self._sums[labels] = [0] * (len(self.bounds) + 1), 0.0

    def note(self, seconds: float, *labels: str) -> None:
        """Note a duration."""
        with self._lock:
            if labels not in self._counts:
                self.show(*labels)
            self._counts[labels][bisect_left(self.bounds, seconds)] += 1
            self._sums[labels] += seconds

    def values(self) -> list[tuple[Labels, list[int], float]]:
        """Return for each set of label values how many fell between the bounds, and their sum in seconds."""
        return [(labels, counts, self._sums[labels]) for labels, counts in list(self._counts.items())]


Tally = Counts | Levels | Times
