"""Money that goes back: a row before the call, one for an action, never more than was charged (PY-5, A74, A75).

A refund is settled once, by the call's answer or by the gateway's event, whichever comes first. Then what was bought
is taken back as far as it is unused, and a credit note gets its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.stripe import Refund as GatewayRefund
from bot.core.calls.stripe import Refunds
from bot.core.money import Money
from bot.engine.orders import Paid
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.documents import issuing
from handlers.billing.orders import discounts, gateways
from storage.billing import orders, refunds

RELEASES_WITHIN = timedelta(hours=24)
"""A full refund within a day frees the use of a coupon (CP-8)."""


def back(
    turn: Turn,
    order: sa.Row[Any],
    *,
    reason: str,
    action: str,
    amount_minor: int | None = None,
    actor: str = "engine",
    note: str = "",
    told: str | None = None,
) -> sa.Row[Any] | None:
    """Give an amount back, all that is left unless it is given; None when that much is not left or nothing was paid.

    The same action again is its first refund. While the bank disputes a charge nothing is given on top of it.
    """
    work, fresh = turn.work, orders.load(turn.work, order.id)
    known = refunds.by_action(work, order.id, action)
    if known is not None or fresh is None:
        return known
    left = fresh.charged_minor - fresh.given_minor
    amount = left if amount_minor is None else amount_minor
    if fresh.state not in ("paid", "partially_refunded") or not 0 < amount <= left:
        return None
    gateway = gateways.gateway_named(turn, fresh.gateway)
    if gateway is not None and ((not gateway.parts and amount != fresh.charged_minor) or fresh.intent is None):
        return None
    if not orders.commit_refund(work, fresh.id, amount):
        return None
    kept = work.seal.seal(note.encode()) if note else None
    row = refunds.add(work, fresh, action, amount_minor=amount, reason=reason, note=kept, actor=actor)
    if row is None:
        raise LookupError("two refunds of one action at once")
    turn.tell("refund.created", refund=row.id, payment=order.id)
    if told is not None:
        turn.notify(told, policy="ask_first", total=Money(amount, fresh.currency))
    if gateway is not None:
        gateway.refund(turn, fresh, row)
    else:
        settle(turn, row.id, status="succeeded", gateway_ref=None)
    return row


def answered(turn: Turn) -> None:
    """Take the answer of a refund call."""
    refund_id = int(turn.event.payload["context"]["refund"])
    match outcome_of(turn):
        case Done(GatewayRefund() as found):
            settle(turn, refund_id, status=found.status, gateway_ref=found.refund_id)
        case Done():
            settle(turn, refund_id, status="succeeded", gateway_ref=None)
        case Refused(code, _, _):
            _failed(turn, refund_id, code)
        case _:
            _failed(turn, refund_id, "no_answer")


def event(turn: Turn, order: sa.Row[Any] | None, thing: Mapping[str, Any]) -> None:
    """Take a gateway's word about one refund: `id`, `status`, `amount`, `metadata`; one made there is adopted."""
    metadata = thing.get("metadata")
    named = metadata.get("order_refund") if isinstance(metadata, dict) else None
    ref, status = str(thing.get("id") or ""), str(thing.get("status") or "")
    ours = refunds.load(turn.work, int(named)) if isinstance(named, str) and named.isdigit() else None
    ours = ours or refunds.by_gateway_ref(turn.work, ref)
    turn.silent = True
    if ours is not None:
        settle(turn, ours.id, status=status, gateway_ref=ref)
    elif order is not None and status == "succeeded":
        _adopt(turn, order, ref, int(thing.get("amount") or 0))


def found(turn: Turn) -> None:
    """Settle every refund that a gateway lists for an order."""
    order, outcome = orders.load(turn.work, int(turn.event.payload["context"]["order"])), outcome_of(turn)
    turn.silent = True
    if isinstance(outcome, Done) and isinstance(outcome.result, Refunds):
        for one in outcome.result.refunds:
            thing = {"id": one.refund_id, "status": one.status, "amount": one.amount_minor, "metadata": one.metadata}
            event(turn, order, thing)


