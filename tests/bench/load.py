"""The crowd: persons who type the script at a server, and the check of every reply.

A closed loop of `senders` connections, each with persons of its own: it sends one person's next message, waits for
that turn's reply, checks its marker and goes on to its next person. A turn is over when its reply has arrived, in the
webhook response or at the local Bot API.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

from tests.bench.bot_api import BotApi, content_length
from tests.bench.script import SCRIPT, post, update

PATIENCE_SECONDS = 10.0


@dataclass(slots=True)
class Phase:
    """What one run of a crowd measured; the server's own figures are filled in by whoever watched it."""

    senders: int
    turns: int
    per_second: float
    p50_ms: float
    p99_ms: float
    bad: int
    first_bad: str = ""
    cpu_us: float = 0.0
    rss_mib: float = 0.0


class Connection(asyncio.Protocol):
    """One keep-alive connection on which one request is under way at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[bytes] | None = None

    @staticmethod
    async def open(port: int) -> Connection:
        """Connect to a server of this machine."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or len(self._buffer) < end + 4 + content_length(self._buffer[:end]):
            return
        response, self._buffer = self._buffer, b""
        if self._answer and not self._answer.done():
            self._answer.set_result(response)

    def ask(self, request: bytes) -> asyncio.Future[bytes]:
        """Send a request and return the future of its whole response."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer


@dataclass
class Crowd:
    """Persons at one server. With `api`, replies are awaited there; `checks=False` asks only for a 200 (the echo)."""

    port: int
    persons: int
    api: BotApi | None = None
    checks: bool = True
    first_chat: int = 10_000
    number: int = 0
    steps: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.steps = [0] * self.persons

    def renew(self) -> None:
        """Replace everybody by new persons, so that no turn left half done by an earlier phase is met again."""
        self.first_chat += self.persons
        self.steps, self.wrong = [0] * self.persons, []

    async def turn(self, connection: Connection, person: int) -> None:
        """Let a person type the next message and check the reply."""
        step, chat = self.steps[person], self.first_chat + person
        self.number += 1
        marker = SCRIPT[step][1]
        arrived = self.api.expect(chat, marker) if self.api else None
        response = await connection.ask(post(update(self.number, chat, step)))
        fine = response.startswith(b"HTTP/1.1 200 ")
        if fine and self.checks:
            fine = await _came(arrived) if arrived else marker.encode() in response
        if not fine:
            self.wrong.append(f"{marker} expected: {response[:300]!r}")
        self.steps[person] = (step + 1) % len(SCRIPT)

    async def run(self, senders: int, seconds: float) -> Phase:
        """Type for some seconds and return what was measured."""
        connections = [await Connection.open(self.port) for _ in range(senders)]
        took: list[float] = []
        started = time.perf_counter()
        until = started + seconds
        await asyncio.gather(*(self._sender(c, n, senders, until, took) for n, c in enumerate(connections)))
        elapsed = time.perf_counter() - started
        for connection in connections:
            connection.transport.close()
        return Phase(
            senders=senders,
            turns=len(took),
            per_second=len(took) / elapsed,
            p50_ms=quantile(took, 0.5) * 1000,
            p99_ms=quantile(took, 0.99) * 1000,
            bad=len(self.wrong),
            first_bad=self.wrong[0] if self.wrong else "",
        )

    async def _sender(self, connection: Connection, first: int, senders: int, until: float, took: list[float]) -> None:
        while True:
            for person in range(first, self.persons, senders):
                started = time.perf_counter()
                if started >= until:
                    return
                await self.turn(connection, person)
                took.append(time.perf_counter() - started)


async def _came(arrived: asyncio.Future[str]) -> bool:
    try:
        await asyncio.wait_for(arrived, PATIENCE_SECONDS)
    except TimeoutError:
        return False
    return True


def quantile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
