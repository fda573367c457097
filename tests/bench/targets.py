"""The targets: what must be reached, what is aimed at, and what this run measured. Informational, never an assertion.

Ratios are of medians of one interleaved run, to the plain echo of that run, at 64 senders.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bench.books import Growth
from tests.bench.durability import Kept
from tests.bench.growth import Grown
from tests.bench.insight import Insight
from tests.bench.rounds import Figures
from tests.bench.sms import Inbound
from tests.bench.startup import Start
from tests.bench.subjects import ASYNCPG, ECHO, PARLEY, PARLEY_API, PARLEY_PG, PTB, PTB_SLOW, Subject

MOST = 64


@dataclass(frozen=True, slots=True)
class Target:
    """One row: `must` and `goal` in the unit; `least` tells that more is better; `measured` is None when it was not."""

    name: str
    unit: str
    must: float
    goal: float
    measured: float | None
    least: bool = False

    @property
    def verdict(self) -> str:
        """Say how the measured value stands to the two marks."""
        if self.measured is None:
            return "not measured"
        if self._reaches(self.goal):
            return "goal"
        return "must" if self._reaches(self.must) else "BELOW MUST"

    def _reaches(self, mark: float) -> bool:
        assert self.measured is not None
        return self.measured >= mark if self.least else self.measured <= mark


@dataclass(slots=True)
class Measured:
    """All that a run measured; parts that were left out stay empty."""

    figures: Figures = field(default_factory=Figures)
    grown: list[Grown] = field(default_factory=list)
    start: Start | None = None
    inbound: Inbound | None = None
    insight: Insight | None = None
    books: Growth | None = None
    kept: list[Kept] = field(default_factory=list)

    @property
    def bad(self) -> int:
        """How many replies were wrong or missing."""
        return self.figures.bad + (self.insight.bad if self.insight else 0) + sum(k.persons - k.kept for k in self.kept)


def _ratio(figures: Figures, over: Subject, under: Subject, what: str = "per_second") -> float | None:
    a, b = figures.median(over, MOST, what), figures.median(under, MOST, what)
    return a / b if a is not None and b else None


def _percent(value: float | None) -> float | None:
    return value * 100 if value is not None else None


def targets(measured: Measured) -> list[Target]:
    """Return all rows."""
    return [*_throughput(measured.figures), *_latency(measured.figures), *_others(measured)]


def _throughput(f: Figures) -> list[Target]:
    more = {"least": True}
    return [
        Target("turns / echo, reply in the webhook response", "%", 30, 50, _percent(_ratio(f, PARLEY, ECHO)), **more),
        Target("turns / echo, reply by the Bot API", "%", 12, 20, _percent(_ratio(f, PARLEY_API, ECHO)), **more),
        Target("CPU a turn / CPU of the echo", "x", 3, 2, _ratio(f, PARLEY, ECHO, "cpu_us")),
        Target("/ python-telegram-bot", "x", 6, 10, _ratio(f, PARLEY, PTB), **more),
        Target("/ python-telegram-bot, both by the Bot API", "x", 3, 5, _ratio(f, PARLEY_API, PTB), **more),
        Target("/ python-telegram-bot, API of 50 ms", "x", 50, 150, _ratio(f, PARLEY, PTB_SLOW), **more),
        Target("PostgreSQL / asyncpg, transaction a message", "x", 1, 2, _ratio(f, PARLEY_PG, ASYNCPG), **more),
    ]


def _latency(f: Figures) -> list[Target]:
    return [
        Target("p99 / p99 of the echo", "x", 3.5, 2, _ratio(f, PARLEY, ECHO, "p99_ms")),
        Target("lone turn, median", "ms", 2, 0.8, f.median(PARLEY, 1, "p50_ms")),
    ]


def _others(m: Measured) -> list[Target]:
    small, large = (m.grown[0], m.grown[-1]) if len(m.grown) > 1 else (None, None)
    growth = large.p50_us / small.p50_us if small and large else None
    size = f"{large.persons:,}" if large else "1,000,000"
    return [
        Target(f"turn at {size} persons / at 1,000", "x", 2, 1.3, growth),
        Target("start to listening, SQLite", "s", 1.0, 0.5, m.start.seconds if m.start else None),
        Target("resident memory, idle", "MiB", 95, 70, m.start.idle_mib if m.start else None),
        Target(
            "books at 100,000: slowest p95 of all questions", "ms", 150, 30, m.books.slowest_ms if m.books else None
        ),
        Target("books at 100,000: slowest first answer", "ms", 150, 75, m.books.slowest_first_ms if m.books else None),
        Target("books at 100,000 / at 1,000, steepest p95", "x", 3, 2, m.books.steepest if m.books else None),
        Target("inbound SMS: signature, form, empty answer", "us", 60, 30, m.inbound.door_us if m.inbound else None),
    ]
