"""A charge that the bank disputes: nothing is refunded on top, an unclaimed letter is held, people decide (REF-8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.money import Money
from bot.engine.evidence import Disputed, disputed, due_of, settled
from bot.engine.turn import Turn
from handlers.appeals import orders, reminders
from handlers.appeals.alarms import alarm
from handlers.appeals.fulfilment import hold_back
from handlers.appeals.stages import stage_of
from storage.appeals import letters, payments, status_log


def dispute_opened(turn: Turn, thing: Mapping[str, Any]) -> None:
    """Hold what is not claimed, stop the reminders, alarm (AC-78)."""
    payment = _payment(turn, thing)
    if payment is None:
        _unknown(turn, thing)
        return
    disputed(turn, _what(turn, payment), thing)
    if payment.disputed:
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
    due = due_of(thing)
    until = f"{due:%Y-%m-%d %H:%M} UTC" if due else "unknown"
    alarm(turn, "dispute", payment.case_id, key=f"dispute:{payment.id}", receipt=payment.receipt, due=until)
    newest = letters.newest(turn.work, payment.id)
    if newest is None or stage_of(turn, payment.case_id) != "paid":
        turn.cancel_timers(f"blocked:{payment.id}:")
        return
    if newest.status in ("queued", "retry") or hold_back(turn, newest):
        orders.block(turn, payment.case_id, "disputed", payment=payment, letter_id=newest.id, refunds_itself=False)


def _what(turn: Turn, payment: sa.Row[Any]) -> Disputed:
    """Return what was sold and what became of the letter, as evidence tells it: never a word of the letter itself."""
    work, seal = turn.work, turn.work.seal
    paid = Money(payment.charged_minor, payment.currency)
    lines: list[tuple[datetime, str]] = [(payment.created_at, f"Pay link for a {payment.mail_class} letter, {paid}")]
    if payment.terms_at is not None:
        lines.append((payment.terms_at, f"Price, service and refund rule shown and agreed to, {payment.terms_version}"))
    for row in status_log.of_case(work, payment.case_id):
        if row.axis in ("payment", "letter", "refund"):
            lines.append((row.at, f"{row.axis.capitalize()}: {row.now}"))
    facts = [("What", f"A {payment.mail_class} letter, set, printed and mailed"), ("Charge", str(payment.intent))]
    for one in letters.of_case(work, payment.case_id):
        if one.payment_id == payment.id and one.tracking:
            facts.append(("Tracking", seal.open(one.tracking).decode()))
        if one.delivered_at is not None:
            lines.append((one.delivered_at, "The post delivered the letter"))
    return Disputed(
        "letter", payment.id, payment.person_id, payment.receipt or str(payment.id), paid, payment.created_at,
        facts=tuple(facts), lines=tuple(lines),
    )  # fmt: skip


def _unknown(turn: Turn, thing: Mapping[str, Any]) -> None:
    """Tell the operators of a dispute of a charge that no order and no letter is known by: of a plan, or not ours."""
    due = due_of(thing)
    until = f"{due:%Y-%m-%d %H:%M} UTC" if due else "unknown"
    turn.alert(
        "dispute_unknown", key=f"dispute_unknown:{thing.get('id')}", dispute=thing.get("id"),
        charge=thing.get("charge"), due=until,
    )  # fmt: skip


def dispute_closed(turn: Turn, thing: Mapping[str, Any]) -> None:
    """Note how it ended; operators decide whether the letter is mailed or the rest refunded."""
    payment = _payment(turn, thing)
    if payment is None:
        return
    outcome = str(thing.get("status") or "closed")
    if outcome in ("won", "warning_closed"):
        payments.change(turn.work, payment.id, disputed=False)
    settled(turn, "letter", payment.id, outcome="won" if outcome in ("won", "warning_closed") else "lost")
    turn.alert("dispute_closed", key=f"dispute_closed:{payment.id}:{outcome}", payment=payment.id, outcome=outcome)


def _payment(turn: Turn, thing: Mapping[str, Any]) -> sa.Row[Any] | None:
    intent = thing.get("payment_intent")
    if isinstance(intent, dict):
        intent = intent.get("id")
    return payments.by_intent(turn.work, intent) if isinstance(intent, str) else None
