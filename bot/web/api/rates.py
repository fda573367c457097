"""How often a token may ask: a bucket of 60 that fills by one a second (rule API-4).

It lives in the process: a reader writes nothing to the database, not even a count. With several web processes a token
may therefore ask 60 times a minute of each.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

from bot.core.clock import Clock

A_MINUTE = 60
_MOST = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rates:
    """The buckets of the tokens that asked lately."""

    def __init__(self, clock: Clock, a_minute: int = A_MINUTE) -> None:
        self._clock, self._most = clock, a_minute
        self._buckets: OrderedDict[int, _Bucket] = OrderedDict()

    def take(self, token_id: int) -> int:
        """Take one from a token's bucket; return 0, or in how many seconds there is one again."""
        now = self._clock.now().timestamp()
        bucket = self._buckets.setdefault(token_id, _Bucket(self._most, now))
        self._buckets.move_to_end(token_id)
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        bucket.left = min(self._most, bucket.left + max(0.0, now - bucket.at) * self._most / 60)
        bucket.at = now
        if bucket.left < 1:
            return max(1, math.ceil((1 - bucket.left) * 60 / self._most))
        bucket.left -= 1
        return 0
