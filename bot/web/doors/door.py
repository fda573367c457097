"""What all doors share: the way in to the inbox, the refusals, and the limit on requests that fail verification."""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from bot.core.clock import Clock
from bot.core.events import Event
from bot.core.limits import limits
from bot.engine.dispatch import Dispatcher, Sent
from bot.web.source import Sources
from storage.database import Writers

log = logging.getLogger("parley.web")
FLOOD, FLOOD_SECONDS = limits().forged_requests_a_minute, 60.0
LONGEST_KEY = 400
"""A vendor's id is far shorter; PostgreSQL would refuse an index row of some thousand, and any NUL."""


@dataclass(slots=True)
class Intake:
    """The way from a door to the writer and, after the commit, to the delivery worker."""

    writers: Writers
    dispatcher: Dispatcher
    offer: Callable[[Sent], None]
    clock: Clock
    count: Callable[[str, str], None] = lambda channel, what: None
    rejected: Callable[[str, str], None] = lambda vendor, reason: None
    answered: Callable[[str, float], None] = lambda channel, seconds: None
    flood: FloodGate = field(default_factory=lambda: FloodGate())
    sources: Sources = field(default_factory=Sources)

    async def take(self, event: Event, *, answers: bool = False, key: int = 0) -> Sent:
        """Commit an event; raise HTTPServiceUnavailable when the commit failed, HTTPBadRequest for an unusable key."""
        if "\0" in event.key + event.kind or len(event.key) > LONGEST_KEY:
            self.rejected(event.source, "malformed")
            raise web.HTTPBadRequest(text="malformed")
        try:
            sent: Sent = await self.writers.submit(self.dispatcher.intake(event, answers=answers), key=key)
        except Exception as error:
            log.exception("intake failed", extra={"source": event.source})
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"}) from error
        if sent.rows:
            self.offer(sent)
        self.count(event.source, "duplicate" if sent.duplicate else "received")
        return sent

    def refuse(self, request: web.Request, vendor: str, reason: str, status: int) -> web.Response:
        """Answer a request that is not genuine or not well formed; nothing is stored."""
        self.rejected(vendor, reason)
        if reason == "signature":
            self.flood.note(self.sources.of(request), self.clock.now().timestamp())
        return web.Response(status=status, text=reason)

    def is_flooded(self, request: web.Request) -> bool:
        """Tell whether this source sent too many requests that failed verification (rule HOOK-8)."""
        return self.flood.is_flooded(self.sources.of(request), self.clock.now().timestamp())


class FloodGate:
    """Counts failed verifications per source: 20 a minute, then requests are refused unless they verify."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=FLOOD))

    def note(self, source: str, now: float) -> None:
        """Count one failure."""
        if len(self._failures) > 10_000:
            self._failures.clear()
        self._failures[source].append(now)

    def is_flooded(self, source: str, now: float) -> bool:
        """Tell whether the last 20 failures of a source lie within a minute."""
        failures = self._failures.get(source)
        return failures is not None and len(failures) == FLOOD and now - failures[0] < FLOOD_SECONDS
