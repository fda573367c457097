"""How a sender of texts is registered, and what each class of carriers takes from it a day (rule SMS-18).

Nobody tells us a number's carrier without a paid look-up, so every text counts against every class: the smallest cap
governs. Carriers count their day in Pacific time.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

DAY_ZONE = ZoneInfo("America/Los_Angeles")


class Campaign(BaseModel):
    """One kind of registration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    daily: dict[str, int] = Field(default_factory=dict)

    @property
    def cap(self) -> int | None:
        """The smallest daily cap in segments; None when no carrier has one."""
        return min(self.daily.values(), default=None)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: date
    campaigns: dict[str, Campaign]


@cache
def campaigns() -> dict[str, Campaign]:
    """Return the kinds of registration by name."""
    path = Path(__file__).with_name("campaigns.toml")
    return _Table.model_validate(tomllib.loads(path.read_text("utf-8"))).campaigns


def day_of(now: datetime) -> datetime:
    """Return when the carriers' day of a moment began."""
    return now.astimezone(DAY_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)


def until_tomorrow(now: datetime) -> timedelta:
    """Return how long the carriers' day of a moment still lasts."""
    tomorrow = (day_of(now) + timedelta(hours=36)).replace(hour=0)
    return tomorrow - now
