"""Days, moments and amounts as people read them in the messages after approval."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from bot.engine.turn import Turn


def day(value: date) -> str:
    """Write a date as "Mon Dec 7"."""
    return f"{value:%a %b} {value.day}"


def clock_time(value: datetime) -> str:
    """Write a time of day as "5pm" or "10:40am"."""
    minutes = f":{value.minute:02}" if value.minute else ""
    return f"{value.hour % 12 or 12}{minutes}{'am' if value.hour < 12 else 'pm'}"


def moment(value: datetime, zone: str) -> str:
    """Write a moment in a zone as "Thu 10:40am"."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{local:%a} {clock_time(local)}"


def dated_moment(value: datetime, zone: str) -> str:
    """Write a moment in a zone as "Tue Nov 24, 11:02am"."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local.date())}, {clock_time(local)}"


def counted(turn: Turn, what: Literal["pages", "exhibits", "minutes", "characters"], count: int) -> str:
    """Write a count with its noun, as "1 page" or "4 pages"."""
    return turn.text(f"appeals.{what}.{'one' if count == 1 else 'many'}", count=count)
