"""Words that decide about an order outside any flow: SEND ANYWAY for a late letter, PAY for a fresh link (ST-12).

Both are explicit words and name one thing only; when several cases are meant, the code is asked for.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from bot.engine.turn import Turn
from handlers.appeals import checkouts, gating, identity, orders
from handlers.appeals.alarms import alarm
from handlers.appeals.case_files import case_row, facts_of
from handlers.appeals.stages import stage_of
from storage.appeals import cases, drafts, payments

_SEND = re.compile(r"send(?: it)? anyway(?:\s+(A-?[A-Z2-9]{5}))?[.!]?", re.IGNORECASE)
_PAY = re.compile(r"(?:pay|new link)(?:\s+(A-?[A-Z2-9]{5}))?[.!]?", re.IGNORECASE)


def heard(turn: Turn, text: str) -> bool:
    """Take SEND ANYWAY and PAY; False for every other text, and while a flow is open for PAY."""
    match = _SEND.fullmatch(text.strip())
    if match is not None:
        return _send_anyway(turn, match[1])
    match = _PAY.fullmatch(text.strip())
    if match is not None and turn.conversation.top is None:
        return _new_link(turn, match[1])
    return False


def _wanted(turn: Turn, rows: list[sa.Row[Any]], code: str | None) -> sa.Row[Any] | None:
    """Return the one row that is meant; ask for the code when there are several."""
    if code is not None:
        plain = code.upper().replace("-", "")
        rows = [row for row in rows if row.code.replace("-", "") == plain]
    if len(rows) > 1:
        turn.say("appeals.which_case", codes=", ".join(row.code for row in rows))
    return rows[0] if len(rows) == 1 else None


def _send_anyway(turn: Turn, code: str | None) -> bool:
    """Waive the mail-by day of a letter that was blocked as late, while the deadline is not past (ST-12)."""
    rows = [row for row in cases.of_person(turn.work, turn.person.id, stages=("paid_blocked",)) if row.reason == "late"]
    row = _wanted(turn, rows, code)
    if row is None:
        return bool(rows)
    dates = gating.plan_of(turn, facts_of(turn.work, row))
    payment = next(iter(payments.of_case(turn.work, row.id, ("paid",))), None)
    if payment is None or dates is None or dates.days_left is None or dates.days_left < 0:
        turn.say("appeals.anyway.past")
        return True
    payments.change(turn.work, payment.id, waives_mail_by=True)
    orders.unblock(turn, payment, trigger="user", reason="send_anyway")
    turn.say("appeals.anyway.sending")
    return True


def _new_link(turn: Turn, code: str | None) -> bool:
    """Make a fresh pay link for an approved letter whose link ended."""
    rows = cases.of_person(turn.work, turn.person.id, stages=("ready", "awaiting_payment"))
    if not rows:
        return False
    if identity.must_prove(turn):
        identity.ask_proof(turn)
        return True
    row = _wanted(turn, rows, code)
    if row is None:
        return True
    newest = drafts.newest(turn.work, row.id)
    if newest is None or newest.approved_at is None:
        return False
    requested = checkouts.request_payment(turn, row.id, newest.id)
    if requested.refusal is not None:
        turn.say("appeals.pay.refused", reason=turn.text("appeals.pay.why", reason=requested.refusal.reason))
    elif not requested.sent:
        turn.say("appeals.pay.coming")
    return True


def refund_word(turn: Turn, text: str) -> bool:
    """Explain the refund rules, and open a request that people answer (section 13)."""
    if text.strip().lower().rstrip(".!?") not in ("refund", "i want a refund", "my money back", "reembolso"):
        return False
    paid = payments.of_person(turn.work, turn.person.id, ("paid", "partially_refunded", "refund_pending"))
    if not paid:
        turn.say("appeals.refund.nothing")
        return True
    newest = paid[0]
    stage = stage_of(turn, newest.case_id)
    alarm(
        turn,
        "refund_wanted",
        newest.case_id,
        key=f"refund_wanted:{newest.id}:{turn.inbox_id}",
        payment=newest.id,
        stage=stage,
    )
    key = "appeals.refund.rules_held" if stage == "paid" else "appeals.refund.rules"
    turn.say(key, code=case_row(turn, newest.case_id).code)
    return True
