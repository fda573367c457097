"""What a turn with the scripted coach costs: statements and processor time, for each kind of word.

    python -m tests.bench.coach              # 15 persons, about ten seconds
    python -m tests.bench.coach --persons 3 --profile "scripted free text"

All services are on, as in demo mode, on a SQLite file. The first person's turns are shown apart: whatever is compiled
or parsed on first use is in them. A turn over 20 ms holds everybody up.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import pstats
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.assembly.services import register_services
from bot.core.clock import FixedClock
from bot.core.events import Event
from bot.core.settings import Settings
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from storage.statements import STATEMENTS

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
SCRIPT = (
    ("", "coach"),
    ("", "twitch"),
    ("", "12k"),
    ("", "retro speedruns"),
    ("start of a project", "7"),
    ("scripted free text", "how do i get people to join my thing at all?"),
    ("question on the plan", "what should i charge?"),
    ("decision in words", "ok 29.99 a month it is"),
    ("yes to a decision", "ok"),
    ("no to a tick", "no"),
    ("DONE", "done 1.3"),
    ("completion in words", "i finished the welcome post"),
    ("PLAN", "plan"),
    ("PROGRESS", "progress"),
    ("UNDO", "undo"),
    ("two decisions", "discord, and we open on may 3"),
    ("yes to both", "ok"),
    ("smalltalk", "thanks!"),
)
"""What each person types; a turn without a name is on the way."""


@dataclass(slots=True)
class Cost:
    """What the turns of one kind took."""

    first_ms: float = 0.0
    ms: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)


def _register(registry: Registry) -> None:
    settings = Settings.model_validate({"PARLEY_MODE": "demo", "SECRET_KEYS": "", "ANTHROPIC_API_KEY": ""})
    register_services(registry, settings)


def _asked() -> int:
    return sum(tally.count for _, tally in STATEMENTS)


async def measure(persons: int, profile: str = "", *, first: bool = False) -> dict[str, Cost]:
    """Play the script once for each person and return the cost of each kind of turn."""
    costs: dict[str, Cost] = defaultdict(Cost)
    profiler = cProfile.Profile()
    with tempfile.TemporaryDirectory() as folder:
        async with Harness.open(_register, f"sqlite:///{folder}/coach.db", FixedClock(START), {}) as harness:
            for person in range(persons):
                handle = f"+1212555{100 + person:04}"
                for number, (kind, text) in enumerate(SCRIPT):
                    event = Event("sms", f"{person}-{number}", "text", {"text": text}, channel="sms", handle=handle)
                    before, started = _asked(), time.process_time()
                    with _profiled(profiler, on=bool(profile) and kind == profile and (person > 0) != first):
                        sent = await harness.writers.run(harness.dispatcher.intake(event))
                    took, asked = (time.process_time() - started) * 1000, _asked() - before
                    assert not sent.error, sent.error
                    await harness.rest()
                    cost = costs[kind]
                    if person == 0:
                        cost.first_ms = took
                    else:
                        cost.ms.append(took)
                        cost.statements.append(asked)
    if profile:
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)
    return {kind: cost for kind, cost in costs.items() if kind}


@contextmanager
def _profiled(profiler: cProfile.Profile, *, on: bool) -> Iterator[None]:
    if on:
        profiler.enable()
    yield
    if on:
        profiler.disable()


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="statements and CPU of a coach turn")
    options.add_argument("--persons", type=int, default=15)
    options.add_argument("--profile", default="", help="profile the turns of this kind")
    options.add_argument("--first", action="store_true", help="profile the first of them instead")
    chosen = options.parse_args()
    costs = asyncio.run(measure(chosen.persons, chosen.profile, first=chosen.first))
    print(f"{'turn':<22}{'statements':>12}{'median ms':>11}{'worst ms':>10}{'first ms':>10}")
    for kind, cost in costs.items():
        asked, middle = round(statistics.median(cost.statements)), statistics.median(cost.ms)
        print(f"{kind:<22}{asked:>12}{middle:>11.1f}{max(cost.ms):>10.1f}{cost.first_ms:>10.1f}")
    print(f"(CPU of the process; load of this machine {os.getloadavg()[0]:.1f})")


if __name__ == "__main__":
    main()
