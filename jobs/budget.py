"""How often a vendor's calls may be repeated: a tenth of them, so that trouble never becomes a storm (rule VEN-4).

Each first try earns a tenth of a retry, each retry costs one. A reserve that refills by itself lets a quiet vendor be
retried at all, and what waited out an outage drain within minutes (rule FAKE-5). A retry that must wait is given a
moment of its own, so that a crowd of them does not ask again and again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

SHARE = 0.1
RESERVE = 30.0
"""Retries that may be saved up."""
REFILL = 0.5
"""Retries a second that even a vendor without other calls may get."""
LONGEST = timedelta(minutes=1)

BUDGET = "retry budget"
"""The reason given for a retry that has to wait for its moment."""

_APART = timedelta(seconds=1 / REFILL)


class RetryBudget:
    """The retries of one vendor in one process."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._saved, self._at = RESERVE, now()
        self._slot = self._at

    def wait(self, attempts: int) -> timedelta | None:
        """Return how long the `attempts`-th try of a row must wait, or None when it may be made now."""
        now = self._refill()
        if attempts <= 1 or self._saved >= 1:
            return None
        first = now + timedelta(seconds=(1 - self._saved) / REFILL)
        self._slot = max(first, self._slot + _APART)
        return min(self._slot - now, LONGEST)

    def made(self, attempts: int) -> None:
        """Note that a try is made."""
        self._refill()
        self._saved = min(self._saved + SHARE, RESERVE) if attempts <= 1 else self._saved - 1

    def _refill(self) -> datetime:
        now = self._now()
        self._saved = min(self._saved + (now - self._at).total_seconds() * REFILL, RESERVE)
        self._at = now
        return now
