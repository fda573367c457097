"""The answer as server-sent events, whole or broken off in the middle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from integrations.fakes.claude.answers import Answer
from integrations.fakes.claude.refusals import error_body

_PIECE = 24
_TOKEN = 4
Event = tuple[str, dict[str, Any]]


def events(message: dict[str, Any]) -> Iterator[Event]:
    """Yield the events of a message in order."""
    usage = message["usage"]
    empty = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    yield "message_start", {"message": empty}
    yield "ping", {}
    for index, block in enumerate(message["content"]):
        field = "thinking" if block["type"] == "thinking" else "text"
        yield "content_block_start", {"index": index, "content_block": {**block, field: ""}}
        text = block[field]
        for start in range(0, len(text), _PIECE):
            delta = {"type": f"{field}_delta", field: text[start : start + _PIECE]}
            yield "content_block_delta", {"index": index, "delta": delta}
        if field == "thinking":
            delta = {"type": "signature_delta", "signature": block["signature"]}
            yield "content_block_delta", {"index": index, "delta": delta}
        yield "content_block_stop", {"index": index}
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield "message_delta", {"delta": delta, "usage": {"output_tokens": usage["output_tokens"]}}
    yield "message_stop", {}


async def stream(
    request: web.Request, message: dict[str, Any], said: Answer, stopping: asyncio.Event
) -> web.StreamResponse:
    """Send the events, or those before the place at which the answer breaks off.

    `stream_cut` drops the connection there, `stream_error` sends an error, `stream_hang` sends nothing more.
    """
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "request-id": message["_request_id"]})
    await response.prepare(request)
    shown = {name: value for name, value in message.items() if not name.startswith("_")}
    for name, data in _until_break(list(events(shown)), said):
        if said.breaks == "stream_slow":
            await asyncio.sleep(said.seconds)
        await _write(response, name, data)
    if said.breaks == "stream_cut" and request.transport:
        request.transport.abort()
        return response
    if said.breaks in ("stream_error", "stream_error_first"):
        await _write(response, "error", error_body(529, "Overloaded"))
    elif said.breaks == "stream_hang":
        await stopping.wait()
    await response.write_eof()
    return response


def _until_break(all_events: list[Event], said: Answer) -> list[Event]:
    if said.breaks == "stream_error_first":
        return []
    if said.breaks in ("", "stream_slow"):
        return all_events
    if said.after is None:
        return all_events[: len(all_events) // 2]
    return all_events[: 3 + -(-said.after * _TOKEN // _PIECE)]


async def _write(response: web.StreamResponse, name: str, data: dict[str, Any]) -> None:
    text = json.dumps({"type": name, **data}, ensure_ascii=False)
    await response.write(f"event: {name}\ndata: {text}\n\n".encode())
