"""A plan that was bought although another one runs: ended, and its money given back, once (SB-1, PY-3).

Two pages that were open at once, or a page that Stripe still held open, can be paid both. The later plan is ended, the
payment under its invoice is looked for, and all of it goes back; the person hears both. What this cannot do (a payment
made outside Stripe, a refund that the bank refuses) staff are told.

A look may see the second plan alive several times: it is ended each time. Its money is looked for whenever its newest
invoice is another one, or became paid, and each payment is claimed once, whichever invoice it was made for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.stripe import Refund, RefundPayment
from bot.core.calls.subscriptions import EndNow, FindPlanPayments, GatewaySubscription, PaidInvoice, PlanPayments
from bot.core.events import Event
from bot.core.money import Money
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.subscriptions import purchasing
from storage.billing import plan_changes, plan_invoices, subscriptions

ENDED, FOUND, REFUNDED = "billing.second_ended", "billing.second_payments", "billing.second_refunded"
NAMED = "second_plan"
"""Under this name a refund of ours bears the id of the subscription that it was paid for."""
_OURS = 0
"""Claims about a subscription that has no row here stand under its id alone."""


def is_second(turn: Turn, seen: GatewaySubscription) -> bool:
    """End a subscription that was bought although another one lives; True when it was such a one."""
    purchasing.end_gifts(turn)
    other, ref = subscriptions.live(turn.work, turn.person.id), seen.subscription_id
    if other is None or other.gateway_ref == ref:
        return False
    turn.call(EndNow(ref), key=f"second:{ref}:{turn.inbox_id}", then=ENDED, context={"ref": ref})
    if plan_changes.tell_once(turn.work, turn.person.id, _OURS, "second", ref):
        invoice = seen.invoice.invoice_id if seen.invoice else ""
        turn.alert("second_subscription", key=f"second_subscription:{ref}", subscription=ref, invoice=invoice)
        turn.notify("billing.sub.second")
    _look_for_money(turn, seen, other)
    return True


def _look_for_money(turn: Turn, seen: GatewaySubscription, other: sa.Row[Any]) -> None:
    """Ask once for each newest invoice what was paid: a plan that ran on unseen has several, one that renews has more.

    A plan that was the person's before the other began keeps what was paid for that time.
    """
    ref, invoice = seen.subscription_id, seen.invoice
    if invoice is None or not plan_changes.tell_once(
        turn.work, turn.person.id, _OURS, "second_money", f"{invoice.invoice_id}:{invoice.status}"
    ):
        return
    names = {NAMED: ref, **{key: seen.metadata[key] for key in ("purchase_id",) if key in seen.metadata}}
    was_theirs = subscriptions.mirrored(turn.work, ref) is not None
    since = int(other.at.timestamp()) if was_theirs else 0
    context = {"ref": ref, "since": since, "names": names}
    turn.call(FindPlanPayments(ref), key=f"second_payments:{ref}:{turn.inbox_id}", then=FOUND, context=context)


def ended(turn: Turn) -> str | None:
    """Return the subscription to look at once more; what Stripe will not end is for staff, and the job's next look."""
    turn.silent = True
    ref = str(turn.event.payload["context"]["ref"])
    if isinstance(outcome_of(turn), Done):
        return ref
    turn.alert("second_plan_not_ended", key=f"second_plan_not_ended:{ref}", subscription=ref)
    return None


def found(turn: Turn) -> None:
    """Give back what was paid for the second plan, under whichever of its invoices, each payment once."""
    turn.silent = True
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    if not isinstance(outcome, Done) or not isinstance(outcome.result, PlanPayments):
        _stuck(turn, str(context["ref"]), "payment_not_found")
        return
    for number, invoice in enumerate(outcome.result.invoices):
        if invoice.paid_at is not None and invoice.paid_at >= context["since"]:
            about: dict[str, Any] = {"ref": str(context["ref"]), "invoice": invoice.invoice_id}
            if not number:
                about["first_paid_at"] = invoice.paid_at
            _give_back(turn, invoice, about, dict(context["names"]))


