"""What follows for appeals when a person tells a low age: open links close, and a child's drafts go (rule UPL-8)."""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.appeals import checkouts
from handlers.appeals.stages import BEFORE_PAYMENT
from handlers.appeals.withdrawals import withdraw
from storage.appeals import cases

_UNPAID = (*BEFORE_PAYMENT, "awaiting_payment")


def close(turn: Turn, argument: str) -> bool:
    """Close what could still be paid; False, for other services close theirs too."""
    for row in cases.of_person(turn.work, turn.person.id, stages=("ready", "awaiting_payment")):
        checkouts.close(turn, row.id, why="age")
    return False


def drop(turn: Turn, argument: str) -> bool:
    """Withdraw what is not paid."""
    for row in cases.of_person(turn.work, turn.person.id, stages=_UNPAID):
        withdraw(turn, row.id)
    return False
