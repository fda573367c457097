"""A vendor's door for tests: a loopback server that remembers what it was asked and answers as it is told.

Requests are kept in the form that the contract checker reads. An answer may be a status with a JSON body, raw bytes, or
a `Fault`: never answer, cut the connection before or within the answer.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any

import orjson
from aiohttp import BodyPartReader, web

from bot.core.ports import Attempt
from integrations.fakes.kit.recording import RECORDINGS_VARIABLE, write_recording

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Fault(Enum):
    """How a connection can end without an answer."""

    SILENCE = auto()
    CUT = auto()
    TRUNCATED = auto()


@dataclass
class Answer:
    """A scripted answer."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        raw = self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)
        return web.Response(status=self.status, body=raw, headers={"Content-Type": "application/json", **self.headers})


Reaction = Answer | Fault | Callable[[dict[str, Any]], "Answer | Fault"]


class Door:
    """The server: `url` to reach it, `requests` that came, `script` of what to answer next, else `always`."""

    def __init__(self, provider: str) -> None:
        self.provider, self.url = provider, ""
        self.requests: list[dict[str, Any]] = []
        self.script: deque[Reaction] = deque()
        self.always: Reaction = Answer(200, {})
        self._released = asyncio.Event()

    def answer(self, status: int, body: Any = None, **headers: str) -> None:
        self.script.append(Answer(status, body, {k.replace("_", "-"): v for k, v in headers.items()}))

    def fail(self, fault: Fault) -> None:
        self.script.append(fault)

    @property
    def last(self) -> dict[str, Any]:
        return self.requests[-1]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        seen = {
            "method": request.method,
            "url": str(request.url),
            "headers": dict(request.headers),
            "body": await _body(request),
            "provider": self.provider,
        }
        self.requests.append(seen)
        if RECORDINGS_VARIABLE in os.environ:
            write_recording(Path(os.environ[RECORDINGS_VARIABLE]), seen)
        reaction = self.script.popleft() if self.script else self.always
        if callable(reaction):
            reaction = reaction(seen)
        match reaction:
            case Answer():
                return reaction.response()
            case Fault.SILENCE:
                await self._released.wait()
            case Fault.TRUNCATED:
                cut = web.StreamResponse(headers={"Content-Length": "1000"})
                await cut.prepare(request)
                await cut.write(b'{"ok":')
        if request.transport is not None:
            request.transport.close()
        return web.Response()

    def release(self) -> None:
        self._released.set()


@asynccontextmanager
async def open_door(provider: str) -> AsyncIterator[Door]:
    """Serve a door on a free loopback port."""
    door = Door(provider)
    runner = web.AppRunner(_app(door), shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    door.url = "http://{}:{}".format(*runner.addresses[0][:2])
    try:
        yield door
    finally:
        door.release()
        await runner.cleanup()


def _app(door: Door) -> web.Application:
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", door.handle)
    return app


async def _body(request: web.Request) -> Any:
    if not request.content_type.startswith("multipart/"):
        return (await request.read()).decode("utf-8", "replace")
    fields: dict[str, Any] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        assert part.name is not None
        data = await part.read(decode=False)
        if part.filename is None:
            fields[part.name] = data.decode()
        else:
            kind = part.headers.get("Content-Type", "")
            fields[part.name] = {"filename": part.filename, "content_type": kind, "size": len(data)}
    return fields


class Shelf:
    """Blobs in memory."""

    def __init__(self, **_: Any) -> None:
        self.kept: dict[int, tuple[bytes, str]] = {}

    async def get(self, blob_id: int) -> bytes:
        return self.kept[blob_id][0]

    def put(self, data: bytes, media_type: str) -> int:
        blob_id = len(self.kept) + 1
        self.kept[blob_id] = data, media_type
        return blob_id


def attempt(
    *,
    key: str = "row-1",
    number: int = 1,
    age: timedelta = timedelta(),
    files: Shelf | None = None,
    now: datetime = NOW,
) -> Attempt:
    """Return the circumstances of an attempt that began `age` ago."""
    return Attempt(key=key, number=number, first_at=now - age, now=now, files=files or Shelf())


SHELF = Shelf()
"""Files for one call at a time."""


async def perform(adapter: Any, call: Any, **circumstances: Any) -> Any:
    """Make a call, then close the adapter."""
    try:
        return await adapter.calls[type(call)](call, attempt(files=SHELF, **circumstances))
    finally:
        await adapter.close()


async def look(adapter: Any, call: Any, **circumstances: Any) -> Any:
    """Look up what became of a call, then close the adapter."""
    try:
        return await adapter.look_ups[type(call)](call, attempt(files=SHELF, **circumstances))
    finally:
        await adapter.close()
