"""A charge of a plan that the bank disputes: whose it is, its evidence, and no plan for it meanwhile (PY-9).

A dispute names a payment, and a plan's payment hangs under an invoice (STR-9), so Stripe is asked whose it paid.
From then on it stands beside the disputes of letters and orders: /dispute list, evidence, allow. While it is open, and
after it was lost, that person's plan of Stripe's gives nothing and no other is sold, unless staff allow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.subscriptions import FindPlanOfPayment, PlanOfPayment
from bot.core.money import Money
from bot.engine.evidence import Disputed, disputed, due_of, settled
from bot.engine.registry import Handler, Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from storage import disputes
from storage.billing import plan_changes, plan_invoices, purchases, subscriptions

FOUND = "billing.plan_disputed"
KIND = "plan"
EVENTS = ("charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed")
_KEPT = ("id", "charge", "amount", "currency", "reason", "status", "livemode", "evidence_details")
_WON = ("won", "warning_closed")


def register(registry: Registry) -> None:
    """Take the disputes that no letter and no order is known by, and what Stripe answers about them."""
    for kind in EVENTS:
        name = f"stripe:{kind}"
        registry.handlers[name] = _left_over(registry.handlers.get(name))
    registry.on(f"call:{FOUND}")(found)


def _left_over(other: Handler | None) -> Handler:
    """Ask about a dispute of nobody known; one that a letter or an order is known by has its person already."""

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
    about = {name: told.get(name) for name in _KEPT} | {"closed": turn.event.kind.endswith(".closed")}
    if isinstance(intent, str) and intent:
        turn.call(FindPlanOfPayment(intent), key=f"{FOUND}:{turn.inbox_id}", then=FOUND, context=about)
    else:
        _unknown(turn, about)


def found(turn: Turn) -> None:
    """Link the dispute with the plan that was paid; one of no plan of ours is for staff to look at."""
    turn.silent = True
    about, outcome = turn.event.payload["context"], outcome_of(turn)
    paid = outcome.result if isinstance(outcome, Done) and isinstance(outcome.result, PlanOfPayment) else None
    row = subscriptions.mirrored(turn.work, paid.subscription_id) if paid is not None else None
    if paid is None or row is None:
        _unknown(turn, about)
        return
    invoice = plan_invoices.of_ref(turn.work, paid.invoice_id)
    what = _what(turn, row, paid, invoice)
    if disputed(turn, what, about):
        due = due_of(about)
        until = f"{due:%Y-%m-%d %H:%M} UTC" if due else "unknown"
        turn.alert(
            "plan_dispute", key=f"plan_dispute:{about['id']}", invoice=what.label, person=row.person_id, due=until
        )
    known = disputes.of_subject(turn.work, KIND, what.subject)
    if about["closed"] and known is not None and known.state == disputes.OPEN:
        outcome_told = disputes.WON if about["status"] in _WON else disputes.LOST
        settled(turn, KIND, what.subject, outcome=outcome_told)
        key = f"plan_dispute_closed:{about['id']}"
        turn.alert("plan_dispute_closed", key=key, invoice=what.label, person=row.person_id, outcome=outcome_told)


def _what(turn: Turn, row: sa.Row[Any], paid: PlanOfPayment, invoice: sa.Row[Any] | None) -> Disputed:
    """Return what was paid for, what was agreed to and what the plan went through, as evidence tells it."""
    amount = Money(paid.amount_minor, paid.currency or row.currency or "USD")
    lines = list(_happened(turn, row))
    if invoice is not None and invoice.paid_at is not None:
        lines.append((invoice.paid_at, f"Paid {amount} by stripe"))
    what = f"{row.plan.capitalize()} plan, by the {row.every or 'period'}"
    return Disputed(
        KIND,
        row.id if invoice is None else invoice.id,
        row.person_id,
        (paid.number or paid.invoice_id).upper(),
        amount,
        row.at,
        facts=(("What", what), ("Plan at Stripe", row.gateway_ref)),
        lines=tuple(lines),
    )


def _happened(turn: Turn, row: sa.Row[Any]) -> Iterable[tuple[datetime, str]]:
    for one in purchases.paid_by(turn.work, row.person_id):
        terms = f"Consent to the price, the renewal and how to cancel, wording {one.wording}, given by {one.source}"
        yield one.at, terms
    for one in plan_changes.logged(turn.work, row.person_id, row.id):
        yield one.at, f"Plan: {one.kind.replace('_', ' ')}"


def _unknown(turn: Turn, about: Mapping[str, Any]) -> None:
    due = due_of(about)
    until = f"{due:%Y-%m-%d %H:%M} UTC" if due else "unknown"
    turn.alert(
        "dispute_unknown", key=f"dispute_unknown:{about['id']}", dispute=about["id"], charge=about["charge"], due=until
    )
