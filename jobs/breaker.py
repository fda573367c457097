"""One circuit per vendor: opens after 5 failures in 30 s, half-opens for one probe after 30 s (rule VEN-5)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

FAILURES, WINDOW, PAUSE = 5, timedelta(seconds=30), timedelta(seconds=30)
State = Literal["closed", "open", "half_open"]


class Breaker:
    """Counts a vendor's failures on the given clock. A probe that never ends is replaced after a pause."""

    def __init__(self, now: Callable[[], datetime], *, window: timedelta = WINDOW, pause: timedelta = PAUSE) -> None:
        self._now, self._window, self._pause = now, window, pause
        self._failures: deque[datetime] = deque(maxlen=FAILURES)
        self._opened: datetime | None = None
        self._probed: datetime | None = None
        self.since: datetime | None = None
        """When the circuit opened, None while it is closed; failing probes do not move it."""

    @property
    def state(self) -> State:
        """Where the circuit stands."""
        if self._opened is None:
            return "closed"
        return "half_open" if self._now() - self._opened >= self._pause else "open"

    def left(self) -> timedelta | None:
        """Return how long a call must wait, or None when it might go now; nothing is taken by asking."""
        if self._opened is None:
            return None
        left = self._pause - (self._now() - self._opened)
        if left > timedelta():
            return left
        probing = self._probed is not None and self._now() - self._probed < self._pause
        return timedelta(seconds=1) if probing else None

    def wait(self) -> timedelta | None:
        """Return how long a call must wait, or None when it may go now (as the probe, when half open)."""
        left = self.left()
        if left is None and self._opened is not None:
            self._probed = self._now()
        return left

    def succeeded(self) -> None:
        """The vendor answered."""
        self._failures.clear()
        self._opened = self._probed = self.since = None

    def failed(self) -> None:
        """The vendor did not."""
        now, self._probed = self._now(), None
        if self._opened is not None:
            self._opened = now
            return
        self._failures.append(now)
        if len(self._failures) == FAILURES and now - self._failures[0] <= self._window:
            self._opened = self.since = now
