"""Money that goes back: a row before the call, a key per payment and number, never more than was charged (REF-1..10).

A refund is settled once, by the call's answer or by Stripe's event, whichever comes first. It changes the stage only
before mailing or after a return (ST-13, ST-18).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.stripe import FindRefunds, RefundPayment, Refunds
from bot.core.calls.stripe import Refund as StripeRefund
from bot.core.money import Money
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.appeals import discounts
from handlers.appeals.alarms import alarm
from handlers.appeals.stages import move, stage_of
from storage.appeals import letters, payments, refunds, status_log

STRIPE_REASONS = {"duplicate": "duplicate", "fraudulent": "fraudulent"}
"""Stripe knows three reasons; all of ours but these are the customer's request."""


def give_back(
    turn: Turn,
    payment: sa.Row[Any],
    reason: str,
    *,
    told: str | None,
    amount_minor: int | None = None,
    by: str = "engine",
    approved_by: str | None = None,
    note: str = "",
) -> bool:
    """Refund a payment, in full unless an amount is given; False when nothing is left or Stripe's id is missing.

    `told` is the text for the person, in the same commit.
    """
    work = turn.work
    fresh = payments.load(work, payment.id)
    if fresh is None or fresh.status not in ("paid", "partially_refunded", "refund_pending"):
        return False
    if not fresh.amount_minor:  # a letter of the plan has no price; one that a code made free has
        return _release(turn, fresh)
    if not fresh.charged_minor:
        return _free_back(turn, fresh, told)
    left = fresh.charged_minor - refunds.committed(work, fresh.id)
    amount = left if amount_minor is None else amount_minor
    if amount <= 0 or amount > left:
        return False
    if fresh.intent is None:
        alarm(turn, "refund_without_intent", fresh.case_id, key=f"refund_intent:{fresh.id}", payment=fresh.id)
        return False
    row = refunds.add(
        work, fresh.id, amount_minor=amount, reason=reason, status="requested", requested_by=by,
        approved_by=approved_by, note=work.seal.seal(note.encode()) if note else None,
    )  # fmt: skip
    turn.tell("refund.created", refund=row.id, payment=fresh.id, case=fresh.case_id)
    payments.move(work, fresh.id, was=(fresh.status,), to="refund_pending")
    status_log.note(
        work, fresh.case_id, axis="refund", was=None, now="requested", actor=by, cause=turn.inbox_id, reason=reason
    )
    turn.call(
        RefundPayment(
            payment_intent=fresh.intent,
            amount_minor=amount,
            reason=STRIPE_REASONS.get(reason, "requested_by_customer"),
            metadata={"payment_id": str(fresh.id), "refund_id": str(row.id), "v": "1"},
        ),
        key=f"refund:{fresh.id}:{row.seq}",
        then="appeals.refunded",
        context={"refund": row.id},
        policy="ask_first",
    )
    if told is not None:
        turn.notify(told, policy="ask_first", total=Money(amount, fresh.currency))
    return True


def _release(turn: Turn, payment: sa.Row[Any]) -> bool:
    """End the order of a letter that the plan included: nothing was charged, and the month has it back (LG-5)."""
    from handlers.appeals import included

    included.release(turn, payment)
    payments.move(turn.work, payment.id, was=("paid",), to="refunded")
    turn.notify("appeals.included.released", policy="ask_first")
    _end(turn, payment)
    return True


def _free_back(turn: Turn, payment: sa.Row[Any], told: str | None) -> bool:
    """Undo a payment of nothing: no money goes anywhere, only the code does (CP-8)."""
    if not payments.move(turn.work, payment.id, was=("paid",), to="refunded"):
        return False
    discounts.refunded(turn, payment)
    _end(turn, payment)
    if told is not None:
        turn.notify(told, policy="ask_first", total=Money(0, payment.currency))
    return True


def refunded(turn: Turn) -> None:
    """Take the answer of a refund call."""
    refund_id = int(turn.event.payload["context"]["refund"])
    match outcome_of(turn):
        case Done(StripeRefund() as found):
            _apply(turn, refund_id, status=found.status, stripe_id=found.refund_id)
        case Refused(code, _, _):
            _failed(turn, refund_id, code)
        case _:
            _failed(turn, refund_id, "no_answer")


def refund_event(turn: Turn, thing: Mapping[str, Any]) -> None:
    """Take `refund.updated` and `refund.failed`: by our id in the metadata, else by Stripe's."""
    metadata = thing.get("metadata")
    named = metadata.get("refund_id") if isinstance(metadata, dict) else None
    ours = refunds.load(turn.work, int(named)) if isinstance(named, str) and named.isdigit() else None
    ours = ours or refunds.by_stripe_id(turn.work, str(thing.get("id") or ""))
    if ours is not None:
        _apply(turn, ours.id, status=str(thing.get("status") or ""), stripe_id=str(thing.get("id") or ""))
        return
    _foreign(turn, str(thing.get("payment_intent") or ""), [thing])


def charge_refunded(turn: Turn, thing: Mapping[str, Any]) -> None:
    """Take `charge.refunded`, which does not name refunds: read those of its payment intent."""
    intent = thing.get("payment_intent")
    payment = payments.by_intent(turn.work, intent) if isinstance(intent, str) else None
    if payment is not None and isinstance(intent, str):
        turn.call(FindRefunds(intent), then="appeals.refunds_found", context={"payment": payment.id})


