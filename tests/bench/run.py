"""`python -m tests.bench.run`: everything in one run, interleaved, and a table of the targets.

Wall figures move by 10-30 % between runs: read the ratios, and the processor time. `--quick` takes under a minute.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from tests.bench import books, durability, growth, insight, report, sms, startup
from tests.bench.bot_api import BotApi
from tests.bench.rounds import Effort, Figures, measure
from tests.bench.subjects import ONCE, PARLEY, PARLEY_API, PARLEY_PG, ROUND
from tests.bench.targets import Measured, targets

PARTS = ("rounds", "growth", "start", "sms", "insight", "durability", "books")


@dataclass(frozen=True, slots=True)
class Plan:
    """How long everything is looked at."""

    effort: Effort
    sizes: tuple[int, ...]
    turns: int
    starts: int
    killed: int = 40
    ledger: int = 100_000


FULL = Plan(Effort(3, 2.0, 1000), (1_000, 100_000, 1_000_000), 1500, 5)
QUICK = Plan(Effort(1, 0.8, 500), (1_000, 100_000), 500, 3)


async def bench(plan: Plan, parts: tuple[str, ...] = PARTS) -> dict[str, Any]:
    """Measure, print the tables as they come, return the document."""
    on, measured = report.machine(), Measured()
    print(f"{on['cores']} cores, load {on['load']}, fsync {on['fsync_ms']} ms", flush=True)
    async with BotApi() as api:
        if "rounds" in parts:
            await _rounds(plan.effort, api, measured.figures)
            print("", report.rates(measured.figures), "", sep="\n", flush=True)
        if "insight" in parts:
            _tell("batches, and a reader meanwhile")
            measured.insight = await insight.look(api, seconds=plan.effort.seconds, persons=plan.effort.persons)
        if "durability" in parts:
            _tell("SIGKILL right after the answer")
            able = [s for s in (PARLEY, PARLEY_API, PARLEY_PG) if s.missing() is None]
            measured.kept = [await durability.kill(s, api, persons=plan.killed) for s in able]
        if "start" in parts:
            _tell("starts")
            measured.start = await startup.measure(api, times=plan.starts)
    if "sms" in parts:
        measured.inbound = sms.measure()
    if "books" in parts:
        _tell("books")
        measured.books = books.grow(large=plan.ledger)
    if "growth" in parts:
        _tell("growth")
        with TemporaryDirectory(prefix="parley-growth-", dir=os.environ.get("BENCH_TMP")) as folder:
            measured.grown = await growth.measure(Path(folder), plan.sizes, turns=plan.turns)
    rows = targets(measured)
    print(report.details(measured), report.marks(rows), f"bad replies: {measured.bad}", sep="\n\n", flush=True)
    return report.document(measured, rows, on)


async def _rounds(effort: Effort, api: BotApi, figures: Figures) -> None:
    await measure(ROUND, effort, api, _tell, figures)
    await measure(ONCE, Effort(1, effort.seconds, effort.persons, effort.senders), api, _tell, figures)


def _tell(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


def _run(main: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round, growth to 100,000 persons")
    parser.add_argument("--rounds", type=int, help="interleaved rounds")
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; may be repeated")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    asked = parser.parse_args()
    plan = QUICK if asked.quick else FULL
    if asked.rounds:
        effort = Effort(asked.rounds, plan.effort.seconds, plan.effort.persons)
        plan = Plan(effort, plan.sizes, plan.turns, plan.starts)
    result = _run(bench(plan, tuple(asked.only or PARTS)))
    if asked.json:
        asked.json.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))


if __name__ == "__main__":
    main()
