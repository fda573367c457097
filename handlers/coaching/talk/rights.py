"""How many of the coach's answers a person's plan has (PL-1): reserved with the turn, counted when it was answered.

Without plans nothing has a limit. Beyond the plan the scripted coach answers, and the person is told so once a day.
"""

from __future__ import annotations

from bot.engine.rights import Booked
from bot.engine.turn import Turn

FEATURE = "coaching.messages"


def reserve(turn: Turn, turn_id: int) -> bool:
    """Set one answer aside for a turn of the ledger; False when the plan has none left."""
    return turn.registry.rights.reserve(turn, FEATURE, _operation(turn_id)) is Booked.GRANTED


def settle(turn: Turn, turn_id: int, *, was_answered: bool) -> None:
    """Count an answer of the model, or give it back (LI-2)."""
    turn.registry.rights.settle(turn, FEATURE, _operation(turn_id), used=int(was_answered))


def told(turn: Turn) -> str:
    """Return what is left, in the words of whoever decides."""
    return turn.registry.rights.decide(turn, FEATURE).told


def _operation(turn_id: int) -> str:
    return f"job:{turn_id}:{FEATURE}"