def refunds_found(turn: Turn) -> None:
    """Settle every refund that Stripe lists for a payment."""
    outcome = outcome_of(turn)
    if not isinstance(outcome, Done) or not isinstance(outcome.result, Refunds):
        return
    for found in outcome.result.refunds:
        thing = {
            "id": found.refund_id,
            "status": found.status,
            "amount": found.amount_minor,
            "payment_intent": found.payment_intent,
            "metadata": dict(found.metadata),
        }
        refund_event(turn, thing)


def _foreign(turn: Turn, intent: str, things: list[Mapping[str, Any]]) -> None:
    """Adopt refunds that somebody made at Stripe by hand, so that no letter leaves on money that went back."""
    payment = payments.by_intent(turn.work, intent) if intent else None
    for thing in things:
        amount = int(thing.get("amount") or 0)
        left = payment.charged_minor - refunds.committed(turn.work, payment.id) if payment else 0
        if payment is None or thing.get("status") != "succeeded" or not 0 < amount <= left:
            continue
        row = refunds.add(
            turn.work,
            payment.id,
            amount_minor=amount,
            reason="made_at_stripe",
            status="requested",
            requested_by="vendor",
        )
        turn.tell("refund.created", refund=row.id, payment=payment.id, case=payment.case_id)
        turn.alert("foreign_refund", key=f"foreign_refund:{thing.get('id')}", payment=payment.id)
        newest = letters.newest(turn.work, payment.id)
        if newest is not None and amount == left:
            letters.move(turn.work, newest.id, was=("queued", "retry", "blocked"), to="cancelled")
            turn.cancel_timers(f"mail:{payment.id}")
        _apply(turn, row.id, status="succeeded", stripe_id=str(thing.get("id")))


def _apply(turn: Turn, refund_id: int, *, status: str, stripe_id: str) -> None:
    work = turn.work
    if status == "succeeded":
        settled = refunds.move(
            work,
            refund_id,
            was=("requested", "pending", "failed"),
            to="succeeded",
            stripe_id=stripe_id,
            settled_at=turn.now,
        )
        if settled:
            _succeeded(turn, refund_id)
    elif status in ("failed", "canceled"):
        _failed(turn, refund_id, status)
    else:
        refunds.move(work, refund_id, was=("requested",), to="pending", stripe_id=stripe_id)


def _succeeded(turn: Turn, refund_id: int) -> None:
    work, row = turn.work, refunds.load(turn.work, refund_id)
    payment = payments.load(work, row.payment_id) if row else None
    if row is None or payment is None:
        raise LookupError("a refund without a payment")
    total = payment.refunded_minor + row.amount_minor
    whole = total >= payment.charged_minor
    payments.move(
        work,
        payment.id,
        was=("paid", "refund_pending", "partially_refunded"),
        to="refunded" if whole else "partially_refunded",
        refunded_minor=total,
    )
    status_log.note(
        work, payment.case_id, axis="refund", was="requested", now="succeeded", actor="vendor", cause=turn.inbox_id,
        reason=row.reason,
    )  # fmt: skip
    turn.notify("appeals.refund.succeeded", policy="ask_first", total=Money(row.amount_minor, payment.currency))
    if whole:
        discounts.refunded(turn, payment)
        _end(turn, payment)


def _end(turn: Turn, payment: sa.Row[Any]) -> None:
    """Move the case of a payment that was refunded in full, unless another payment carries it or it was mailed."""
    others = [p for p in payments.of_case(turn.work, payment.case_id, ("paid", "refund_pending")) if p.id != payment.id]
    stage = stage_of(turn, payment.case_id)
    if others or stage not in ("paid", "paid_blocked", "returned"):
        return
    newest = letters.newest(turn.work, payment.id)
    if stage == "paid" and newest is not None and newest.status in ("sending", "unknown", "retry"):
        turn.alert("refund_while_sending", key=f"refund_while_sending:{payment.id}", payment=payment.id)
        return
    move(turn, payment.case_id, "refunded", trigger="vendor")
    turn.cancel_timers(f"blocked:{payment.id}:")
    turn.cancel_timers(f"mail:{payment.id}")


def _failed(turn: Turn, refund_id: int, code: str) -> None:
    """Put a failed refund before people, and tell the person (REF-10); the money is still owed."""
    work = turn.work
    if not refunds.move(work, refund_id, was=("requested", "pending", "succeeded"), to="failed"):
        return
    row = refunds.load(work, refund_id)
    payment = payments.load(work, row.payment_id) if row else None
    if row is None or payment is None:
        raise LookupError("a refund without a payment")
    if row.settled_at is not None:
        payments.change(work, payment.id, refunded_minor=payment.refunded_minor - row.amount_minor)
    payments.move(work, payment.id, was=("refund_pending", "refunded", "partially_refunded"), to="paid")
    key = f"refund_failed:{refund_id}"
    alarm(turn, "refund_failed", payment.case_id, key=key, payment=payment.id, refund=refund_id, code=code)
    turn.notify("appeals.refund.failed", policy="ask_first")
