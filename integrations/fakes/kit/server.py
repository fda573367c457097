"""A fake vendor as a local HTTP server.

Subclasses register operations (the vendor's API: recorded, counted, open to faults) and pages (everything else). The
kit adds the control doors `/_book`, `/_faults`, `/_clock` and `/_tick`, and applies faults around any handler.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import socket
import struct
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.kit.book import Attachments, Book
from integrations.fakes.kit.faults import REQUEST_FAULTS, Fault, Faults
from integrations.fakes.kit.form import Form, read_form
from integrations.fakes.kit.recording import Recorder
from integrations.fakes.kit.webhooks import Webhooks

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_FAULT: web.RequestKey[Fault | None] = web.RequestKey("fault", object)  # type: ignore[arg-type]
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_OTHER_FAULTS = tuple(kind for kind in REQUEST_FAULTS if kind != "latency")


def reply(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return a JSON answer."""
    return web.Response(
        text=json.dumps(data, ensure_ascii=False), status=status, headers=headers, content_type="application/json"
    )


def advance_clock(clock: Clock, seconds: float) -> datetime:
    """Move a clock that can be moved; raise ValueError on one that cannot."""
    advance = getattr(clock, "advance", None)
    if advance is None:
        raise ValueError("this clock cannot be moved")
    moved: datetime = advance(timedelta(seconds=seconds))
    return moved


