"""Which of Stripe's events are about plans, and where each goes; others go on to whoever registered before.

Every event but those of a session only hints that something changed: the subscription is looked at (SB-4).
"""

from __future__ import annotations

from collections.abc import Callable

from bot.core.calls import Done
from bot.core.calls.stripe import Checkout
from bot.core.events import Event
from bot.engine.registry import Handler, Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.subscriptions import doubles, purchasing, reminding, watching
from storage.billing import plan_changes, subscriptions
from storage.work import Work

CHECK = "billing.plan_check"
"""The timer by which a job has a subscription looked at."""
SESSIONS = ("completed", "expired", "async_payment_succeeded", "async_payment_failed")
CHANGES = (
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.upcoming",
)
METHODS = (
    "customer.updated", "payment_method.attached", "payment_method.automatically_updated", "payment_method.updated",
)  # fmt: skip


def register(registry: Registry) -> None:
    """Take Stripe's events about plans; others go on to whoever registered before."""
    mine: dict[str, Handler] = {f"checkout.session.{kind}": _session for kind in SESSIONS}
    mine |= dict.fromkeys(CHANGES, watching.changed)
    mine |= dict.fromkeys(METHODS, watching.method_changed)
    mine |= {"invoice.payment_action_required": _action_needed, "customer.deleted": _customer_gone}
    mine |= {f"refund.{kind}": doubles.changed for kind in ("created", "updated", "failed")}
    for kind, handler in mine.items():
        name = f"stripe:{kind}"
        registry.handlers[name] = _shared(handler, registry.handlers.get(name))
    registry.finders["stripe"] = _finder(registry.finders.get("stripe"))


def _shared(handler: Handler, other: Handler | None) -> Handler:
    def take(turn: Turn) -> None:
        if watching.is_ours(turn.work, turn.event):
            handler(turn)
        elif other is not None:
            other(turn)

    return take


def _finder(other: Callable[[Work, Event], int | None] | None) -> Callable[[Work, Event], int | None]:
    def find(work: Work, event: Event) -> int | None:
        if watching.is_ours(work, event):
            return watching.person_of(work, event)
        return other(work, event) if other is not None else None

    return find


def _session(turn: Turn) -> None:
    thing = watching.thing_of(turn.event)
    row, ref = watching.purchase_of(turn.work, thing), watching.ref_of(thing)
    if purchasing.completed(turn, thing, row) and ref is not None:
        watching.look(turn, ref)


def session_closed(turn: Turn) -> None:
    """Take the state of a session that we closed: one that was paid a moment before is looked at like any other."""
    turn.silent = True
    outcome = outcome_of(turn)
    if isinstance(outcome, Done) and isinstance(outcome.result, Checkout) and outcome.result.subscription:
        watching.look(turn, outcome.result.subscription)


def second_ended(turn: Turn) -> None:
    """Look at a second plan that Stripe ended."""
    ref = doubles.ended(turn)
    if ref is not None:
        watching.look(turn, ref)


def dunning_over(turn: Turn) -> None:
    """Look at a plan that was ended because nobody paid."""
    watching.look(turn, reminding.over(turn))


def check_due(turn: Turn) -> None:
    """Look at a subscription that the reconciling job found different."""
    turn.silent = True
    watching.look(turn, str(turn.event.payload["ref"]))


def _action_needed(turn: Turn) -> None:
    """Send the page on which the bank asks the person to confirm, once an invoice."""
    thing, ref = watching.thing_of(turn.event), watching.ref_of(watching.thing_of(turn.event))
    watching.changed(turn)
    row = subscriptions.mirrored(turn.work, ref) if ref else None
    url = thing.get("hosted_invoice_url")
    if row is None or turn.person_id is None or not isinstance(url, str) or thing.get("status") == "paid":
        return
    if plan_changes.tell_once(turn.work, turn.person_id, row.id, "action", thing.get("id")):
        turn.notify("billing.sub.action", link=("billing.sub.action_button", url))


def _customer_gone(turn: Turn) -> None:
    thing = watching.thing_of(turn.event)
    turn.alert("customer_deleted", key=f"customer_deleted:{thing.get('id')}", customer=thing.get("id"))
