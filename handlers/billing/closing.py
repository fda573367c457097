"""What could still be paid is closed when a person says that they are under 18, or their data goes (ID-12, ID-13).

Nobody may pay a link whose person is gone, for nobody would get what was paid. Money that is on its way is waited for
(`purchases.unsettled`, `orders.unsettled`). The engine and the coach, which hear ages, call the word `minor`, or
`child`; both mean the same here.
"""

from __future__ import annotations

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.billing.orders import ending
from handlers.billing.subscriptions import purchasing
from storage.billing import orders, purchases

_NEWEST = 50
"""Of so many orders those that are open are ended; five can be made an hour, and none lives for long."""


def register(registry: Registry) -> None:
    """Register the words, and what a deletion waits for."""
    registry.word("minor")(of_minor)
    registry.word("child")(of_minor)
    registry.word("leaving")(of_leaver)
    registry.holds.append(purchases.unsettled)


def of_minor(turn: Turn, argument: str) -> bool:
    """End what could still be paid, and its sessions; False, for other services close theirs too."""
    return _close(turn, "age")


def of_leaver(turn: Turn, argument: str) -> bool:
    """Do the same on the day of a deletion; False, for nothing of it is waited for."""
    return _close(turn, "deletion")


def _close(turn: Turn, why: str) -> bool:
    purchasing.close(turn, to="expired")
    for row in orders.of_person(turn.work, turn.person.id, _NEWEST):
        ending.end(turn, row, why)
    return False
