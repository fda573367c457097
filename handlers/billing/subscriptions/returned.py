"""A plan's charge that somebody gave back at Stripe itself: whose it is, and that its invoice brought nothing (PY-8).

A charge names a payment, and a plan's payment hangs under an invoice (STR-9), so Stripe is asked whose it paid. Only
the whole of it has a place in our rows; a part is put before staff.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from bot.core.calls import Done
from bot.core.calls.subscriptions import FindPlanOfPayment, PlanOfPayment
from bot.core.money import Money
from bot.engine.registry import Handler, Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.subscriptions import doubles, invoices, mirror, purchasing
from storage import timers
from storage.billing import subscriptions

EVENT = "stripe:charge.refunded"
FOUND, FOLLOWS = "billing.plan_refund_found", "billing.plan_refunded"


def register(registry: Registry) -> None:
    """Take the refunds that no letter and no order is known by."""
    registry.handlers[EVENT] = _left_over(registry.handlers.get(EVENT))
    registry.on(f"call:{FOUND}")(found)
    registry.on(f"timer:{FOLLOWS}")(follows)


def _left_over(other: Handler | None) -> Handler:
    def take(turn: Turn) -> None:
        if turn.person_id is not None and other is not None:
            other(turn)
        else:
            _ask(turn)

    return take


def _ask(turn: Turn) -> None:
    turn.silent = True
    thing = turn.event.payload.get("object")
    told: Mapping[str, Any] = thing if isinstance(thing, dict) else {}
    intent = told.get("payment_intent")
    intent = intent.get("id") if isinstance(intent, dict) else intent
    if isinstance(intent, str) and intent:
        context = {"intent": intent, "whole": told.get("refunded") is True, "minor": told.get("amount_refunded")}
        turn.call(FindPlanOfPayment(intent), key=f"{FOUND}:{turn.inbox_id}", then=FOUND, context=context)


def found(turn: Turn) -> None:
    """Have it noted in the queue of the person whose plan was paid: the charge named nobody when it came."""
    turn.silent = True
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    paid = outcome.result if isinstance(outcome, Done) and isinstance(outcome.result, PlanOfPayment) else None
    row = subscriptions.mirrored(turn.work, paid.subscription_id) if paid is not None else None
    person_id = row.person_id if row is not None else _buyer(turn, paid)
    if paid is None or person_id is None:
        return
    if not context["whole"]:
        label = paid.number or paid.invoice_id
        key = f"plan_refunded_in_part:{paid.invoice_id}:{context['minor']}"
        turn.alert("plan_refunded_in_part", key=key, invoice=label, person=person_id, minor=context["minor"])
        return
    if row is not None:
        invoices.paid_by(turn, row, paid)
    about = {
        "intent": context["intent"],
        "invoice": paid.invoice_id,
        "minor": paid.amount_minor,
        "currency": paid.currency,
        "first": paid.metadata if paid.is_first else {},
        "paid_at": paid.paid_at,
    }
    key = f"plan_refunded:{paid.invoice_id}"
    timers.set_timer(turn.work, kind=FOLLOWS, key=key, due=turn.now, person_id=person_id, body=orjson.dumps(about))


def _buyer(turn: Turn, paid: PlanOfPayment | None) -> int | None:
    """Return who bought a plan that no look showed yet."""
    bought = purchasing.named(turn, paid.metadata) if paid is not None else None
    return None if bought is None else int(bought.person_id)


def follows(turn: Turn) -> None:
    """Note that the money of an invoice went back, and tell the person, once."""
    turn.silent = True
    invoice, intent = (str(turn.event.payload[name]) for name in ("invoice", "intent"))
    if doubles.gives_back(turn, intent):
        return
    if doubles.note_refunded(turn, invoice):
        amount = Money(int(turn.event.payload["minor"]), str(turn.event.payload["currency"]))
        turn.alert("foreign_refund", key=f"foreign_refund:{invoice}", invoice=invoice)
        turn.notify("billing.refund.done", policy="ask_first", total=amount)
        if (paid_at := turn.event.payload.get("paid_at")) is not None:
            purchasing.given_back(turn, turn.event.payload["first"], mirror.at(paid_at))
