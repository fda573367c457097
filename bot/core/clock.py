"""The one source of time.

Handlers, storage and jobs never ask the operating system what time it is: they are handed a `Clock`. That is what
lets a test play ninety days in a second and lets the demo's post arrive when its user says so.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The operating system's time, shifted by an offset that only ever grows (demo mode moves it forward)."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """Return the system time plus the offset."""
        return datetime.now(UTC) + self.offset

    def advance(self, step: timedelta) -> datetime:
        """Move the clock forward by `step` and return the new time; raise ValueError on a negative step."""
        if step < timedelta():
            raise ValueError("a clock never runs backwards")
        self.offset += step
        return self.now()


class FixedClock:
    """A clock that stands still until it is moved, for tests and simulations."""

    def __init__(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self._moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment the clock stands at."""
        return self._moment

    def advance(self, step: timedelta) -> datetime:
        """Move the clock forward by `step` and return the new time; raise ValueError on a negative step."""
        if step < timedelta():
            raise ValueError("a clock never runs backwards")
        self._moment += step
        return self._moment
