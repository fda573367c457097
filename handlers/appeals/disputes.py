"""A charge that the bank disputes: nothing is refunded on top, an unclaimed letter is held, people decide (REF-8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bot.engine.turn import Turn
from handlers.appeals import orders, reminders
from handlers.appeals.alarms import alarm
from handlers.appeals.fulfilment import hold_back
from handlers.appeals.stages import stage_of
from storage.appeals import letters, payments, status_log


def dispute_opened(turn: Turn, thing: Mapping[str, Any]) -> None:
    """Hold what is not claimed, stop the reminders, alarm (AC-78)."""
    payment = _payment(turn, thing)
    if payment is None or payment.disputed:
        return
    payments.change(turn.work, payment.id, disputed=True)
    status_log.note(
        turn.work,
        payment.case_id,
        axis="payment",
        was=payment.status,
        now="disputed",
        actor="vendor",
        cause=turn.inbox_id,
    )
    reminders.stop(turn, payment.case_id)
    alarm(turn, "dispute", payment.case_id, key=f"dispute:{payment.id}", payment=payment.id)
    newest = letters.newest(turn.work, payment.id)
    if newest is None or stage_of(turn, payment.case_id) != "paid":
        turn.cancel_timers(f"blocked:{payment.id}:")
        return
    if newest.status in ("queued", "retry") or hold_back(turn, newest):
        orders.block(turn, payment.case_id, "disputed", payment=payment, letter_id=newest.id, refunds_itself=False)


def dispute_closed(turn: Turn, thing: Mapping[str, Any]) -> None:
    """Note how it ended; operators decide whether the letter is mailed or the rest refunded."""
    payment = _payment(turn, thing)
    if payment is None:
        return
    outcome = str(thing.get("status") or "closed")
    if outcome == "won":
        payments.change(turn.work, payment.id, disputed=False)
    turn.alert("dispute_closed", key=f"dispute_closed:{payment.id}:{outcome}", payment=payment.id, outcome=outcome)


def _payment(turn: Turn, thing: Mapping[str, Any]) -> sa.Row[Any] | None:
    intent = thing.get("payment_intent")
    if isinstance(intent, dict):
        intent = intent.get("id")
    return payments.by_intent(turn.work, intent) if isinstance(intent, str) else None
