"""The short way through aiohttp for the doors on the path of every message.

Such a door has one fixed path and its answer is a few bytes that are known at once. So a request for it goes around the
router, its body is taken without waiting when it came with the head, and the answer leaves with its head as one write.
Whatever is unusual (another method, a query, `Expect`, HTTP/1.0, a connection to close) takes the ordinary way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import HttpVersion11, web
from aiohttp.helpers import rfc822_formatted_time

Handler = Callable[[Any], Awaitable[web.StreamResponse]]


def shorten(server: web.Server, doors: Mapping[str, Handler]) -> None:
    """Let a server hand POST requests for these paths straight to their handlers; connections made later do it."""
    by_router = server.request_handler

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        door = doors.get(request.raw_path)
        if door is None or request.method != "POST" or "Expect" in request.headers:
            return await by_router(request)
        return await door(request)

    server.request_handler = handle


async def body_of(request: web.BaseRequest) -> bytes:
    """Return a request's body; raise HTTPRequestEntityTooLarge beyond the site's limit."""
    content = request.content
    if not content.is_eof():
        return await request.read()
    body = content.read_nowait()
    if len(body) > request.client_max_size:
        raise web.HTTPRequestEntityTooLarge(request.client_max_size)
    return body


def answer(request: web.BaseRequest, body: bytes, content_type: str) -> web.StreamResponse:
    """Return a response of status 200 with this body."""
    if request.version != HttpVersion11 or not request.keep_alive:
        return web.Response(body=body, content_type=content_type)
    return _Whole(
        b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\nDate: %b\r\n\r\n%b"
        % (content_type.encode(), len(body), rfc822_formatted_time().encode(), body)
    )


class _Whole(web.StreamResponse):
    """A response whose head and body are bytes already."""

    _keep_alive = True

    def __init__(self, written: bytes) -> None:
        super().__init__()
        self._written = written

    async def prepare(self, request: web.BaseRequest) -> Any:
        """Note whom to write to."""
        self._payload_writer = request.writer
        return self._payload_writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Write all of it."""
        await super().write_eof(self._written)
