"""Stripe's arithmetic of periods and proration, by the second, each line rounded half up."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime

MONTHS = {"month": 1, "year": 12}


def months_after(anchor: int, months: int) -> int:
    """Return an instant so many months after another, its day clamped to the month."""
    at = datetime.fromtimestamp(anchor, UTC)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, monthrange(year, month + 1)[1])
    return int(at.replace(year=year, month=month + 1, day=day).timestamp())


def period_end(anchor: int, start: int, interval: str) -> int:
    """Return the first instant of the anchor's rhythm after `start`."""
    step, count = MONTHS[interval], 1
    while months_after(anchor, step * count) <= start:
        count += 1
    return months_after(anchor, step * count)


def share(amount: int, at: int, start: int, end: int) -> int:
    """Return the part of an amount for what is left of a period, rounded half up."""
    return (2 * amount * (end - at) + (end - start)) // (2 * (end - start))
