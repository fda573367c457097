"""From a payment to an order: the case is paid, its letter row exists, the hold begins (ST-8, ST-10, FUL-2).

UNDO works until the letter is claimed (REF-1). What keeps a paid letter from going out blocks the order, tells the
person within the same commit, and is refunded after 24 hours unless somebody mends it (ST-11, REF-2).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.money import Money
from bot.engine.turn import Turn
from handlers.appeals import gating, refunds, reminders, waiting
from handlers.appeals.alarms import alarm
from handlers.appeals.case_files import case_row, facts_of
from handlers.appeals.settings import settings_of
from handlers.appeals.stages import move, stage_of
from handlers.appeals.wording import counted
from storage.appeals import drafts, letters, payments, status_log

DAY = timedelta(hours=24)


def place(turn: Turn, payment: sa.Row[Any], *, blocked: str | None = None) -> None:
    """Make an order of a payment: stage, letter row and hold commit together (ST-10)."""
    work, case_id = turn.work, payment.case_id
    if stage_of(turn, case_id) == "ready":
        move(turn, case_id, "awaiting_payment", trigger="vendor")
    move(turn, case_id, "paid", trigger="vendor")
    reminders.stop(turn, case_id)
    _leave(turn, case_id)
    letter_id = _letter(turn, payment)
    row = case_row(turn, case_id)
    hold = settings_of(turn.registry).mail_hold
    if blocked is not None:
        block(turn, case_id, blocked, payment=payment, letter_id=letter_id)
        return
    turn.timer("appeals.mail", f"mail:{payment.id}", turn.now + hold, payment=payment.id)
    dates = gating.plan_of(turn, facts_of(work, row), paid_at=turn.now)
    if dates is not None:
        reminders.before_late(turn, payment, dates)
    other = waiting.next_number(turn)
    turn.notify(
        _told_of(payment, other),
        purpose="reply",
        policy="ask_first",
        ttl=DAY,
        total=Money(payment.charged_minor, payment.currency),
        receipt=payment.receipt,
        code=row.code,
        minutes=counted(turn, "minutes", max(int(hold.total_seconds() // 60), 1)),
        other=other or "",
    )


def _told_of(payment: sa.Row[Any], other: str | None) -> str:
    if not payment.amount_minor:
        return "appeals.paid_included"
    return "appeals.paid_next" if other else "appeals.paid"


def _leave(turn: Turn, case_id: int) -> None:
    """Close the conversation that led to the payment: its last question is answered by the money."""
    top = turn.conversation.top
    if top is not None and top.flow == "appeal" and top.draft.get("case_id") == case_id:
        turn.conversation.frames.pop()
        turn.conversation.prompt = None


def _letter(turn: Turn, payment: sa.Row[Any]) -> int:
    """Insert the next letter of a payment, copied from the draft that the payment names (rule REG-5)."""
    work, draft = turn.work, drafts.load(turn.work, payment.draft_id)
    if draft is None:
        raise LookupError("the draft of a payment is gone")
    letter_id = letters.add(
        work,
        payment.id,
        case_id=payment.case_id,
        draft_id=draft.id,
        pdf_sha256=draft.pdf_sha256,
        mail_class=payment.mail_class,
        recipient=draft.recipient,
        sender=draft.sender,
    )
    status_log.note(work, payment.case_id, axis="letter", was=None, now="queued", actor="engine", cause=turn.inbox_id)
    return letter_id


def print_again(turn: Turn, payment: sa.Row[Any]) -> int:
    """Insert the next printing of an order (operators only: ST-12 after a failed letter, ST-17) and return its id."""
    return _letter(turn, payment)


def block(
    turn: Turn,
    case_id: int,
    reason: str,
    *,
    payment: sa.Row[Any],
    letter_id: int | None = None,
    refunds_itself: bool = True,
) -> None:
    """Hold a paid order back: tell the person and the operators, and start the 24 hours to the refund (ST-11)."""
    work = turn.work
    move(turn, case_id, "paid_blocked", trigger="engine", reason=reason)
    if letter_id is not None:
        letters.move(work, letter_id, was=("queued", "retry", "sending", "unknown"), to="blocked", error_code=reason)
    turn.cancel_timers(f"mail:{payment.id}")
    key = f"paid_blocked:{payment.id}:{turn.inbox_id}"
    alarm(turn, "paid_blocked", case_id, key=key, payment=payment.id, reason=reason)
    turn.timer(
        "appeals.blocked_reminder", f"blocked:{payment.id}:1h", turn.now + timedelta(hours=1), payment=payment.id
    )
    if refunds_itself:
        due = turn.now + settings_of(turn.registry).blocked_refund_after
        turn.timer("appeals.blocked_refund", f"blocked:{payment.id}:refund", due, payment=payment.id)
    code = case_row(turn, case_id).code
    turn.notify(_told(turn, case_id, reason, refunds_itself), policy="ask_first", code=code, reason=reason)


def _told(turn: Turn, case_id: int, reason: str, refunds_itself: bool) -> str:
    if not refunds_itself:
        return "appeals.blocked.held"
    if reason == "late" and _still_open(turn, case_id):
        return "appeals.blocked.late"
    return "appeals.blocked"


def _still_open(turn: Turn, case_id: int) -> bool:
    dates = gating.plan_of(turn, facts_of(turn.work, case_row(turn, case_id)))
    return dates is not None and dates.days_left is not None and dates.days_left >= 0


def unblock(turn: Turn, payment: sa.Row[Any], *, trigger: str, reason: str) -> None:
    """Let a blocked order try again: the gates run once more before the claim (ST-12)."""
    move(turn, payment.case_id, "paid", trigger=trigger, reason=reason)
    turn.cancel_timers(f"blocked:{payment.id}:")
    newest = letters.newest(turn.work, payment.id)
    if newest is None or newest.status in ("failed", "cancelled"):
        _letter(turn, payment)
    elif newest.status == "blocked":
        to = "retry" if newest.attempts else "queued"
        letters.move(turn.work, newest.id, was=("blocked",), to=to, error_code=None)
    turn.timer("appeals.mail", f"mail:{payment.id}", turn.now, payment=payment.id)


def blocked_refund_due(turn: Turn) -> None:
    """Refund an order that is still blocked after 24 hours (REF-2, REF-4)."""
    payment = payments.load(turn.work, int(turn.event.payload["payment"]))
    if payment is None or payment.disputed or stage_of(turn, payment.case_id) != "paid_blocked":
        return
    newest = letters.newest(turn.work, payment.id)
    if newest is not None and newest.status == "unknown":
        turn.timer(
            "appeals.blocked_refund", f"blocked:{payment.id}:refund", turn.now + timedelta(hours=1), payment=payment.id
        )
        return
    refunds.give_back(turn, payment, "not_mailed", told="appeals.refund.not_mailed")


def blocked_reminder_due(turn: Turn) -> None:
    """Tell the operators once more of an order that is blocked for an hour (REM-9)."""
    payment = payments.load(turn.work, int(turn.event.payload["payment"]))
    if payment is not None and stage_of(turn, payment.case_id) == "paid_blocked":
        key = f"paid_blocked_1h:{payment.id}:{turn.inbox_id}"
        alarm(turn, "paid_blocked_1h", payment.case_id, key=key, payment=payment.id)


def undo(turn: Turn, argument: str) -> bool:
    """Take a payment back while its letter is not claimed (the word UNDO, REF-1, AC-72)."""
    held = _mine(turn, argument)
    if not held:
        return False
    if len(held) > 1:
        codes = ", ".join(case_row(turn, p.case_id).code for p in held)
        turn.say("appeals.undo.which", codes=codes)
        return True
    payment = held[0]
    newest = letters.newest(turn.work, payment.id)
    if newest is None or not letters.move(turn.work, newest.id, was=("queued", "blocked"), to="cancelled"):
        turn.say("appeals.undo.too_late")
        return True
    turn.cancel_timers(f"mail:{payment.id}")
    turn.cancel_timers(f"blocked:{payment.id}:")
    if not payment.amount_minor:
        refunds.give_back(turn, payment, "undo", told=None)
        turn.silent = True
    elif refunds.give_back(turn, payment, "undo", told=None):
        turn.say("appeals.undo.done", total=Money(payment.charged_minor, payment.currency))
    else:
        turn.say("appeals.undo.refunding")
    return True


def _mine(turn: Turn, argument: str) -> list[sa.Row[Any]]:
    """Return this person's payments that UNDO may mean: held ones first, else the newest that was mailed."""
    mine = payments.of_person(turn.work, turn.person.id, ("paid", "refund_pending"))
    wanted = argument.strip().upper()
    if wanted:
        mine = [p for p in mine if case_row(turn, p.case_id).code == wanted]
    held = [p for p in mine if _is_held(turn, p)]
    recent = [p for p in mine if stage_of(turn, p.case_id) in ("paid", "paid_blocked", "submitted")]
    return held or recent[:1]


def _is_held(turn: Turn, payment: sa.Row[Any]) -> bool:
    newest = letters.newest(turn.work, payment.id)
    return payment.status == "paid" and newest is not None and newest.status in ("queued", "blocked")
