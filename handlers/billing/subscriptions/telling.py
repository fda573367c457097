"""What a person is told of their plan: one message for what changed in our row, never one for an event (SB-4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.money import Money
from bot.engine.turn import Turn
from handlers.billing import reading

_SAID = {
    "created": "billing.sub.begun",
    "trial_started": "billing.sub.trial_begun",
    "renewed": "billing.sub.renewed",
    "upgraded": "billing.sub.changed",
    "downgraded": "billing.sub.changed",
    "downgrade_scheduled": "billing.sub.planned",
    "downgrade_undone": "billing.sub.plan_kept",
    "cancel_scheduled": "billing.sub.ends",
    "cancel_undone": "billing.sub.plan_kept",
    "canceled": "billing.sub.over",
    "recovered": "billing.sub.recovered",
    "paused": "billing.sub.paused",
    "comped": "billing.sub.gift",
}
"""What failed is told by the reminders of dunning, from its first day on."""


def tell(turn: Turn, kinds: list[str], before: Mapping[str, Any] | None, row: sa.Row[Any]) -> None:
    """Tell what happened; the end of something that never ran is no news."""
    if before is None and kinds == ["canceled"]:
        return
    for kind in kinds:
        if kind in _SAID:
            turn.notify(_SAID[kind], **words(turn, row))


def words(turn: Turn, row: sa.Row[Any]) -> dict[str, Any]:
    """Return the words of a subscription: its plan, what it costs, until when, what comes next."""
    until = row.ends_at or (row.trial_end if row.state == "trial" else row.period_end)
    return {
        "plan": named(turn, row.plan),
        "price": price(turn, Money(row.amount_minor or 0, row.currency or "USD"), row.every or "month"),
        "at": day(turn, until) if until else "",
        "next": named(turn, row.next_plan) if row.next_plan else "",
    }


def named(turn: Turn, plan: str) -> str:
    """Return the name of a plan."""
    return turn.text(f"billing.plan.{plan}")


def price(turn: Turn, amount: Money, every: str) -> str:
    """Return a price with its interval."""
    return turn.text(f"billing.sub.price_{every}", amount=amount)


def day(turn: Turn, at: datetime) -> str:
    """Return a day as the person's calendar has it, with the year when it is another one."""
    zone = ZoneInfo(reading.zone(turn))
    local, today = at.astimezone(zone), turn.now.astimezone(zone)
    shown = f"{local.day} {local:%b}"
    return shown if local.year == today.year else f"{shown} {local.year}"