def _give_back(turn: Turn, invoice: PaidInvoice, about: dict[str, Any], names: dict[str, str]) -> None:
    paid = [one for one in invoice.payments if one.status == "paid"]
    if not paid or any(one.payment_intent is None for one in paid):
        _stuck(turn, about["ref"], "payment_not_found")
    for one in paid:
        intent = one.payment_intent
        if intent is None or not one.amount_minor:
            continue
        if plan_changes.tell_once(turn.work, turn.person.id, _OURS, "second_payment", intent):
            turn.call(
                RefundPayment(intent, one.amount_minor, "duplicate", names), key=f"second_refund:{intent}",
                then=REFUNDED, policy="ask_first", context={**about, "names": names},
            )  # fmt: skip


def refunded(turn: Turn) -> None:
    """Note that the money is on its way and tell the person, or have staff return it."""
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    ref = str(context["ref"])
    turn.silent = True
    if not isinstance(outcome, Done) or not isinstance(outcome.result, Refund):
        _stuck(turn, ref, outcome.code if isinstance(outcome, Refused) else "no_answer")
        return
    given = outcome.result
    if given.status in ("failed", "canceled"):
        _stuck(turn, ref, given.status)
        return
    note_refunded(turn, str(context["invoice"]))
    turn.audit("plan.second.refunded", f"subscription:{ref}", actor="engine", amount=given.amount_minor)
    amount = Money(given.amount_minor, given.currency)
    turn.notify("billing.sub.second_back", policy="ask_first", total=amount)
    names = context.get("names") or {}
    if "first_paid_at" in context and not _stands(turn, names):
        purchasing.given_back(turn, names, datetime.fromtimestamp(context["first_paid_at"], UTC))


def begun(turn: Turn, metadata: Mapping[str, str]) -> None:
    """Note that a plan of ours began with a purchase; another payment of it is one too many."""
    if "purchase_id" in metadata:
        plan_changes.tell_once(turn.work, turn.person.id, _OURS, "begun", metadata["purchase_id"])


def _stands(turn: Turn, metadata: Mapping[str, str]) -> bool:
    """Tell whether the plan that stands was begun by the same purchase, whose code it keeps."""
    return plan_changes.was_told(turn.work, turn.person.id, _OURS, "begun", metadata.get("purchase_id"))


def gives_back(turn: Turn, intent: str) -> bool:
    """Tell whether a payment is one of a second plan, whose way back is told here."""
    return plan_changes.was_told(turn.work, turn.person.id, _OURS, "second_payment", intent)


def note_refunded(turn: Turn, invoice_ref: str) -> bool:
    """Note that all of an invoice's money went back; False when that is known."""
    fresh = plan_changes.tell_once(turn.work, turn.person.id, _OURS, "second_refund", invoice_ref)
    plan_invoices.refunded(turn.work, turn.person.id, invoice_ref)
    return fresh


def state_of(turn: Turn, invoice_ref: str, status: str) -> str:
    """Return how an invoice stands with us: one whose money went back is refunded, whatever Stripe calls it."""
    back = plan_changes.was_told(turn.work, turn.person.id, _OURS, "second_refund", invoice_ref)
    return plan_invoices.REFUNDED if back else status


def is_ours(event: Event) -> bool:
    """Tell whether an event is about a refund of a second plan."""
    thing = event.payload.get("object")
    metadata = thing.get("metadata") if isinstance(thing, dict) and thing.get("object") == "refund" else None
    return isinstance(metadata, dict) and isinstance(metadata.get(NAMED), str)


def changed(turn: Turn) -> None:
    """Take Stripe's word about such a refund: only one that failed in the end is news."""
    thing = turn.event.payload["object"]
    turn.silent = True
    if thing.get("status") in ("failed", "canceled"):
        _stuck(turn, str(thing["metadata"][NAMED]), str(thing["status"]))


def _stuck(turn: Turn, ref: str, why: str) -> None:
    turn.alert("second_plan_not_refunded", key=f"second_plan_not_refunded:{ref}:{why}", subscription=ref, why=why)
