"""Taking something back before payment: an approval, so that facts can change, or the whole case (ST-6, ST-9, ST-24).

An open pay link is always closed at Stripe first, and a payment that arrives all the same is refunded in full or, if
only an edit was wanted, honoured with the letter that was approved.
"""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.appeals import checkouts, reminders
from handlers.appeals.approvals import back_to_review
from handlers.appeals.case_files import own_case
from handlers.appeals.stages import BEFORE_PAYMENT, move
from storage.appeals import payments


def reopen(turn: Turn, case_id: int) -> bool:
    """Take an approval back so that facts can change (ST-6).

    True when the case is open for edits now; False when its pay link has to be closed at Stripe first, after which the
    person is told that they may edit (ST-9), or when it is too late.
    """
    row = own_case(turn, case_id)
    if row.stage in ("ready", "awaiting_payment") and payments.of_case(turn.work, case_id, payments.OPEN):
        checkouts.close(turn, case_id, why="edit")
        return False
    if row.stage == "ready":
        back_to_review(turn, case_id, trigger="user")
        return True
    return row.stage in ("review", "intake")


def withdraw(turn: Turn, case_id: int) -> bool:
    """Drop a case before payment (ST-24); an open pay link is closed at Stripe first. False when it is too late."""
    row = own_case(turn, case_id)
    if row.stage not in (*BEFORE_PAYMENT, "awaiting_payment"):
        return False
    reminders.stop(turn, case_id)
    if payments.of_case(turn.work, case_id, payments.OPEN):
        checkouts.close(turn, case_id, why="withdraw")
        return True
    move(turn, case_id, "withdrawn", trigger="user")
    return True
