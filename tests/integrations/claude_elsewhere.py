"""Another server that speaks the Messages API, written from the vendor's description and not from our fake.

A raw socket server: it answers each POST with what the test put down for that kind of request (a stream is a list of
steps: text to say, pauses, an error, a hang-up). It keeps what it was asked.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

USAGE = {"input_tokens": 1200, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 5000}


@dataclass(frozen=True)
class Say:
    """Some text of the answer, in one delta."""

    text: str


@dataclass(frozen=True)
class Think:
    """A whole thinking block before the text."""

    text: str = "Let me see."


@dataclass(frozen=True)
class Pause:
    """Silence in the stream."""

    seconds: float


@dataclass(frozen=True)
class Fail:
    """An error event; the connection ends after it."""

    kind: str = "overloaded_error"


class HangUp:
    """The connection is cut, in the middle of a chunk."""


@dataclass(frozen=True)
class Stop:
    """The regular end."""

    reason: str = "end_turn"
    output: int = 60


@dataclass(frozen=True)
class Whole:
    """An answer that is no stream: a status with a body."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


Step = Say | Think | Pause | Fail | HangUp | Stop
Script = Sequence[Step] | Whole


def message(text: str, stop: str = "end_turn", **usage: Any) -> Whole:
    """Return a whole message as the vendor writes it."""
    return Whole(
        200,
        {
            "id": "msg_x1", "type": "message", "role": "assistant", "model": "claude-haiku-5-5",
            "content": [{"type": "text", "text": text}], "stop_reason": stop, "stop_sequence": None,
            "usage": {"input_tokens": 1500, "output_tokens": 200, **usage},
        },
    )  # fmt: skip


def error(status: int, kind: str = "overloaded_error", **headers: str) -> Whole:
    """Return a refusal as the vendor writes it."""
    return Whole(status, {"type": "error", "error": {"type": kind, "message": "no"}}, headers)


class Elsewhere:
    """What it answers to streams and to others, in order; the last one again and again."""

    def __init__(self) -> None:
        self.url = ""
        self.streams: deque[Script] = deque()
        self.others: deque[Script] = deque([message('{"items": []}')])
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def streamed(self) -> list[dict[str, Any]]:
        """The requests that wanted a stream."""
        return [body for body in self.asked if body.get("stream")]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._one(reader, writer):
                    pass
        finally:
            writer.transport.abort()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # for the transports to close

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.asked.append(body)
        self.headers.append(headers)
        queue = self.streams if body.get("stream") else self.others
        script = queue.popleft() if len(queue) > 1 else queue[0]
        if isinstance(script, Whole):
            return await _whole(writer, script)
        return await _stream(writer, script, body["model"])


async def _whole(writer: asyncio.StreamWriter, script: Whole) -> bool:
    raw = script.body if isinstance(script.body, bytes) else json.dumps(script.body).encode()
    lines = [f"HTTP/1.1 {script.status} X", "content-type: application/json", f"content-length: {len(raw)}"]
    lines += [f"{name}: {value}" for name, value in script.headers.items()]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + raw)
    await writer.drain()
    return True


async def _stream(writer: asyncio.StreamWriter, steps: Sequence[Step], model: str) -> bool:
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    index, is_open = 0, False

    async def event(kind: str, **data: Any) -> None:
        raw = f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()
        writer.write(f"{len(raw):x}\r\n".encode() + raw + b"\r\n")
        await writer.drain()

    if steps and not isinstance(steps[0], Pause | Fail | HangUp):
        empty: dict[str, Any] = {"id": "msg_x2", "type": "message", "role": "assistant", "model": model, "content": [],
                 "stop_reason": None, "stop_sequence": None, "usage": {**USAGE, "output_tokens": 2}}  # fmt: skip
        await event("message_start", message=empty)
        await event("ping")
    for step in steps:
        match step:
            case Think(text):
                block = {"type": "thinking", "thinking": "", "signature": ""}
                await event("content_block_start", index=index, content_block=block)
                delta = {"type": "thinking_delta", "thinking": text}
                await event("content_block_delta", index=index, delta=delta)
                await event("content_block_stop", index=index)
                index += 1
            case Say(text):
                if not is_open:
                    await event("content_block_start", index=index, content_block={"type": "text", "text": ""})
                    is_open = True
                await event("content_block_delta", index=index, delta={"type": "text_delta", "text": text})
            case Pause(seconds):
                await asyncio.sleep(seconds)
            case Fail(kind):
                await event("error", error={"type": kind, "message": "Overloaded"})
                break
            case HangUp():
                writer.write(b"40\r\nevent: content_bl")
                await writer.drain()
                return False
            case Stop(reason, output):
                if is_open:
                    await event("content_block_stop", index=index)
                end = {"stop_reason": reason, "stop_sequence": None}
                await event("message_delta", delta=end, usage={"output_tokens": output})
                await event("message_stop")
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


@asynccontextmanager
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """Serve on a free loopback port."""
    other = Elsewhere()
    server = await asyncio.start_server(other.serve, "127.0.0.1", 0)
    other.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield other
    finally:
        server.close()
        await other.close()
