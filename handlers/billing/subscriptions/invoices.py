"""Invoices of plans as they are kept: from a look, which shows the newest, and from the event of each that was paid.

A plan that renewed while nobody looked has several that no look shows; each was told by an event of its own (PY-8).
What was told before the plan had a row is lost, so a first look that finds it past its first invoice asks for all of
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.subscriptions import GatewayInvoice, ListPlanInvoices, PlanInvoices, PlanOfPayment
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.subscriptions import doubles, mirror
from storage.billing import plan_invoices, subscriptions

LISTED = "billing.plan_invoices"


def keep(turn: Turn, subscription_id: int, found: GatewayInvoice | None, as_of: datetime) -> None:
    """Store an invoice, unless more recent news of it is stored."""
    if found is None:
        return
    seal, status = turn.work.seal, doubles.state_of(turn, found.invoice_id, found.status)
    plan_invoices.keep(
        turn.work, turn.person.id, subscription_id, at=mirror.at(found.created), invoice_ref=found.invoice_id,
        number=found.number, status=status, amount_minor=found.amount_minor, currency=found.currency,
        paid_at=mirror.at(found.paid_at) if found.paid_at else None,
        url=seal.seal(found.hosted_url.encode()) if found.hosted_url else None, as_of=as_of, attempts=found.attempts,
        next_attempt_at=mirror.at(found.next_attempt_at) if found.next_attempt_at else None,
    )  # fmt: skip


def ask_for_older(turn: Turn, subscription_id: str, newest: GatewayInvoice | None) -> None:
    """Ask for all invoices of a plan that is seen for the first time, unless the newest is the one it began with."""
    if newest is not None and not newest.is_first:
        turn.call(ListPlanInvoices(subscription_id), then=LISTED, context={"ref": subscription_id})


def listed(turn: Turn) -> None:
    """Keep what Stripe listed of a plan."""
    turn.silent = True
    ref, outcome = str(turn.event.payload["context"]["ref"]), outcome_of(turn)
    row = subscriptions.mirrored(turn.work, ref)
    if not isinstance(outcome, Done) or not isinstance(outcome.result, PlanInvoices):
        turn.alert("subscription_unread", key=f"subscription_unread:{ref}:invoices", subscription=ref)
    elif row is not None and row.person_id == turn.person_id:
        as_of = datetime.fromtimestamp(outcome.result.as_of / 1_000_000, UTC)
        for one in outcome.result.invoices:
            keep(turn, row.id, one, as_of)


def paid(turn: Turn, row: sa.Row[Any], thing: Mapping[str, Any]) -> None:
    """Store the invoice that an event says was paid; as news it is as old as the payment."""
    times = thing.get("status_transitions")
    paid_at = times.get("paid_at") if isinstance(times, dict) else None
    if thing.get("status") != "paid" or not isinstance(paid_at, int) or row.person_id != turn.person_id:
        return
    text = {name: thing.get(name) for name in ("number", "hosted_invoice_url")}
    found = GatewayInvoice(
        str(thing.get("id")), "paid", int(thing.get("amount_due") or 0), str(thing.get("currency") or "").upper(),
        int(thing.get("created") or paid_at), attempts=int(thing.get("attempt_count") or 1), paid_at=paid_at,
        number=str(text["number"]) if text["number"] else None,
        hosted_url=str(text["hosted_invoice_url"]) if text["hosted_invoice_url"] else None,
    )  # fmt: skip
    keep(turn, row.id, found, mirror.at(paid_at))


def paid_by(turn: Turn, row: sa.Row[Any], paid: PlanOfPayment) -> sa.Row[Any] | None:
    """Return the invoice behind a payment; one that no look and no event ever showed is kept first."""
    known = plan_invoices.of_ref(turn.work, paid.invoice_id)
    if known is not None or not paid.paid_at:
        return known
    plan_invoices.keep(
        turn.work, row.person_id, row.id, at=mirror.at(paid.created or paid.paid_at), invoice_ref=paid.invoice_id,
        number=paid.number, status="paid", amount_minor=paid.amount_minor, currency=paid.currency,
        paid_at=mirror.at(paid.paid_at), url=None, as_of=mirror.at(paid.paid_at), attempts=1, next_attempt_at=None,
    )  # fmt: skip
    return plan_invoices.of_ref(turn.work, paid.invoice_id)
