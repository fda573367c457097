"""Identifiers and randomness, handed to turns so that a replay can be given the same ones.

Row ids are 63-bit integers that grow with time (41 bits of milliseconds since 2020, 22 random), made by the
application so that all writes of a turn can leave in one batch. Tokens in links carry 132 bits and more.
"""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from bot.core.clock import Clock

_EPOCH_MS = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000)
_RANDOM_BITS = 22
_STEP_BITS, _LEAP_BITS = 12, 20
"""How far the next id of the same millisecond is at most, and the first one after another process's."""
_UNAMBIGUOUS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""No 0 O 1 I L: a case code is read out over the telephone (rule SMS-41)."""


class Ids:
    """Makes row ids, link tokens and case codes from a clock and a source of random bits."""

    def __init__(self, clock: Clock, random_bits: Callable[[int], int] = secrets.randbits) -> None:
        self._clock, self._bits, self._last = clock, random_bits, 0
        self._jitter = random.Random(random_bits(64)).getrandbits
        self._lock = threading.Lock()

    def next(self) -> int:
        """Return a row id, larger than every id this object returned before."""
        return self.after(self.floor(self._clock.now()))

    def after(self, floor: int) -> int:
        """Return a row id as `next` does, for a moment whose smallest id is known already."""
        with self._lock:
            if self._last < floor:
                self._last = floor | self._jitter(_RANDOM_BITS)
            else:
                self._last += 1 + self._jitter(_STEP_BITS)
            return self._last

    @property
    def last(self) -> int:
        """The id returned last; the writers of a process share one object, so it may be another turn's."""
        return self._last

    def follow(self, known: int) -> None:
        """Make every id from now on larger than one that another process may have made on a clock ahead of ours.

        The distance is random, because that process goes on from the same id.
        """
        with self._lock:
            if known > self._last:
                self._last = known + self._jitter(_LEAP_BITS)

    @staticmethod
    def floor(moment: datetime) -> int:
        """Return the smallest id made at or after a moment: rows are aged by their key, without another index."""
        return (int(moment.timestamp() * 1000) - _EPOCH_MS) << _RANDOM_BITS

    def token(self) -> str:
        """Return 22 characters of base64url for a private link (132 random bits)."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return "".join(alphabet[self._bits(6)] for _ in range(22))

    def digits(self, length: int) -> str:
        """Return `length` random digits, for a code that is typed."""
        return f"{self._bits(64) % 10**length:0{length}d}"

    def code(self, length: int = 5) -> str:
        """Return `length` letters and digits that cannot be mistaken for one another."""
        picked: list[str] = []
        while len(picked) < length:
            n = self._bits(5)
            if n < len(_UNAMBIGUOUS):
                picked.append(_UNAMBIGUOUS[n])
        return "".join(picked)
