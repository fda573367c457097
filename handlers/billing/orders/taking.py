"""Money that came in: gateways' events and answers, in any order, any number of times, days late (STR-11, STR-15).

An event is a hint. The order is found by our id in it, the amount is compared with our row, and what does not fit is
read again. Money is never kept for nothing: what cannot be honoured goes back or is held before people.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.orders import fulfilling, gateways, minting, snapshot
from handlers.billing.orders.gateways import Seen
from storage.billing import orders

REMIND_AFTER = timedelta(hours=24)
_COPIED = (
    "purpose", "reference", "gateway", "is_physical", "currency", "net_minor", "discount_minor", "tax_minor",
    "total_minor", "snapshot", "expires_at",
)  # fmt: skip


def read(turn: Turn) -> None:
    """Take what a gateway says of a session that we read again, or ended."""
    context = turn.event.payload["context"]
    order = orders.load(turn.work, int(context["order"]))
    if order is None:
        raise LookupError("no such order")
    turn.silent = True
    outcome = outcome_of(turn)
    seen = gateways.seen_of(outcome.result) if isinstance(outcome, Done) else None
    if seen is None:
        turn.alert("order_unread", key=f"order_unread:{order.id}", order=order.id)
        if context.get("told"):  # signed by the gateway; only what the receipt might say of it is missing
            settle(turn, order, Seen(**context["told"]), certain=True)
        return
    settle(turn, order, seen, certain=True)


def check_due(turn: Turn) -> None:
    """Look at a session that we hold for open (the reconciling job asks for it)."""
    turn.silent = True
    order = orders.load(turn.work, int(turn.event.payload["order"]))
    gateway = gateways.gateway_named(turn, order.gateway) if order is not None else None
    if order is not None and gateway is not None and order.session_ref is not None and order.state in orders.OPEN:
        gateway.read(turn, order, order.session_ref)


def settle(turn: Turn, order: sa.Row[Any], seen: Seen, *, certain: bool) -> None:
    """Bring our rows to what a session shows; `certain` says that it was just read at the gateway."""
    if seen.paid:
        _paid(turn, order, seen, certain=certain)
    elif seen.waits:
        if orders.move(turn.work, order.id, was=("created", "open"), to="processing"):
            turn.notify("billing.order.processing", purpose="reply")
    elif seen.over:
        minting.over(turn, order, seen.session_ref)


def _paid(turn: Turn, order: sa.Row[Any], seen: Seen, *, certain: bool) -> None:
    is_taken = order.state in orders.TAKEN
    if is_taken and _same(order, seen):
        return
    fits = (seen.amount_minor, seen.currency) == (order.total_minor, order.currency)
    gateway = gateways.gateway_named(turn, order.gateway)
    if not certain and gateway is not None and (_untold(seen) or not (fits or is_taken)):
        gateway.read(turn, order, seen.session_ref, told=seen)
        return
    if is_taken:
        _second(turn, order, seen)
        return
    row = _take(turn, order, seen)
    if row is None:
        return
    if order.session_ref not in (None, seen.session_ref) and gateway is not None:
        gateway.end(turn, row, order.session_ref)
    if fits:
        fulfilling.honour(turn, row)
    else:
        fulfilling.hold(turn, row, "amount_mismatch")


def _untold(seen: Seen) -> bool:
    """Tell whether an event left out what a receipt, or a way back for the money, needs.

    One of Stripe's never says what was paid with, so its session is always read (HOOK-5, PY-6).
    """
    return seen.intent is None or seen.method is None


def _same(order: sa.Row[Any], seen: Seen) -> bool:
    """Tell whether a payment is the one that we know: by its charge, else by its session."""
    if order.intent is not None and seen.intent is not None:
        return bool(order.intent == seen.intent)
    return order.session_ref in (None, seen.session_ref)


def _take(turn: Turn, order: sa.Row[Any], seen: Seen) -> sa.Row[Any] | None:
    taken = orders.move(
        turn.work, order.id, was=(*orders.OPEN, "expired", "failed"), to="paid", paid_at=turn.now, minting="",
        charged_minor=seen.amount_minor, intent=seen.intent, session_ref=seen.session_ref, method=seen.method,
        **_tax(turn, order, seen),
    )  # fmt: skip
    turn.cancel_timers(f"order:{order.id}:")
    return orders.load(turn.work, order.id) if taken else None


def _tax(turn: Turn, order: sa.Row[Any], seen: Seen) -> dict[str, Any]:
    """Return what the tax that Stripe worked out changes in the row: how the total is made up, not the total."""
    found = seen.tax_minor
    if not gateways.taxes_at_stripe(turn, order) or found is None or not 0 <= found <= order.total_minor:
        return {}
    return snapshot.taxed(turn.work.seal, order, found)


def _second(turn: Turn, order: sa.Row[Any], seen: Seen) -> None:
    """Give back a second charge of one order; it gets a row of its own to be given back from (PY-3)."""
    known = seen.intent is not None and orders.by_intent(turn.work, order.gateway, seen.intent) is not None
    if known or orders.by_session(turn.work, order.gateway, seen.session_ref) is not None:
        return
    kept = {name: getattr(order, name) for name in _COPIED}
    twin = orders.add(turn.work, turn.work.new_id(), order.person_id, **kept, closing="duplicate")
    row = _take(turn, twin, seen)
    if row is not None:
        fulfilling.second(turn, row)


def failed(turn: Turn, order: sa.Row[Any], *, session_over: bool, code: str = "") -> None:
    """Tell that a payment failed, once; the page stays good until the order ends (PY-14).

    `code` is the gateway's own word for why, kept for the figures. A session that is over with it (a bank debit that
    came back) makes room for another one.
    """
    if order.state not in orders.OPEN:
        turn.silent = True
        return
    orders.change(turn.work, order.id, failures=order.failures + 1, failure_code=code[:40] or order.failure_code)
    if session_over:
        done = {"session_ref": None, "url": None, "minting": ""}
        orders.move(turn.work, order.id, was=("open", "processing"), to="created", **done)
    if order.failures == 0:
        turn.notify("billing.order.failed", purpose="reply", link=_link(turn, order))
        turn.timer("orders.remind", f"order:{order.id}:remind", turn.now + REMIND_AFTER, order=order.id)


def remind_due(turn: Turn) -> None:
    """Remind of a payment that failed a day ago, once, while it can still be made (PY-14)."""
    order = orders.load(turn.work, int(turn.event.payload["order"]))
    if order is not None and order.state in ("created", "open") and order.expires_at > turn.now:
        turn.notify("billing.order.remind", purpose="nudge", link=_link(turn, order))


def _link(turn: Turn, order: sa.Row[Any]) -> tuple[str, str] | None:
    return ("billing.order.pay", turn.work.seal.open(order.link).decode()) if order.link else None
