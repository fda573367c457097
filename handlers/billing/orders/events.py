"""Which event reaches which function: taps, gateways' events, answers of calls, timers.

Stripe's and Razorpay's events may belong to another service, so each is first asked whether it bears our ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.core.events import Event
from bot.engine.registry import Handler, Registry
from bot.engine.turn import Turn
from handlers.billing.orders import disputes, ending, gateways, giving, minting, taking
from handlers.billing.orders.gateways import Seen
from handlers.billing.orders.settings import settings_of
from storage.billing import orders
from storage.work import Work

Thing = Mapping[str, Any]
Take = Callable[[Turn, sa.Row[Any], Thing], None]
Find = Callable[[Work, Event], sa.Row[Any] | None]


def register(registry: Registry) -> None:
    """Register everything that follows the wish to buy."""
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.on("order:tapped")(minting.tapped)
    for name, handler in {
        "opened": minting.opened, "read": taking.read, "refunded": giving.answered, "refunds_found": giving.found,
    }.items():  # fmt: skip
        registry.on(f"call:orders.{name}")(handler)
    for name, handler in {
        "expires": ending.expires_due, "check": taking.check_due, "remind": taking.remind_due,
        "refunds": giving.check_due,
    }.items():  # fmt: skip
        registry.on(f"timer:orders.{name}")(handler)
    for vendor, kinds, find in (("stripe", STRIPE, of_stripe), ("razorpay", RAZORPAY, of_razorpay)):
        for kind, take in kinds.items():
            name = f"{vendor}:{kind}"
            registry.handlers[name] = _shared(take, find, registry.handlers.get(name))
        registry.finders[vendor] = _finder(find, registry.finders.get(vendor))


def _shared(take: Take, find: Find, other: Handler | None) -> Handler:
    """Take events about our orders; others go to the service that registered before us, if any."""

    def handle(turn: Turn) -> None:
        order = find(turn.work, turn.event)
        if order is not None and _in_this_mode(turn):
            take(turn, order, thing_of(turn.event))
        elif order is None and other is not None:
            other(turn)
        else:
            turn.silent = True

    return handle


def _finder(find: Find, other: Callable[[Work, Event], int | None] | None) -> Callable[[Work, Event], int | None]:
    def person(work: Work, event: Event) -> int | None:
        found = find(work, event)
        if found is not None:
            return int(found.person_id)
        return None if other is None else other(work, event)

    return person


def _in_this_mode(turn: Turn) -> bool:
    """Tell whether an event is of our mode; a test event never touches live rows, nor the other way round."""
    live = thing_of(turn.event).get("livemode")
    if live is None or bool(live) == settings_of(turn.registry).live:
        return True
    turn.alert("wrong_mode", key=f"wrong_mode:{turn.event.source}:{turn.event.key}", event=turn.event.kind)
    return False


def thing_of(event: Event) -> Thing:
    """Return the object that an event is about."""
    thing = event.payload.get("object")
    return thing if isinstance(thing, dict) else {}


def _named(work: Work, names: object) -> sa.Row[Any] | None:
    """Find an order by the ids that we gave the gateway."""
    value = names.get("order_id") if isinstance(names, dict) else None
    known = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20
    return orders.load(work, int(value)) if known and isinstance(value, str) else None


def _id(value: object) -> str | None:
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) else None


def of_stripe(work: Work, event: Event) -> sa.Row[Any] | None:
    """Return the order that a Stripe event is about: by our ids, by its session, else by its payment intent."""
    thing = thing_of(event)
    found, intent = _named(work, thing.get("metadata")), _id(thing.get("payment_intent"))
    if found is None and event.kind.startswith("checkout.session."):
        found = orders.by_session(work, "stripe", str(thing.get("id") or ""))
    return found if found is not None or intent is None else orders.by_intent(work, "stripe", intent)


def of_razorpay(work: Work, event: Event) -> sa.Row[Any] | None:
    """Return the order that a Razorpay event is about: by our notes, else by its payment."""
    thing = thing_of(event)
    payment = str(thing.get("payment_id") or thing.get("id") or "")
    found = _named(work, thing.get("notes"))
    return found if found is not None or not payment else orders.by_intent(work, "razorpay", payment)


def _session(turn: Turn, order: sa.Row[Any], thing: Thing) -> None:
    kind = turn.event.kind
    if kind == "checkout.session.async_payment_failed":
        taking.failed(turn, order, session_over=True)
        return
    paid = thing.get("payment_status") in ("paid", "no_payment_required")
    seen = Seen(
        session_ref=str(thing.get("id") or ""),
        paid=paid,
        over=thing.get("status") == "expired" or kind == "checkout.session.expired",
        waits=kind == "checkout.session.completed" and not paid,
        amount_minor=int(thing.get("amount_total") or 0),
        currency=str(thing.get("currency") or "").upper(),
        intent=_id(thing.get("payment_intent")),
        tax_minor=_tax(thing.get("total_details")),
    )
    taking.settle(turn, order, seen, certain=False)


def _tax(details: object) -> int | None:
    found = details.get("amount_tax") if isinstance(details, dict) else None
    return found if isinstance(found, int) else None


def _declined(turn: Turn, order: sa.Row[Any], thing: Thing) -> None:
    """Take a payment that was declined; Stripe says why on the intent, Razorpay on the payment."""
    error = thing.get("last_payment_error")
    told = error if isinstance(error, dict) else thing
    code = told.get("decline_code") or told.get("code") or told.get("error_code")
    taking.failed(turn, order, session_over=False, code=str(code or ""))


def _refund(turn: Turn, order: sa.Row[Any], thing: Thing) -> None:
    giving.event(turn, order, thing)


def _charge_refunded(turn: Turn, order: sa.Row[Any], thing: Thing) -> None:
    turn.silent = True
    if order.intent is not None:
        gateways.STRIPE.find_refunds(turn, order)


def _link(turn: Turn, order: sa.Row[Any], thing: Thing) -> None:
    """Read the link again: its event tells too little of the payment."""
    turn.silent = True
    gateways.RAZORPAY.read(turn, order, str(thing.get("id")))


def _captured(turn: Turn, order: sa.Row[Any], thing: Thing) -> None:
    """Read the link that a captured payment paid: its notes name the try at which that was made, maybe an older one."""
    turn.silent = True
    notes = thing.get("notes")
    tried = str(notes.get("v") or "") if isinstance(notes, dict) else ""
    older = tried.isascii() and tried.isdigit() and 0 < int(tried[:9]) != order.minted
    if older or order.session_ref is None:
        gateways.RAZORPAY.find(turn, order, int(tried[:9]) if older else order.minted)
    else:
        gateways.RAZORPAY.read(turn, order, order.session_ref)


def _razorpay_refund(turn: Turn, order: sa.Row[Any], thing: Thing) -> None:
    state = {"processed": "succeeded", "failed": "failed"}.get(str(thing.get("status")), "pending")
    told = {"id": thing.get("id"), "status": state, "amount": thing.get("amount"), "metadata": thing.get("notes")}
    giving.event(turn, order, told)


STRIPE: Mapping[str, Take] = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _session,
    "checkout.session.async_payment_failed": _session,
    "checkout.session.expired": _session,
    "payment_intent.payment_failed": _declined,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.refunded": _charge_refunded,
    "charge.dispute.created": disputes.opened,
    "charge.dispute.updated": disputes.opened,
    "charge.dispute.closed": disputes.closed,
}
RAZORPAY: Mapping[str, Take] = {
    "payment_link.paid": _link,
    "payment_link.expired": _link,
    "payment_link.cancelled": _link,
    "payment.captured": _captured,
    "order.paid": _captured,
    "payment.failed": _declined,
    "refund.processed": _razorpay_refund,
    "refund.failed": _razorpay_refund,
}
