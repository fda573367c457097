"""A person who has their data deleted leaves their plan too: nothing may renew for somebody who is gone (ID-13).

U> delete my data
B> Your Basic plan ends with it, without money back. ... This deletes your answers, photos, letters ...
U> delete

When the day comes the plan is ended where it renews, and the deletion waits until that is confirmed. What was paid for
Stars, or given, just ends with the rest.
"""

from __future__ import annotations

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.billing.subscriptions import changing, ports, telling
from storage.billing import subscriptions


def register(registry: Registry) -> None:
    """Register what is said before, what is done on the day, and what is waited for."""
    registry.word("deleting")(told)
    registry.word("leaving")(ends)
    registry.holds.append(subscriptions.renewing_of)


def told(turn: Turn, argument: str) -> bool:
    """Say that the plan ends too."""
    for row in subscriptions.renewing_of(turn.work, turn.person.id)[:1]:
        turn.say("billing.sub.ends_with_data", **telling.words(turn, row))
    return False


def ends(turn: Turn, argument: str) -> bool:
    """End what renews; True where that was asked for and is still to be confirmed."""
    rows = subscriptions.renewing_of(turn.work, turn.person.id)
    for row in rows:
        if row.gateway == "stripe":
            changing.end_now(turn, row, asked="deletion")
        elif (desk := ports.stars(turn)) is not None:
            desk.end_renewal(turn, row)
            turn.lines.clear()
    return bool(rows)
