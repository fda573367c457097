"""What an adapter in `integrations/` looks like to the worker that uses it.

An adapter has two tables: `calls` maps a call class to the coroutine that performs it, and `look_ups` maps a call
class to the coroutine that finds out whether an earlier, uncertain attempt of it happened. No exception and no object
of a vendor's SDK leaves an adapter.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from bot.core.calls.outcome import Outcome

REQUEST_IDS: ContextVar[list[str]] = ContextVar("REQUEST_IDS")
"""Where an adapter notes how the vendor numbered its requests, for the log of the call (rule VEN-11)."""


def note_request(request_id: str | None) -> None:
    """Note a vendor's number of a request, when somebody wants to know and the vendor gave one."""
    noted = REQUEST_IDS.get(None)
    if noted is not None and request_id:
        noted.append(str(request_id)[:100])


class Files(Protocol):
    """The blobs that a call reads and makes."""

    async def get(self, blob_id: int) -> bytes:
        """Return a blob's bytes; raise KeyError when it is gone."""
        ...

    def put(self, data: bytes, media_type: str) -> int:
        """Keep new bytes, to be stored in the commit that marks the call done, and return their blob id."""
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """The circumstances of one attempt: the row's idempotency key, how often it was tried, since when, and the time.

    For a look-up, `looks` counts the look-ups that found nothing so far, and `known` holds the vendor's ids of other
    rows of the same address, which therefore cannot be this one. `show` is there when somebody may watch the answer
    grow: it takes all of the text so far, never waits and never fails.
    """

    key: str
    number: int
    first_at: datetime
    now: datetime
    files: Files
    looks: int = 0
    known: frozenset[str] = frozenset()
    show: Callable[[str], None] | None = None


Perform = Callable[[Any, Attempt], Awaitable[Outcome]]
"""Performs a call once. Never raises for a vendor's trouble."""

LookUp = Callable[[Any, Attempt], Awaitable[Outcome | None]]
"""Finds an earlier attempt: Done or Refused when it happened, None when it clearly did not, Again when unclear."""


class Adapter(Protocol):
    """One vendor."""

    vendor: str
    calls: Mapping[type, Perform]
    look_ups: Mapping[type, LookUp]

    async def close(self) -> None:
        """Release connections."""
        ...


@runtime_checkable
class Narrow(Protocol):
    """A vendor that serves only so many calls at once; the others wait, and persons take turns."""

    vendor: str
    places: int


@runtime_checkable
class Urgent(Protocol):
    """A vendor that is asked while somebody waits: what cannot be had now is refused, never tried again later.

    Its circuit opens after five failures within `window`, for `pause` (rule MC-8).
    """

    vendor: str
    window: timedelta
    pause: timedelta
