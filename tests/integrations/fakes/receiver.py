"""A webhook receiver for tests: keeps what came, answers what it was told to answer."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web


@dataclass(slots=True)
class Received:
    """One request as it came in."""

    path: str
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answers` are used up in order, each a status or a whole response; then everything gets 200."""

    answers: deque[int | web.Response] = field(default_factory=deque)
    requests: list[Received] = field(default_factory=list)
    gate: asyncio.Event | None = None
    url: str = ""
    at_once: int = 0
    most_at_once: int = 0
    _runner: Any = None
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.gate:
            self.gate.set()
        await self._runner.cleanup()

    async def came(self, count: int) -> None:
        """Wait until that many requests came in."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.requests) >= count)

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.requests.append(Received(request.path, str(request.url), dict(request.headers), body))
        async with self._arrived:
            self._arrived.notify_all()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.gate:
                await self.gate.wait()
        finally:
            self.at_once -= 1
        answer = self.answers.popleft() if self.answers else 200
        return web.Response(status=answer) if isinstance(answer, int) else answer
