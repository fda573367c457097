"""What the unused rest of a plan becomes when a better one is bought for Stars: days of it, rounded down (TS-6)."""

from __future__ import annotations

from datetime import datetime, timedelta

PERIOD = timedelta(days=30)


def bonus_days(*, paid: int, price: int, until: datetime, now: datetime) -> int:
    """Return whole days: 15 of 30 days of 700 Stars left are 350, and 350 buy 4 days of a plan of 2250."""
    left = max(until - now, timedelta())
    worth = paid * (left // timedelta(seconds=1)) // (PERIOD // timedelta(seconds=1))
    return worth * PERIOD.days // price if price > 0 else 0
