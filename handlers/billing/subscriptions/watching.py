"""From an event to the mirror: the event asks for a look at Stripe, the look is applied (SB-3, SB-4).

One look a subscription is out at a time (`storage.billing.watching`), so the last one begins after the last event.
What is told to the person follows from what changed in our row, so an event that comes again tells nothing again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.subscriptions import GatewaySubscription, ReadSubscription
from bot.core.events import Event
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.catalogue import Catalogue
from handlers.billing.subscriptions import doubles, invoices, methods, mirror, purchasing, reminding, telling
from storage.billing import plan_changes, purchases, subscriptions, watching
from storage.work import Work

READ = "billing.plan_read"


def thing_of(event: Event) -> Mapping[str, Any]:
    """Return the object that a Stripe event is about."""
    thing = event.payload.get("object")
    return thing if isinstance(thing, dict) else {}


def ref_of(thing: Mapping[str, Any]) -> str | None:
    """Return the subscription that an object is, or belongs to: an invoice's stands under its parent (STR-9)."""
    if thing.get("object") == "subscription":
        found = thing.get("id")
    elif thing.get("object") == "invoice":
        parent = thing.get("parent")
        details = parent.get("subscription_details") if isinstance(parent, dict) else None
        found = details.get("subscription") if isinstance(details, dict) else thing.get("subscription")
    else:
        found = thing.get("subscription")
    if isinstance(found, dict):
        found = found.get("id")
    return found if isinstance(found, str) else None


def customer_of(thing: Mapping[str, Any]) -> str | None:
    """Return the customer that an object is, or that a payment method belongs to."""
    found = {"customer": thing.get("id"), "payment_method": thing.get("customer")}.get(str(thing.get("object")))
    if isinstance(found, dict):
        found = found.get("id")
    return found if isinstance(found, str) else None


def purchase_of(work: Work, thing: Mapping[str, Any]) -> sa.Row[Any] | None:
    """Find our purchase by the id that we gave Stripe, on the object or on what it belongs to."""
    parent = thing.get("parent")
    details = parent.get("subscription_details") if isinstance(parent, dict) else None
    for holder in (thing, details):
        metadata = holder.get("metadata") if isinstance(holder, dict) else None
        value = metadata.get("purchase_id") if isinstance(metadata, dict) else None
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            return purchases.load(work, int(value))
    return None


def person_of(work: Work, event: Event) -> int | None:
    """Return the person whom an event about a plan concerns (the engine's finder)."""
    thing = thing_of(event)
    bought = purchase_of(work, thing)
    if bought is not None:
        return int(bought.person_id)
    ref = ref_of(thing)
    row = subscriptions.mirrored(work, ref) if ref else None
    customer = customer_of(thing) if row is None else None
    if customer is not None:
        row = subscriptions.of_customer(work, customer)
    return None if row is None else int(row.person_id)


def is_ours(work: Work, event: Event) -> bool:
    """Tell whether an event is about a plan: a checkout of one, or anything that belongs to a subscription."""
    thing = thing_of(event)
    if thing.get("object") == "checkout.session":
        return thing.get("mode") == "subscription"
    if doubles.is_ours(event):
        return True
    about_customer = thing.get("object") in ("customer", "payment_method")
    return ref_of(thing) is not None or (about_customer and person_of(work, event) is not None)


def changed(turn: Turn) -> None:
    """Take an event that hints that a subscription changed."""
    ref = ref_of(thing_of(turn.event))
    if ref is None:
        return
    if turn.person_id is None:
        turn.alert("unknown_subscription", key=f"unknown_subscription:{ref}", subscription=ref)
        return
    row = subscriptions.mirrored(turn.work, ref)
    if turn.event.kind == "invoice.paid" and row is not None:
        invoices.paid(turn, row, thing_of(turn.event))
    look(turn, ref)


def method_changed(turn: Turn) -> None:
    """Take an event that hints that a customer pays by something else: their plan is looked at (PY-10)."""
    turn.silent = True
    customer = customer_of(thing_of(turn.event))
    row = subscriptions.of_customer(turn.work, customer) if customer else None
    if row is not None and row.gateway_ref is not None:
        look(turn, row.gateway_ref)


