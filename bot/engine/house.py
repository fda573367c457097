"""Who we are: what staff said in the chat, and before they said anything, what the settings of the host say (OR-1)."""

from __future__ import annotations

from datetime import datetime

from bot.engine.turn import Turn
from storage import organisation
from storage.organisation import Organisation


def house(turn: Turn, *, at: datetime | None = None) -> Organisation:
    """Return the organisation as it is now, or as it was at a moment."""
    return version(turn, at=at)[1]


def version(turn: Turn, *, at: datetime | None = None) -> tuple[int, Organisation]:
    """Return it with the number of its version; 0 while only the settings say who we are."""
    return organisation.current(turn.work, turn.registry.house, at=at)


def our_day(turn: Turn) -> str:
    """Write today as it is where we are."""
    today = turn.today(house(turn).zone)
    return f"{today:%b} {today.day}, {today.year}"
