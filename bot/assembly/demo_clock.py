"""The demo's one clock: shared by the bot and the fake vendors, moved forward only, kept over restarts.

Moving it plays what falls due in its order: the clock stops at each moment at which one of our timers, a waiting
message or a vendor has something to do, and everything comes to rest there before it goes on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from bot.assembly.demo_state import write_privately
from bot.core.clock import Clock, SystemClock
from integrations.fakes.kit import FakeServer

LONGEST_STEP = timedelta(days=1)
"""What no one announces (a fake's queue, periodic work) is met at least this often."""

FURTHEST = timedelta(days=800)


class DemoClock(SystemClock):
    """The system's time ahead by an offset that is kept in a file."""

    def __init__(self, path: Path) -> None:
        offset = json.loads(path.read_text())["offset_seconds"] if path.exists() else 0.0
        super().__init__(timedelta(seconds=offset))
        self._path = path

    def advance(self, step: timedelta) -> datetime:
        """Move forward and keep the offset."""
        now = super().advance(step)
        write_privately(self._path, json.dumps({"offset_seconds": self.offset.total_seconds()}))
        return now


class MovableClock(Clock, Protocol):
    """A clock that can be moved forward."""

    def advance(self, step: timedelta) -> datetime:
        """Move forward by `step` and return the new time."""
        ...


class Pumps(Protocol):
    """What of the app the demo clock drives."""

    async def settle(self) -> None:
        """Do all that is due."""
        ...

    async def next_due(self) -> datetime | None:
        """Return the next moment at which something falls due."""
        ...


class DemoTime:
    """Moves the clock with everything that hangs on it. `work_done` counts calls made to vendors so far."""

    def __init__(
        self, clock: MovableClock, pumps: Pumps, fakes: Mapping[str, FakeServer], work_done: Callable[[], int]
    ) -> None:
        self._clock, self._pumps, self._fakes, self._work_done = clock, pumps, fakes, work_done
        self._moving = asyncio.Lock()

    async def advance(self, step: timedelta) -> datetime:
        """Move forward by `step`, letting everything due happen in order; raise ValueError on a step out of range."""
        if not timedelta() <= step <= FURTHEST:
            raise ValueError(f"advance_seconds must be from 0 to {FURTHEST // timedelta(seconds=1)}")
        async with self._moving:
            target = self._clock.now() + step
            await self._rest()
            while (moment := await self._next()) < target:
                self._go_to(moment)
                await self._rest()
            self._go_to(target)
            await self._rest()
            return self._clock.now()

    def _go_to(self, moment: datetime) -> None:
        ahead = moment - self._clock.now()
        if ahead > timedelta():
            self._clock.advance(ahead)

    async def _next(self) -> datetime:
        """Return the next moment at which anyone has something to do, at most `LONGEST_STEP` ahead."""
        now = self._clock.now()
        ours = await self._pumps.next_due()
        moments = [ours] if ours else []
        for vendor, fake in self._fakes.items():
            moments += announced(vendor, fake)
        later = [moment for moment in moments if moment > now]
        return min([*later, now + LONGEST_STEP])

    async def _rest(self) -> None:
        """Let the vendors and us act on one another until nobody has anything to do."""
        for _ in range(200):
            before, sent = self._work_done(), 0
            for fake in self._fakes.values():
                sent += await fake.tick()
            await self._pumps.settle()
            if not sent and self._work_done() == before:
                return
        raise RuntimeError("the demo never came to rest")


def announced(vendor: str, fake: FakeServer) -> Iterable[datetime]:
    """Return the moments at which a fake will do something: webhooks that wait, its post, its sessions' ends."""
    moments = [datetime.fromisoformat(hook["due"]) for hooks in fake.hooks for hook in hooks.pending()[:1]]
    return [*moments, *_PLANS.get(vendor, _nothing)(fake)]


def _nothing(fake: Any) -> Iterator[datetime]:
    yield from ()


def _post(fake: Any) -> Iterator[datetime]:
    for plan in fake.book.shelf("plan"):
        yield datetime.fromisoformat(plan["steps"][0][0])


def _payments(fake: Any) -> Iterator[datetime]:
    for entry in fake.book.shelf("settlement"):
        yield datetime.fromtimestamp(entry["due"], UTC)
    for session in fake.checkout.shelf:
        if session["status"] == "open":
            yield datetime.fromtimestamp(session["expires_at"], UTC)
    for at in fake.subscriptions.moments():
        yield datetime.fromtimestamp(at, UTC)


_PLANS: dict[str, Callable[[Any], Iterator[datetime]]] = {"lob": _post, "stripe": _payments}
