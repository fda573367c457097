"""A plan's charge that somebody gave back at Stripe itself: whose it is, and that its invoice brought nothing (PY-8).

A charge names a payment, and a plan's payment hangs under an invoice (STR-9), so Stripe is asked whose it paid. All of
it undoes the invoice; a part is noted on it, and staff are told, who may mean the rest as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson

from bot.core.calls import Done
from bot.core.calls.subscriptions import FindPlanOfPayment, PlanOfPayment
from bot.core.money import Money
from bot.engine.registry import Handler, Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.subscriptions import doubles, invoices, mirror, purchasing, watching
from storage import timers
from storage.billing import plan_invoices, subscriptions

EVENT = "stripe:charge.refunded"
AGAIN, TRIES = timedelta(minutes=1), 10
"""How often, and how soon again, a refund waits for the first look at its plan."""
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
    if row is not None:
        invoices.paid_by(turn, row, paid)
    about = {
        "intent": context["intent"],
        "invoice": paid.invoice_id,
        "ref": paid.subscription_id,
        "label": paid.number or paid.invoice_id,
        "whole": context["whole"],
        "minor": paid.amount_minor if context["whole"] else context["minor"],
        "currency": paid.currency,
        "first": paid.metadata if paid.is_first else {},
        "paid_at": paid.paid_at,
    }
    key = f"plan_refunded:{paid.invoice_id}" + ("" if context["whole"] else f":{context['minor']}")
    timers.set_timer(turn.work, kind=FOLLOWS, key=key, due=turn.now, person_id=person_id, body=orjson.dumps(about))


def _buyer(turn: Turn, paid: PlanOfPayment | None) -> int | None:
    """Return who bought a plan that no look showed yet."""
    bought = purchasing.named(turn, paid.metadata) if paid is not None else None
    return None if bought is None else int(bought.person_id)


def follows(turn: Turn) -> None:
    """Note that money of an invoice went back, all or a part of it, and tell the person, once."""
    turn.silent = True
    about = turn.event.payload
    invoice, intent = (str(about[name]) for name in ("invoice", "intent"))
    if doubles.gives_back(turn, intent):
        return
    if not about.get("whole", True):
        _in_part(turn, invoice)
        return
    known = plan_invoices.of_ref(turn.work, invoice)
    if known is None and "ref" in about:
        watching.look(turn, str(about["ref"]))
    rest = int(about["minor"]) - (known.refunded_minor if known is not None else 0)
    if doubles.note_refunded(turn, invoice):
        turn.alert("foreign_refund", key=f"foreign_refund:{invoice}", invoice=invoice)
        turn.notify("billing.refund.done", policy="ask_first", total=Money(rest, str(about["currency"])))
        if (paid_at := about.get("paid_at")) is not None:
            purchasing.given_back(turn, about["first"], mirror.at(paid_at))


def _in_part(turn: Turn, invoice: str) -> None:
    """Note a part; its sum is of all that went back so far, so events in any order end the same."""
    about = turn.event.payload
    if plan_invoices.of_ref(turn.work, invoice) is None:
        _wait_for_plan(turn)
        return
    key, minor = f"plan_refunded_in_part:{invoice}:{about['minor']}", int(about["minor"])
    turn.alert("plan_refunded_in_part", key=key, invoice=about["label"], person=turn.person.id, minor=minor)
    if fresh := plan_invoices.gave_back(turn.work, turn.person.id, invoice, minor):
        turn.notify("billing.refund.done", policy="ask_first", total=Money(fresh, str(about["currency"])))


def _wait_for_plan(turn: Turn) -> None:
    """Look at a plan that is not known yet, and come back to its refund; staff are told when it stays unknown."""
    about = turn.event.payload
    tries, invoice = int(about.get("tries", 0)), str(about["invoice"])
    if tries >= TRIES:
        key = f"plan_refunded_in_part:{invoice}:{about['minor']}"
        turn.alert(
            "plan_refunded_in_part", key=key, invoice=about["label"], person=turn.person.id, minor=about["minor"]
        )
        return
    watching.look(turn, str(about["ref"]))
    key = f"plan_refunded:{invoice}:{about['minor']}:{tries}"
    body = orjson.dumps({**about, "tries": tries + 1})
    timers.set_timer(
        turn.work, kind=FOLLOWS, key=key, due=turn.now + AGAIN, person_id=turn.person.id, body=body
    )  # fmt: skip
