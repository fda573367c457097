"""The events of a stream, however it is written: by the type in their data, with or without a name (rule MC-4).

The SDK passes over an event without a name, and reads nothing out of a whole message that was sent in the place of a
stream. Servers that stand between us and the vendor do both; a person who waits shall not lose the reply to it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

LARGEST = 1_000_000
"""Bytes of a whole message after which nobody reads on."""


class EventOfError(Exception):
    """An error that came as an event; `kind` is the vendor's word for it, empty when it told none."""

    def __init__(self, told: Any) -> None:
        kind = getattr(getattr(told, "error", None), "type", "")
        self.kind = kind if isinstance(kind, str) else ""
        super().__init__(self.kind)


async def events(stream: Any) -> AsyncIterator[Any]:
    """Give the events of the SDK's stream as objects with the names of the vendor; raise EventOfError for an error.

    A whole message is given as one event of type `message`. What is no JSON raises ValueError.
    """
    response = stream.response
    if response.headers.get("content-type", "").lower().startswith("application/json"):
        yield _judged(_read(await _whole(response)), "")
        return
    async for one in stream.raw_events(response):
        if one.data and one.event != "ping":
            yield _judged(_read(one.data), one.event or "")


def _judged(told: Any, name: str) -> Any:
    if name == "error" or getattr(told, "type", None) == "error":
        raise EventOfError(told)
    return told


async def _whole(response: Any) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > LARGEST:
            raise ValueError("no message is that large")
    return bytes(body)


def _read(data: str | bytes) -> Any:
    return json.loads(data, object_hook=lambda found: SimpleNamespace(**found))
