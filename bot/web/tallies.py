"""Counts and durations that are noted many times a turn, for the library to show at a scrape.

The library's own counters take four calls and a lock for every number, its histograms two such numbers and a search. A
turn notes four of them, which made a twentieth of its processor time. Here a note is one call; writers in threads may
make it too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from threading import Lock

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

Labels = tuple[str, ...]


class Counts(Collector):
    """A counter; sets of label values that are given show a zero from the start."""

    def __init__(
        self, name: str, text: str, names: Sequence[str], sets: Iterable[Labels], registry: CollectorRegistry
    ) -> None:
        self._name, self._text, self._names = name, text, names
        self._counts, self._lock = dict.fromkeys(sets, 0), Lock()
        registry.register(self)

    def note(self, *labels: str) -> None:
        """Count one."""
        with self._lock:
            self._counts[labels] = self._counts.get(labels, 0) + 1

    def collect(self) -> Iterator[Metric]:
        """Yield the family, for the library."""
        family = CounterMetricFamily(self._name, self._text, labels=self._names)
        for labels, count in list(self._counts.items()):
            family.add_metric(labels, count)
        yield family


class Times(Collector):
    """A histogram of seconds. Without labels it shows zeros from the start."""

    def __init__(
        self, name: str, text: str, names: Sequence[str], buckets: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name, self._text, self._names, self._bounds = name, text, names, tuple(buckets)
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}
        self._lock = Lock()
        if not names:
            self.show()
        registry.register(self)

    def show(self, *labels: str) -> None:
        """Show zeros for these values until something is noted."""
        self._counts[labels], self._sums[labels] = [0] * (len(self._bounds) + 1), 0.0

    def note(self, seconds: float, *labels: str) -> None:
        """Note a duration."""
        with self._lock:
            if labels not in self._counts:
                self.show(*labels)
            self._counts[labels][bisect_left(self._bounds, seconds)] += 1
            self._sums[labels] += seconds

    def collect(self) -> Iterator[Metric]:
        """Yield the family, for the library."""
        family = HistogramMetricFamily(self._name, self._text, labels=self._names)
        bounds = [*map(str, self._bounds), "+Inf"]
        for labels, counts in list(self._counts.items()):
            reached = list(zip(bounds, accumulate(counts), strict=True))
            family.add_metric(labels, reached, self._sums[labels])
        yield family
