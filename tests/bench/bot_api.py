"""The local Bot API: takes every sendMessage of a server under test and tells whoever waits for that reply.

Written on bare protocols, because it shares two cores with the server that is measured. Messages come as JSON (Parley)
or as a form (python-telegram-bot). A text that nobody expected is counted as surplus: a reply that came twice, or to
the wrong chat.
"""

from __future__ import annotations

import asyncio
from typing import cast
from urllib.parse import parse_qs

import orjson


class BotApi:
    """What all connections of one run share. `seconds` is how long the provider takes to answer."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = self.surplus = self.port = 0
        self._expected: dict[int, tuple[str, asyncio.Future[str]]] = {}
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Transport] = set()

    async def __aenter__(self) -> BotApi:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Line(self, self._open), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
            for transport in list(self._open):
                transport.abort()
            await self._server.wait_closed()

    @property
    def base(self) -> str:
        """The address to give to a server as its Bot API."""
        return f"http://127.0.0.1:{self.port}"

    def expect(self, chat: int, marker: str) -> asyncio.Future[str]:
        """Return a future of the next text to a chat that begins with a marker."""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._expected[chat] = (marker, future)
        return future

    def answer(self, path: str, body: bytes) -> bytes:
        """Perform one method and return the response."""
        self.calls += 1
        result: object = True
        if path.endswith("/sendMessage"):
            chat, text = _message(body)
            self._said(chat, text)
            result = {
                "message_id": self.calls,
                "date": 1_790_000_000,
                "chat": {"id": chat, "type": "private", "first_name": "Ada"},
                "text": text,
            }
        elif path.endswith("/getMe"):
            result = {"id": 42, "is_bot": True, "first_name": "bench", "username": "bench_bot"}
        content = orjson.dumps({"ok": True, "result": result})
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
            len(content),
            content,
        )

    def _said(self, chat: int, text: str) -> None:
        marker, future = self._expected.get(chat, ("", None))
        if future is None or future.done() or not text.startswith(marker):
            self.surplus += 1
            return
        del self._expected[chat]
        future.set_result(text)


def _message(body: bytes) -> tuple[int, str]:
    if body[:1] == b"{":
        fields = orjson.loads(body)
        return int(fields["chat_id"]), str(fields["text"])
    form = parse_qs(body.decode())
    return int(form["chat_id"][0]), form["text"][0]


class _Line(asyncio.Protocol):
    """One connection of a server to us."""

    def __init__(self, api: BotApi, lines: set[asyncio.Transport]) -> None:
        self._api, self._lines, self._buffer = api, lines, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._lines.add(self._transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._lines.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            size = content_length(head)
            if len(self._buffer) < end + 4 + size:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + size], self._buffer[end + 4 + size :]
            self._reply(self._api.answer(head.split(b" ", 2)[1].decode(), body))

    def _reply(self, response: bytes) -> None:
        if self._api.seconds:
            asyncio.get_running_loop().call_later(self._api.seconds, self._write, response)
        else:
            self._write(response)

    def _write(self, response: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(response)


def content_length(head: bytes) -> int:
    """Return the length that a message's head promises, or 0."""
    folded = head.lower()
    at = folded.find(b"content-length:")
    return int(folded[at + 15 :].split(b"\r", 1)[0]) if at >= 0 else 0