def check_due(turn: Turn) -> None:
    """Ask how the refunds of an order stand (the reconciling job asks for it)."""
    turn.silent = True
    order = orders.load(turn.work, int(turn.event.payload["order"]))
    gateway = gateways.gateway_named(turn, order.gateway) if order is not None else None
    if order is not None and gateway is not None and order.intent is not None:
        gateway.find_refunds(turn, order)


def _adopt(turn: Turn, order: sa.Row[Any], ref: str, amount: int) -> None:
    if amount <= 0 or not orders.commit_refund(turn.work, order.id, amount):
        return
    row = refunds.add(
        turn.work, order, f"gateway:{ref}", amount_minor=amount, reason="requested_by_customer", actor="gateway"
    )
    turn.alert("foreign_refund", key=f"foreign_refund:{ref}", order=order.id)
    if row is not None:
        turn.tell("refund.created", refund=row.id, payment=order.id)
        settle(turn, row.id, status="succeeded", gateway_ref=ref)


def settle(turn: Turn, refund_id: int, *, status: str, gateway_ref: str | None) -> None:
    """Bring a refund to what the gateway says of it; each step happens once."""
    ref = {"gateway_ref": gateway_ref} if gateway_ref else {}
    if status == "succeeded":
        _commit_again(turn, refund_id)
        done = refunds.move(
            turn.work, refund_id, was=("requested", "pending"), to="succeeded", settled_at=turn.now, **ref
        )
        if done:
            _succeeded(turn, refund_id)
    elif status in ("failed", "canceled"):
        _failed(turn, refund_id, status)
    else:
        refunds.move(turn.work, refund_id, was=("requested",), to="pending", **ref)


def _commit_again(turn: Turn, refund_id: int) -> None:
    """Let a refund that was told to have failed succeed after all, if the charge still has room for it."""
    row, order = _both(turn, refund_id)
    if row.state == "failed" and orders.commit_refund(turn.work, order.id, row.amount_minor):
        refunds.move(turn.work, refund_id, was=("failed",), to="requested")


def _succeeded(turn: Turn, refund_id: int) -> None:
    row, order = _both(turn, refund_id)
    total = order.refunded_minor + row.amount_minor
    whole = total >= order.charged_minor
    state = "refunded" if whole else "partially_refunded"
    orders.change(turn.work, order.id, refunded_minor=total)
    orders.move(turn.work, order.id, was=("paid", "partially_refunded"), to=state)
    issuing.credit_note(turn, order, row)
    turn.notify("billing.refund.done", policy="ask_first", total=Money(row.amount_minor, order.currency))
    if order.fulfilled_at is not None:
        take_back(turn, order)
    if whole and turn.now - order.paid_at <= RELEASES_WITHIN:
        discounts.told(turn, "refunded", order)


def take_back(turn: Turn, order: sa.Row[Any]) -> None:
    """Take back what is unused of what was bought."""
    undo = turn.registry.takebacks.get(order.purpose)
    if undo is not None:
        undo(turn, Paid(order.id, order.purpose, order.reference, order.total_minor, order.currency))


def _failed(turn: Turn, refund_id: int, code: str) -> None:
    """Put a failed refund before people, and tell the person; the money is still owed."""
    row, order = _both(turn, refund_id)
    if not refunds.move(turn.work, refund_id, was=("requested", "pending", "succeeded"), to="failed"):
        return
    back_again = row.amount_minor if row.settled_at is not None else 0
    rest = order.refunded_minor - back_again
    orders.change(turn.work, order.id, refunded_minor=rest, given_minor=order.given_minor - row.amount_minor)
    state = "partially_refunded" if rest else "paid"
    orders.move(turn.work, order.id, was=("refunded", "partially_refunded"), to=state)
    turn.alert("order_refund_failed", key=f"order_refund_failed:{refund_id}", order=order.id, code=code)
    turn.notify("billing.refund.failed", policy="ask_first")


def _both(turn: Turn, refund_id: int) -> tuple[sa.Row[Any], sa.Row[Any]]:
    row = refunds.load(turn.work, refund_id)
    order = orders.load(turn.work, row.order_id) if row is not None else None
    if row is None or order is None:
        raise LookupError("a refund without an order")
    return row, order
