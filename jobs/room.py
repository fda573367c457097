"""Room at a vendor that serves few calls at once: who waits takes turns by person.

Without it, the first person to send twenty pictures would be read to the end before anybody else's one. Calls wait
here with nothing in their hands: what they need is fetched when their turn has come, so memory does not grow with the
queue.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Room:
    """A number of places, given to one call of each waiting person after the other."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: dict[int, deque[asyncio.Future[None]]] = {}

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return sum(len(calls) for calls in self._waiting.values())

    @asynccontextmanager
    async def place(self, person_id: int) -> AsyncIterator[None]:
        """Wait for a place and hold it."""
        await self._enter(person_id)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, person_id: int) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(person_id, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()  # the place came in the moment of the cancellation: it goes on to the next
            raise

    def _leave(self) -> None:
        while self._waiting:
            turn = self._next()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _next(self) -> asyncio.Future[None]:
        """Take the first call of the first person, who goes to the end of the row with what else they wait for."""
        person_id = next(iter(self._waiting))
        calls = self._waiting.pop(person_id)
        turn = calls.popleft()
        if calls:
            self._waiting[person_id] = calls
        return turn
