"""The bookkeeping programs of the demo: a Firefly III and an Actual for whoever has none, asleep until somebody knocks.

Each listens from the start, so that its address can be told, but is loaded and made with the first connection: a demo
that nobody exports from pays nothing for them. The chat says what to type (`receipts.connection.example`).
"""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from collections.abc import Callable
from pathlib import Path
from typing import cast

from bot.core.clock import Clock, SystemClock
from bot.core.settings import Settings
from bot.engine.registry import Registry
from integrations.fakes.__main__ import make_fake
from integrations.fakes.kit import FakeServer

TOKEN, BUDGET = "demo-token", "demo-budget"
PROGRAMS = {"firefly": "firefly_base_url", "actual": "actual_base_url"}
"""Program to the setting that names another one."""
_OPTIONS: dict[str, dict[str, object]] = {
    "firefly": {"token": TOKEN},
    "actual": {"key": TOKEN, "budget": BUDGET, "accounts": ("Unassigned", "Cash", "Card", "Visa")},
}


class Sleeper:
    """A fake that is made with the first connection; the socket that it will answer on is there from the start."""

    def __init__(self, make: Callable[[], FakeServer]) -> None:
        self._make = make
        self._socket: socket.socket | None = None
        self._waking: asyncio.Task[None] | None = None
        self.fake: FakeServer | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def listen(self, port: int) -> None:
        """Listen at the port that it had, or at another one when that was taken meanwhile."""
        self._socket = _bound(port) or _bound(0)
        if self._socket is None:
            raise OSError("no free port on this machine")
        self.port = int(self._socket.getsockname()[1])
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._knocked)

    def _knocked(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._waking = asyncio.create_task(self._wake(self._socket))

    async def _wake(self, listening: socket.socket) -> None:
        self.fake = self._make()
        self.fake.listening = listening
        await self.fake.start()

    async def stop(self) -> None:
        """Stop listening."""
        if self._waking is not None:
            await self._waking
        if self.fake is not None:
            await self.fake.stop()
        elif self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()


def _bound(port: int) -> socket.socket | None:
    made = socket.socket()
    if port:  # the port of last time may still have connections on their way out
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setblocking(False)
    try:
        made.bind(("127.0.0.1", port))
        made.listen(64)
    except OSError:
        made.close()
        return None
    return made


def make_programs(settings: Settings, clock: Clock, books: Path) -> dict[str, Sleeper]:
    """Make a program for each that is not set; none of them listens yet."""

    def making(name: str) -> Callable[[], FakeServer]:
        return lambda: make_fake(name, cast(SystemClock, clock), books / f"{name}.jsonl", 0, **_OPTIONS[name])

    return {name: Sleeper(making(name)) for name, base in PROGRAMS.items() if not getattr(settings, base)}


def tell_in_chat(registry: Registry, programs: dict[str, Sleeper]) -> None:
    """Let the chat say which address and token to type, once the receipts are registered."""
    from handlers.receipts.exports.connecting import ConnectionSettings, Example

    known = registry.settings.get(ConnectionSettings, ConnectionSettings())
    examples = {name: Example(one.url, TOKEN, BUDGET) for name, one in programs.items()}
    registry.settings[ConnectionSettings] = dataclasses.replace(known, examples=examples)
