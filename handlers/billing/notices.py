"""Telling a person that a quota becomes scarce: at 80 and at 100 percent, each once a period (LG-8)."""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.billing import reading, telling
from handlers.billing.resolver import Snapshot, resolve
from storage.billing import usage

PERCENTS = (80, 100)


def tell(turn: Turn, of: Snapshot, feature: str) -> None:
    """Tell the highest mark that was reached anew, and mark those below it as told."""
    found = resolve(of, feature, turn.now)
    if not isinstance(found.value, int) or found.value < 1:
        return
    used, period = reading.used(turn, of, feature), reading.period(turn, of)
    reached = [percent for percent in PERCENTS if used * 100 >= percent * found.value]
    new = usage.reach(turn.work, turn.person.id, feature, period.key, reached)
    if new and max(new) == max(reached):
        turn.notify("billing.notice", told=telling.told(turn, of, feature, found))
