"""A charge of a plan that the bank disputes: whose it is, its evidence, and no plan for it meanwhile (PY-9).

A dispute names a payment, and a plan's payment hangs under an invoice (STR-9), so Stripe is asked whose it paid.
From then on it stands beside the disputes of letters and orders: /dispute list, evidence, allow. While it is open, and
after it was lost, that person's plan of Stripe's gives nothing and no other is sold, unless staff allow it.

What gives nothing is not charged again either. Stripe would go on: a dispute changes no subscription of its own accord.
So an open dispute lets the plan end with its period, a won one takes that back, with what was planned for that day, and
a lost one ends the plan at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.subscriptions import (
    EndAtPeriodEnd,
    EndNow,
    FindPlanOfPayment,
    KeepRenewing,
    PlanOfPayment,
    ScheduleChange,
)
from bot.core.money import Money
from bot.engine.evidence import Disputed, disputed, due_of, settled
from bot.engine.registry import Handler, Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.catalogue import Catalogue
from handlers.billing.subscriptions import changing, invoices, offers, watching
from storage import disputes, timers
from storage.billing import plan_changes, plan_invoices, purchases, subscriptions

FOUND, STOPPED = "billing.plan_disputed", "billing.plan_dispute_stopped"
FOLLOWS, HELD, NEXT = "billing.plan_dispute_follows", "dispute_held", "dispute_next"
"""Under the second a plan that a dispute lets end is remembered, so that a won one takes only that back; under the
third what was to come next, for Stripe lets go of it with the end."""
KIND = "plan"
EVENTS = ("charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed")
_KEPT = ("id", "charge", "amount", "currency", "reason", "status", "livemode", "evidence_details")
_WON = ("won", "warning_closed")


def register(registry: Registry, catalogue: Catalogue) -> None:
    """Take the disputes that no letter and no order is known by, and what Stripe answers about them."""
    for kind in EVENTS:
        name = f"stripe:{kind}"
        registry.handlers[name] = _left_over(registry.handlers.get(name))
    registry.on(f"call:{FOUND}")(found)
    registry.on(f"call:{STOPPED}")(partial(stopped, catalogue=catalogue))
    registry.on(f"timer:{FOLLOWS}")(follows)


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
    invoice = invoice or invoices.paid_by(turn, row, paid)
    what = _what(turn, row, paid, invoice)
    is_new = disputed(turn, what, about)
    if is_new:
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
        _in_their_turn(turn, row.person_id, about, outcome_told)
    elif is_new:
        _in_their_turn(turn, row.person_id, about, disputes.OPEN)


def _in_their_turn(turn: Turn, person_id: int, about: Mapping[str, Any], state: str) -> None:
    """Have what follows done in the queue of the person whose plan it is: the dispute named nobody when it came."""
    body = orjson.dumps({"dispute": about["id"], "state": state})
    key = f"plan_dispute:{about['id']}:{state}"
    timers.set_timer(turn.work, kind=FOLLOWS, key=key, due=turn.now, person_id=person_id, body=body)


def follows(turn: Turn) -> None:
    """Do what follows from a dispute that was opened, won or lost."""
    turn.silent = True
    dispute, state = str(turn.event.payload["dispute"]), turn.event.payload["state"]
    if state == disputes.OPEN:
        _hold(turn, dispute)
    else:
        _closed(turn, dispute, won=state == disputes.WON)


def _hold(turn: Turn, dispute: str) -> None:
    """Let what would renew end with its period: nobody is charged for a plan that gives nothing."""
    for row in subscriptions.at_stripe(turn.work, turn.person.id):
        if subscriptions.renews(row):
            plan_changes.tell_once(turn.work, turn.person.id, row.id, HELD, dispute)
            _remember_next(turn, row, dispute)
            _order(turn, EndAtPeriodEnd(row.gateway_ref, row.schedule_ref), dispute)


def _remember_next(turn: Turn, row: sa.Row[Any], dispute: str) -> None:
    if row.next_plan is not None:
        agreed = plan_changes.newest_done(turn.work, row)
        version = agreed.plan_version if agreed is not None else ""
        mark = f"{dispute} {row.next_plan}:{row.next_every}:{version}"
        plan_changes.tell_once(turn.work, turn.person.id, row.id, NEXT, mark)


def _next(turn: Turn, row: sa.Row[Any], dispute: str) -> str:
    """Return what was to come next of a plan that a dispute held, empty when nothing was."""
    kept = plan_changes.marks(turn.work, turn.person.id, row.id, NEXT)
    return next((one.partition(" ")[2] for one in kept if one.startswith(f"{dispute} ")), "")


def _closed(turn: Turn, dispute: str, *, won: bool) -> None:
    """Let a plan renew again that was only held, or end what the bank took the money back for."""
    barred = disputes.bars(turn.work, turn.person.id, KIND)
    for row in subscriptions.at_stripe(turn.work, turn.person.id):
        held = plan_changes.was_told(turn.work, turn.person.id, row.id, HELD, dispute)
        if barred and not won:
            _order(turn, EndNow(row.gateway_ref), dispute)
        elif won and held and not barred:
            following = _next(turn, row, dispute) if row.cancel_at_period_end else ""  # else they chose since
            _order(turn, KeepRenewing(row.gateway_ref), dispute, following=following)


def _order(
    turn: Turn, call: EndAtPeriodEnd | EndNow | KeepRenewing | ScheduleChange, dispute: str, *, following: str = ""
) -> None:
    ref = call.subscription_id
    context = {"ref": ref, "dispute": dispute, "next": following}
    turn.call(call, key=f"{dispute}:{type(call).__name__}:{ref}", then=STOPPED, context=context, limit=changing.LIMIT)


def stopped(turn: Turn, catalogue: Catalogue) -> None:
    """Look at what is true now; what Stripe did not do is for staff, unless the plan is over anyway.

    What was to come next of a plan that goes on again is planned again, once Stripe took that.
    """
    turn.silent = True
    context = turn.event.payload["context"]
    ref = str(context["ref"])
    if isinstance(outcome_of(turn), Done) and context.get("next"):
        _plan_again(turn, catalogue, ref, context)
    row = subscriptions.mirrored(turn.work, ref)
    if not isinstance(outcome_of(turn), Done) and row is not None and row.state != "ended":
        turn.alert("plan_dispute_not_stopped", key=f"plan_dispute_not_stopped:{turn.event.key}", subscription=ref)
    watching.look(turn, ref)


def _plan_again(turn: Turn, catalogue: Catalogue, ref: str, context: Mapping[str, Any]) -> None:
    plan, every, version = str(context["next"]).split(":")
    one = offers.offer(catalogue, plan, every, int(version) if version else None)
    if one is None:
        turn.alert("plan_dispute_not_stopped", key=f"plan_dispute_not_stopped:{turn.event.key}", subscription=ref)
        return
    _order(turn, ScheduleChange(ref, one.at_gateway(turn)), str(context["dispute"]))


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
