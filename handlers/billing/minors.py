"""What follows in billing when a person says that they are under 18: nothing that waits can be paid any more (ID-12).

The engine and the coach, which hear ages, call the word `minor`, or `child`; both mean the same here.
"""

from __future__ import annotations

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.billing.orders import ending
from handlers.billing.subscriptions import purchasing
from storage.billing import orders

_NEWEST = 50
"""Of so many orders those that are open are ended; five can be made an hour, and none lives for long."""


def register(registry: Registry) -> None:
    """Register both words."""
    registry.word("minor")(closed)
    registry.word("child")(closed)


def closed(turn: Turn, argument: str) -> bool:
    """End what could still be paid, and its sessions; False, for other services close theirs too."""
    purchasing.close(turn, to="expired")
    for row in orders.of_person(turn.work, turn.person.id, _NEWEST):
        ending.end(turn, row, "age")
    return False
