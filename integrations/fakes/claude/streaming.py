"""The answer as server-sent events, whole or broken off in the middle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from integrations.fakes.claude.refusals import error_body

_PIECE = 24
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


async def stream(request: web.Request, message: dict[str, Any], breaks: str) -> web.StreamResponse:
    """Send the events; `stream_cut` drops the connection half-way, `stream_error` sends an error there."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "request-id": message["_request_id"]})
    await response.prepare(request)
    shown = {name: value for name, value in message.items() if not name.startswith("_")}
    all_events = list(events(shown))
    half = len(all_events) // 2 if breaks else len(all_events)
    for name, data in all_events[:half]:
        await _write(response, name, data)
    if breaks == "stream_cut" and request.transport:
        request.transport.abort()
    elif breaks == "stream_error":
        await _write(response, "error", error_body(529, "Overloaded"))
        await response.write_eof()
    else:
        await response.write_eof()
    return response


async def _write(response: web.StreamResponse, name: str, data: dict[str, Any]) -> None:
    text = json.dumps({"type": name, **data}, ensure_ascii=False)
    await response.write(f"event: {name}\ndata: {text}\n\n".encode())
