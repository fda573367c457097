"""What stands behind the throughput: turns per commit, and what a reader that aggregates costs the writers."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from tests.bench.bot_api import BotApi
from tests.bench.load import Connection
from tests.bench.rounds import SENDERS
from tests.bench.subjects import OBSERVED, Server


@dataclass(slots=True)
class Insight:
    """Turns per commit by number of senders; turns a second and p99 without and with the reader."""

    turns_per_commit: dict[int, float] = field(default_factory=dict)
    alone: tuple[float, float] = (0.0, 0.0)
    with_reader: tuple[float, float] = (0.0, 0.0)
    bad: int = 0


async def look(api: BotApi, *, seconds: float, persons: int) -> Insight:
    """Measure on one server, first alone, then with the reader."""
    insight = Insight()
    async with Server(OBSERVED, api) as server:
        crowd = server.crowd(persons)
        await crowd.run(8, seconds / 2)
        window = await Connection.open(server.port)
        for senders in SENDERS:
            crowd.renew()
            before = await _batches(window)
            phase = await crowd.run(senders, seconds)
            after = await _batches(window)
            insight.turns_per_commit[senders] = (after[0] - before[0]) / max(1, after[1] - before[1])
            insight.alone = (phase.per_second, phase.p99_ms)
            insight.bad += phase.bad
        await window.ask(b"POST /bench/read HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n")
        crowd.renew()
        phase = await crowd.run(SENDERS[-1], seconds)
        insight.with_reader = (phase.per_second, phase.p99_ms)
        insight.bad += phase.bad
        window.transport.close()
    return insight


async def _batches(window: Connection) -> tuple[int, int]:
    response = await window.ask(b"GET /bench/batches HTTP/1.1\r\nHost: bench\r\n\r\n")
    told = orjson.loads(response.partition(b"\r\n\r\n")[2])
    return told["jobs"], told["batches"]
