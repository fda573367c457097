"""A server at the Messages API's address that sends whatever bytes a test wants, in pieces of any size.

It knows no events and no shapes: a test writes the head and the body down, also what no vendor would send.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

STREAM_HEAD = (b"content-type: text/event-stream",)
USAGE = {"input_tokens": 1200, "output_tokens": 2}


def event(kind: str, data: Any = None, *, end: bytes = b"\n") -> bytes:
    """Return one event; `data` may be anything, and text or bytes stand as they are."""
    raw = data if isinstance(data, bytes) else json.dumps(data if data is not None else {"type": kind}).encode()
    return b"event: " + kind.encode() + end + b"data: " + raw + end + end


def opened(*, end: bytes = b"\n", **message: Any) -> bytes:
    """Return the first event of a stream."""
    whole = {
        "id": "msg_h", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5", "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": USAGE, **message,
    }  # fmt: skip
    return event("message_start", {"type": "message_start", "message": whole}, end=end)


def block(text: str, *, index: Any = 0, end: bytes = b"\n") -> bytes:
    """Return a block of text: its start, one delta, its end."""
    start = {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}}
    delta = {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": text}}
    stop = {"type": "content_block_stop", "index": index}
    return b"".join(event(one["type"], one, end=end) for one in (start, delta, stop))


def closed(stop: Any = "end_turn", *, end: bytes = b"\n", usage: Any = None) -> bytes:
    """Return the last two events of a stream."""
    delta = {
        "type": "message_delta",
        "delta": {"stop_reason": stop, "stop_sequence": None},
        "usage": {"output_tokens": 60} if usage is None else usage,
    }
    return event("message_delta", delta, end=end) + event("message_stop", end=end)


class Hostile:
    """Answers streams with `pieces` and everything else with `other`, each a list of byte strings; then hangs up.

    Where a test needs the head, too, `whole` returns all bytes of the answer to the so-many-th request for a stream,
    with seconds of silence among them.
    """

    def __init__(self) -> None:
        self.url = ""
        self.head: Sequence[bytes] = STREAM_HEAD
        self.pieces: Sequence[bytes] = ()
        self.other: bytes = b"{}"
        self.whole: Callable[[int], Sequence[bytes | float]] | None = None
        self.requests = self.streams = 0
        self.asked: list[dict[str, Any]] = []
        self._tasks: set[asyncio.Task[Any]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._one(reader, writer)
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().splitlines()
        length = next(int(line.partition(":")[2]) for line in head if line.startswith("content-length"))
        body = json.loads(await reader.readexactly(length))
        self.requests += 1
        self.asked.append(body)
        wants_stream = bool(body.get("stream"))
        if wants_stream and self.whole is not None:
            self.streams += 1
            for piece in self.whole(self.streams):
                if isinstance(piece, float):
                    await asyncio.sleep(piece)
                else:
                    writer.write(piece)
                    await writer.drain()
            return
        lines = self.head if wants_stream else (b"content-type: application/json",)
        writer.write(b"\r\n".join([b"HTTP/1.1 200 OK", *lines, b"connection: close", b"", b""]))
        for piece in self.pieces if wants_stream else (self.other,):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)


@asynccontextmanager
async def hostile() -> AsyncIterator[Hostile]:
    """Serve on a free loopback port."""
    one = Hostile()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield one
    finally:
        server.close()
        await one.close()
