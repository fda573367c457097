"""How often a token may ask: a bucket of 60 that fills by one a second, one for all processes (rule API-4).

The bucket is a row of the database; of it a process draws a handful at a time and gives them out from memory. So a
reader makes one write in several requests, and no number of processes lets a token ask more often. What a process drew
and did not use is void by the time in which the bucket filled it up again.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.core.clock import Clock
from storage.receipts.rates import Drawn
from storage.receipts.tokens import Token

A_MINUTE = 60
DRAW_SECONDS = 2.0
"""A limiter that takes longer has failed."""
_MOST = 10_000
Draw = Callable[[Token, int], Awaitable[Drawn]]
"""Draws from a token's bucket that holds so many a minute."""


@dataclass(slots=True)
class _Hand:
    """What this process has of a token's bucket."""

    left: int = 0
    until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Rates:
    """What this process has of the buckets of the tokens that asked lately."""

    def __init__(self, clock: Clock, draw: Draw, a_minute: int = A_MINUTE) -> None:
        self._clock, self._draw, self._most = clock, draw, a_minute
        self._hands: OrderedDict[int, _Hand] = OrderedDict()

    async def take(self, token: Token) -> int:
        """Take one from a token's bucket; return 0, or in how many seconds there is one again."""
        hand = self._hands.setdefault(token.id, _Hand())
        self._hands.move_to_end(token.id)
        if len(self._hands) > _MOST:
            self._hands.popitem(last=False)
        async with hand.lock:
            if hand.left < 1 or hand.until <= self._clock.now().timestamp():
                async with asyncio.timeout(DRAW_SECONDS):
                    drawn = await self._draw(token, self._most)
                if drawn.count < 1:
                    return max(1, math.ceil(drawn.wait.total_seconds()))
                hand.left = drawn.count
                hand.until = self._clock.now().timestamp() + drawn.count * 60 / self._most
            hand.left -= 1
            return 0
