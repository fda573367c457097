"""How many exports of the books a plan has (`data.exports`): set aside when one begins, counted when it is made.

All of one's own data by MY DATA is a right and is not asked about here (PL-2, ID-13).
"""

from __future__ import annotations

from datetime import timedelta

from bot.core.limits import Limits
from bot.engine.rights import Booked
from bot.engine.turn import Turn
from handlers.receipts.exports.export_kind import ExportKind
from storage.receipts import exports

FEATURE = "data.exports"
DAY = timedelta(days=1)


def is_day_spent(turn: Turn) -> bool:
    """Tell whether a person had as many exports within a day as anybody has, whatever their plan (OR-4)."""
    most: Limits | None = turn.registry.settings.get(Limits)
    if most is None:
        return False
    kinds = [kind.value for kind in ExportKind]
    return exports.begun_since(turn.work, turn.person.id, kinds, turn.now - DAY) >= most.exports_a_day


def reserve(turn: Turn, export_id: int) -> bool:
    """Set one export aside; False when there is none left."""
    return turn.registry.rights.reserve(turn, FEATURE, _operation(export_id)) is Booked.GRANTED


def settle(turn: Turn, export_id: int, *, made: bool) -> None:
    """Count an export that was made, or give back one that was not: too large, empty, asked about first, failed."""
    turn.registry.rights.settle(turn, FEATURE, _operation(export_id), used=1 if made else 0)


def told(turn: Turn) -> str:
    """Return what is used, when it begins anew, and what would allow more."""
    return turn.registry.rights.decide(turn, FEATURE).told


def _operation(export_id: int) -> str:
    return f"export:{export_id}:{FEATURE}"