def look(turn: Turn, ref: str) -> None:
    """Ask Stripe how a subscription stands, or let the look that is out be followed by another."""
    if watching.begin(turn.work, turn.person.id, ref):
        _ask(turn, ref)


def _ask(turn: Turn, ref: str) -> None:
    cause = f"{turn.event.source}:{turn.event.key}"
    turn.call(ReadSubscription(ref), then=READ, context={"ref": ref, "cause": cause})


def looked(turn: Turn, catalogue: Catalogue) -> None:
    """Apply what Stripe said, and look again where something came meanwhile."""
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    ref = str(context["ref"])
    if watching.ended(turn.work, turn.person.id, ref):
        _ask(turn, ref)
    if isinstance(outcome, Done) and isinstance(outcome.result, GatewaySubscription):
        apply(turn, catalogue, outcome.result, cause=str(context.get("cause") or ""))
    else:
        turn.alert("subscription_unread", key=f"subscription_unread:{ref}:{turn.now:%Y-%m-%d-%H}", subscription=ref)


def apply(turn: Turn, catalogue: Catalogue, seen: GatewaySubscription, *, cause: str) -> None:
    """Bring our row to what a look showed, unless a newer one was applied."""
    after, row = mirror.values(seen), subscriptions.mirrored(turn.work, seen.subscription_id)
    if after is None:
        details = {"status": seen.status, "price": seen.lookup_key, "subscription": seen.subscription_id}
        turn.alert("unknown_plan_state", key=f"unknown_plan_state:{seen.subscription_id}:{seen.status}", **details)
        return
    as_of = datetime.fromtimestamp(seen.as_of / 1_000_000, UTC)
    if row is not None and as_of < row.as_of:
        return
    if after["state"] in mirror.LIVE and doubles.is_second(turn, seen):
        return
    before = dict(row._mapping) if row is not None else None
    subscription_id = _store(turn, row, {**after, "as_of": as_of})
    invoices.keep(turn, subscription_id, seen.invoice, as_of)
    if before is None:
        invoices.ask_for_older(turn, seen.subscription_id, seen.invoice)
    methods.keep(turn, subscription_id, seen)
    found = mirror.moves(catalogue, before, after)
    for kind in found:
        _log(turn, subscription_id, kind, before, after, cause)
    if found:
        turn.tell("subscription.changed", subscription=subscription_id)
    if "trial_started" in found and not subscriptions.claim_trial(turn.work, turn.person.id):
        turn.alert("second_trial", key=f"second_trial:{seen.subscription_id}", subscription=seen.subscription_id)
    if after["state"] in ("trial", "active"):
        purchasing.settled(turn, seen.metadata)
        doubles.begun(turn, seen.metadata)
    stored = subscriptions.load(turn.work, turn.person.id, subscription_id)
    if stored is not None:
        telling.tell(turn, found, before, stored)
        reminding.plan(turn, stored, found)


def _store(turn: Turn, row: sa.Row[Any] | None, after: mirror.Values) -> int:
    if row is not None:
        subscriptions.change(turn.work, turn.person.id, row.id, **after)
        return int(row.id)
    made = subscriptions.add(
        turn.work, turn.person.id, plan=after["plan"], version=after["plan_version"], state=after["state"],
        **{name: value for name, value in after.items() if name not in ("plan", "plan_version", "state")},
    )  # fmt: skip
    if made is None:
        raise LookupError("a subscription could not be stored")
    return made


def _log(
    turn: Turn, subscription_id: int, kind: str, before: mirror.Values | None, after: mirror.Values, cause: str
) -> None:
    was = f"{before['plan']}:{before['plan_version']}:{before['every']}" if before else None
    now = f"{after['plan']}:{after['plan_version']}:{after['every']}"
    plan_changes.log(
        turn.work, turn.person.id, subscription_id, kind, was=was, now=now, amount_minor=after["amount_minor"],
        currency=after["currency"], cause=cause,
    )  # fmt: skip