class FakeServer:
    """One vendor: `start`, `stop`, `url`, `book`, `faults`, `recordings`, `answers`, `calls` (by operation)."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        book_path: Path | None = None,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        recordings_path: Path | None = None,
        random_bits: Callable[[int], int] = secrets.randbits,
    ) -> None:
        self.name, self.clock, self.host, self.port = name, clock, host, port
        self._bits = random_bits
        self.listening: socket.socket | None = None
        self.book = Book(clock, book_path)
        self.attachments = Attachments(book_path.with_suffix(".files") if book_path else None)
        self.faults = Faults()
        self.hooks: list[Webhooks] = []
        self.calls: Counter[str] = Counter()
        self.answers: deque[dict[str, Any]] = deque(maxlen=2000)
        self._recorder = Recorder(name, recordings_path)
        self._operations: dict[Any, str] = {}
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()
        self._background: asyncio.Task[None] | None = None
        self._ticking = asyncio.Lock()
        self.app = web.Application(middlewares=[self._around], client_max_size=64 * 2**20)
        self._add_control_doors()

    # -- for subclasses ------------------------------------------------------------------------------------------

    def operation(self, method: str, path: str, name: str, handler: Handler) -> None:
        """Register one call of the vendor's API: it is recorded, counted, and faults may meet it by `name`."""
        self._operations[handler] = name
        self.app.router.add_route(method, path, handler)

    def page(self, method: str, path: str, handler: Handler) -> None:
        """Register something that is not the vendor's API: a pay page, a control door, a file."""
        self._operations[handler] = ""
        self.app.router.add_route(method, path, handler)

    def operation_of(self, request: web.Request) -> str:
        """Return the name of the operation a request means; empty for pages. Override where the path does not tell."""
        if request.path.startswith("/_") or request.path == "/favicon.ico":
            return ""
        return self._operations.get(request.match_info.handler, "unknown")

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Return the vendor's own form of a 5xx or 429. Override it."""
        headers = {} if retry_after is None else {"Retry-After": str(int(retry_after))}
        return reply({"error": {"message": f"fault {status}"}}, status, headers)

    async def due(self) -> None:
        """Do what falls due on the clock (expiry, delivery, queues). Override it; called by every tick."""

    def make_id(self, prefix: str, length: int = 24) -> str:
        """Return a fresh vendor id: the prefix and `length` letters and digits."""
        return prefix + "".join(_ALPHABET[self._bits(16) % len(_ALPHABET)] for _ in range(length))

    def make_hex(self, prefix: str, length: int = 32) -> str:
        """Return a fresh vendor id: the prefix and `length` hexadecimal digits."""
        return prefix + format(self._bits(4 * length), f"0{length}x")

    async def form(self, request: web.Request) -> Form:
        """Decode the request's form body, url-encoded or multipart."""
        return read_form(request.headers.get("Content-Type", ""), await request.read())

    def fault_of(self, request: web.Request) -> Fault | None:
        """Return the fault that will spoil this answer, for handlers that must know (stored 5xx)."""
        return request.get(_FAULT)

    # -- life ----------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where the fake listens, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def recordings(self) -> deque[dict[str, Any]]:
        """The API requests so far, in contract form."""
        return self._recorder.recordings

    async def start(self) -> None:
        """Listen, on the socket `listening` or on `port`; with port 0, take a free one and keep it in `port`."""
        self._stopping.clear()
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site: web.BaseSite = web.TCPSite(self._runner, self.host, self.port, reuse_address=True)
        if self.listening is not None:
            site = web.SockSite(self._runner, self.listening)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Let go of requests that are held, close everything; the book stays on disk."""
        self._stopping.set()
        if self._background:
            self._background.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._background
            self._background = None
        for hooks in self.hooks:
            await hooks.close()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None
        self.book.close()

    async def __aenter__(self) -> FakeServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def tick(self) -> int:
        """Do all that is due on the clock and send the webhooks that are due; return how many were sent."""
        async with self._ticking:
            sent = 0
            while True:
                await self.due()
                sent_now = sum([await hooks.tick() for hooks in self.hooks])
                sent += sent_now
                if not sent_now:
                    return sent

    def run_in_background(self, interval: float = 0.05) -> None:
        """Tick by itself every `interval` real seconds, for demo mode and separate processes."""
        self._background = asyncio.create_task(self._tick_forever(interval))

    async def _tick_forever(self, interval: float) -> None:
        while True:
            await self.tick()
            await asyncio.sleep(interval)

    # -- around every handler ------------------------------------------------------------------------------------

    @web.middleware
    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        operation = self.operation_of(request)
        if not operation:
            return await handler(request)
        self._recorder.record(request, await request.read(), operation)
        self.calls[operation] += 1
        if slow := self.faults.take(operation, ("latency",)):
            await asyncio.sleep(slow.seconds)
        fault = self.faults.take(operation, _OTHER_FAULTS)
        if fault:
            self.book.append("fault", fault=fault.fault, operation=operation)
            early = await self._before(request, fault)
            if early:
                return early
        request[_FAULT] = fault
        answer = await handler(request)
        self._remember(operation, answer)
        return await self._after(request, fault, answer) if fault else answer

    def _remember(self, operation: str, answer: web.StreamResponse) -> None:
        text = answer.text if isinstance(answer, web.Response) and answer.content_type == "application/json" else None
        body = json.loads(text) if text else None
        self.answers.append({"operation": operation, "status": answer.status, "body": body})

    async def _before(self, request: web.Request, fault: Fault) -> web.Response | None:
        match fault.fault:
            case "status_before":
                return self.trouble(request, fault.status)
            case "rate_limit":
                return self.trouble(request, 429, fault.retry_after)
            case "reset_before":
                _reset(request)
                return web.Response(status=503)
            case "timeout_before":
                return await self._hold(request)
            case _:
                return None

    async def _after(self, request: web.Request, fault: Fault, answer: web.StreamResponse) -> web.StreamResponse:
        match fault.fault:
            case "status_after":
                return self.trouble(request, fault.status)
            case "timeout_after":
                return await self._hold(request)
            case "reset_during":
                return await _cut(request, answer)
            case "truncate":
                return _truncated(answer)
            case _:
                return answer

    async def _hold(self, request: web.Request) -> web.Response:
        await self._stopping.wait()
        _reset(request)
        return web.Response(status=503)

    # -- control doors -------------------------------------------------------------------------------------------

    def _add_control_doors(self) -> None:
        router = self.app.router
        router.add_get("/_book", self._show_book)
        router.add_get("/_faults", self._show_faults)
        router.add_post("/_faults", self._arm)
        router.add_delete("/_faults", self._disarm)
        router.add_get("/_clock", self._show_clock)
        router.add_post("/_clock", self._move_clock)
        router.add_post("/_tick", self._tick_now)

    async def _show_book(self, request: web.Request) -> web.Response:
        return reply(self.book.of(request.query.get("kind")))

    async def _show_faults(self, request: web.Request) -> web.Response:
        return reply(self.faults.armed())

    async def _arm(self, request: web.Request) -> web.Response:
        try:
            wanted = json.loads(await request.read())
            for details in wanted if isinstance(wanted, list) else [wanted]:
                self.faults.add(**details)
        except (ValueError, TypeError) as error:
            return reply({"error": str(error)}, 400)
        return reply(self.faults.armed())

    async def _disarm(self, request: web.Request) -> web.Response:
        self.faults.clear()
        return reply([])

    async def _show_clock(self, request: web.Request) -> web.Response:
        return reply({"now": self.clock.now().isoformat()})

    async def _move_clock(self, request: web.Request) -> web.Response:
        try:
            now = advance_clock(self.clock, float(json.loads(await request.read())["advance_seconds"]))
        except (ValueError, TypeError, KeyError) as error:
            return reply({"error": str(error)}, 400)
        sent = await self.tick()
        return reply({"now": now.isoformat(), "sent": sent})

    async def _tick_now(self, request: web.Request) -> web.Response:
        return reply({"sent": await self.tick()})


def _reset(request: web.Request) -> None:
    """Close the connection with an RST, as a crashed peer does."""
    if request.transport is None:
        return
    sock = request.transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()


def _body_of(answer: web.StreamResponse) -> bytes:
    return bytes(answer.body) if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""


async def _cut(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    body = _body_of(answer)
    half = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    half.content_length = max(len(body), 2)
    await half.prepare(request)
    await half.write(body[: len(body) // 2] or b"{")
    _reset(request)
    return half


def _truncated(answer: web.StreamResponse) -> web.Response:
    body = _body_of(answer)
    return web.Response(body=body[: len(body) // 2], status=answer.status, content_type="application/json")
