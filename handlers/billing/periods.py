"""The period in which a quota is counted, derived from dates and never flipped by a job (LG-6).

subscribed    months from the billing anchor, its day clamped to the month: 31 Jan, 28 Feb, 31 Mar
Stars         30 days that end at the instant until which is paid
free          the calendar month in the person's zone
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

STARS_PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Period:
    """From `starts` until just before `ends`; `key` tells it from the others of its kind."""

    key: str
    starts: datetime
    ends: datetime


def month_after(anchor: datetime, months: int) -> datetime:
    """Return the anchor so many months later, always by its own day."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, monthrange(year, month + 1)[1]))


def subscribed(anchor: datetime, now: datetime) -> Period:
    """Return the month of a subscription that holds an instant; also before the anchor, so that none is lost."""
    anchor = anchor.astimezone(UTC)
    at = now.astimezone(UTC)
    months = (at.year - anchor.year) * 12 + at.month - anchor.month
    if month_after(anchor, months) > at:
        months -= 1
    starts = month_after(anchor, months)
    return Period(f"{starts:%Y-%m-%d}", starts, month_after(anchor, months + 1))


def stars(paid_until: datetime, now: datetime) -> Period:
    """Return the 30 days, counted back from the end of what is paid, that hold an instant."""
    behind = (paid_until - now) // STARS_PERIOD
    ends = paid_until - behind * STARS_PERIOD
    if ends <= now:
        ends += STARS_PERIOD
    return Period(f"{ends - STARS_PERIOD:%Y-%m-%dT%H:%M}", ends - STARS_PERIOD, ends)


def calendar_month(zone: str, now: datetime) -> Period:
    """Return the civil month of a zone that holds an instant."""
    there = ZoneInfo(zone)
    local = now.astimezone(there)
    first = datetime(local.year, local.month, 1, tzinfo=there)
    following = datetime(local.year + local.month // 12, local.month % 12 + 1, 1, tzinfo=there)
    return Period(f"{first:%Y-%m}", first.astimezone(UTC), following.astimezone(UTC))
