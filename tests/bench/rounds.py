"""Interleaved rounds (A B C A B C): every subject starts afresh in every round; a noisy minute hurts all."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.bench.bot_api import BotApi
from tests.bench.load import Phase
from tests.bench.subjects import Server, Subject

SENDERS = (1, 16, 64)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: `seconds` a phase at 64 senders, less at few senders."""

    rounds: int
    seconds: float
    persons: int
    senders: tuple[int, ...] = SENDERS


@dataclass(slots=True)
class Figures:
    """The phases of all rounds by subject and number of senders."""

    phases: dict[tuple[str, int], list[Phase]] = field(default_factory=lambda: defaultdict(list))
    missing: dict[str, str] = field(default_factory=dict)

    def median(self, subject: Subject, senders: int, what: str) -> float | None:
        """Return the median over the rounds of one field of the phases, or None when it was not measured."""
        found = self.phases.get((subject.name, senders))
        return statistics.median(getattr(p, what) for p in found) if found else None

    @property
    def bad(self) -> int:
        """How many replies were wrong or missing."""
        return sum(p.bad for found in self.phases.values() for p in found)


async def measure(
    subjects: Iterable[Subject], effort: Effort, api: BotApi, tell: Callable[[str], None], figures: Figures
) -> None:
    """Run all rounds and put their phases into the figures."""
    able = []
    for subject in subjects:
        reason = subject.missing()
        if reason:
            figures.missing[subject.name] = reason
        else:
            able.append(subject)
    for number in range(effort.rounds):
        for subject in able:
            tell(f"round {number + 1} of {effort.rounds}: {subject.name}")
            async with Server(subject, api) as server:
                for phase in await phases(server, effort):
                    figures.phases[subject.name, phase.senders].append(phase)


async def phases(server: Server, effort: Effort) -> list[Phase]:
    """Warm a server up and measure it once for each number of senders."""
    crowd = server.crowd(effort.persons)
    await crowd.run(min(8, max(effort.senders)), effort.seconds / 4)
    measured = []
    for senders in server.subject.senders or effort.senders:
        crowd.renew()
        cpu = server.cpu_seconds
        phase = await crowd.run(senders, effort.seconds * (1.0 if senders == max(effort.senders) else 0.5))
        phase.cpu_us = (server.cpu_seconds - cpu) / max(1, phase.turns) * 1e6
        phase.rss_mib = server.rss_mib
        measured.append(phase)
    return measured
