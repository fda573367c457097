"""What follows when a pay link is closed: at its end, or because something else was wanted (ST-9, ST-24)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.engine.turn import Turn
from handlers.appeals import discounts
from handlers.appeals.approvals import back_to_review
from handlers.appeals.stages import move, stage_of
from storage.appeals import payments, status_log
from storage.links import revoke_links


def expired(turn: Turn, payment: sa.Row[Any]) -> None:
    """Note that a session can no longer be paid; the second notice of it does nothing."""
    if not payments.move(turn.work, payment.id, was=("created", "open"), to="expired"):
        return
    status_log.note(
        turn.work,
        payment.case_id,
        axis="payment",
        was=payment.status,
        now="expired",
        actor="vendor",
        cause=turn.inbox_id,
    )
    go_on(turn, payment, told="appeals.pay.expired")


def go_on(turn: Turn, payment: sa.Row[Any], *, told: str) -> None:
    """Do what the link was closed for; without a reason the person is told that it ended."""
    from handlers.appeals import checkouts

    case_id, work = payment.case_id, turn.work
    discounts.release(turn, payment)
    revoke_links(work, kind="p", target=payment.id)
    turn.cancel_timers(f"pay:{payment.id}:")
    stage = stage_of(turn, case_id)
    if payment.closing == "withdraw" and stage in ("ready", "awaiting_payment"):
        move(turn, case_id, "withdrawn", trigger="user")
        turn.notify("appeals.withdrawn", purpose="reply")
        return
    if stage == "awaiting_payment":
        move(turn, case_id, "ready", trigger="vendor", reason=payment.closing)
        stage = "ready"
    if stage != "ready":
        return
    match payment.closing:
        case "edit" | "record":
            back_to_review(
                turn, case_id, trigger="user" if payment.closing == "edit" else "operator", reason=payment.closing
            )
            turn.notify(f"appeals.pay.closed_{payment.closing}", purpose="reply")
        case "new" if payment.next_draft_id is not None:
            requested = checkouts.request_payment(turn, case_id, payment.next_draft_id)
            if requested.refusal is not None:
                turn.notify("appeals.pay.refused", purpose="reply", reason=requested.refusal.reason)
        case "duplicate" | "age":
            pass
        case _:
            turn.notify(told, purpose="notice")
