"""The HTTP API at 1,000 and at 100,000 transactions of one person (RA-15): first answer and p95, over a real socket.

    python -m tests.bench.api [--small 1000] [--large 100000] [--rounds 30]

Milliseconds of this process (server, database and caller; neighbours on the machine are not) for one request after the
other, every second one right after a change of the books. The server's clock moves, so that no rate limit is met.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.receipts import transactions
from tests.bench.books import fill
from tests.bot.web.api.kit import Town, open_town
from tests.databases import prepared_database
from tests.storage.receipts.kit import ANN, TODAY, spent

ROUTES = (
    "/transactions?limit=50", "/transactions?limit=50&text=starbucks", "/transactions?limit=50&text=thing",
    "/transactions?limit=50&min=5000&max=9000", "/summaries?range=2026-03",
    "/summaries?range=all", "/trends?unit=month", "/budgets",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """How long a route took: its first answer, and p95 afterwards."""

    first_ms: float
    p95_ms: float
    status: int


async def _ask(town: Town, route: str) -> tuple[float, int]:
    town.clock.advance(timedelta(seconds=5))
    started = time.process_time()
    got = await town.ask("GET", route)
    return (time.process_time() - started) * 1000, got.status


async def measure(count: int, rounds: int) -> dict[str, Answered]:
    """Return what every route took over a ledger of so many transactions."""
    found = {}
    with TemporaryDirectory() as folder, prepared_database("sqlite", Path(folder)) as url:
        async with open_town(url) as town:
            await town.write(lambda work: fill(work, count))
            for route in ROUTES:
                first, status = await _ask(town, route)
                times = []
                for n in range(rounds):
                    if n % 2:
                        await town.write(lambda work: transactions.add(work, ANN, spent(500, TODAY)))
                    times.append((await _ask(town, route))[0])
                found[route] = Answered(first, statistics.quantiles(times, n=20)[18], status)
    return found


async def main() -> None:
    """Print both sizes beside each other."""
    parser = argparse.ArgumentParser()
    for name, usual in (("small", 1000), ("large", 100_000), ("rounds", 30)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    args = parser.parse_args()
    small, large = await measure(args.small, args.rounds), await measure(args.large, args.rounds)
    print(f"{'route':45}{'first, ms':>20}{'p95, ms':>20}")
    for route, one in small.items():
        other = large[route]
        figures = f"{one.first_ms:10.1f}{other.first_ms:10.1f}{one.p95_ms:10.1f}{other.p95_ms:10.1f}"
        print(f"{route:45}{figures}{'' if {one.status, other.status} == {200} else f'  {one.status} {other.status}'}")


if __name__ == "__main__":
    asyncio.run(main())
