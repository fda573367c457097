"""What follows a payment: the purpose is fulfilled once, its document gets its number, the person is told (PY-4).

Fulfilment is keyed by purpose and reference, never by event. What cannot be fulfilled goes back in full.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.money import Money
from bot.engine.copies import mail_copy
from bot.engine.house import our_day
from bot.engine.orders import Paid
from bot.engine.turn import Turn
from handlers.billing.documents import issuing
from handlers.billing.orders import discounts, ending, giving, snapshot
from storage.billing import documents, orders

DAY = timedelta(hours=24)


def paid_of(order: sa.Row[Any]) -> Paid:
    """Return an order as the one who fulfils it sees it."""
    return Paid(order.id, order.purpose, order.reference, order.total_minor, order.currency)


def free(turn: Turn, order: sa.Row[Any]) -> None:
    """Pay and fulfil an order over nothing, without a payment page (A71)."""
    if orders.move(turn.work, order.id, was=("created",), to="paid", paid_at=turn.now):
        honour(turn, _fresh(turn, order.id))


def honour(turn: Turn, order: sa.Row[Any]) -> None:
    """Give what was paid for, or the money back: for the second payment of a purpose, and for what cannot be given."""
    discounts.told(turn, "redeemed", order)
    if not orders.claim_fulfilment(turn.work, order):
        second(turn, order)
        return
    _end_others(turn, order)
    document = issuing.receipt(turn, order)
    fulfil = turn.registry.fulfilments.get(order.purpose)
    if fulfil is None:
        hold(turn, order, "nobody_fulfils")
        return
    try:
        fulfil(turn, paid_of(order))
    except Refusal as refusal:
        orders.change(turn.work, order.id, fulfilled_at=None)
        turn.notify("billing.plain", text=turn.text(refusal.key, **refusal.args_))
        told = "billing.refund.refused"
        given = giving.back(turn, order, reason="requested_by_customer", action="refused", told=told)
        if given is None and order.charged_minor:
            hold(turn, order, "not_refundable")
        return
    turn.notify(
        "billing.order.paid" if order.total_minor else "billing.order.free",
        policy="ask_first",
        ttl=DAY,
        purpose="reply",
        total=Money(order.total_minor, order.currency),
        title=snapshot.of(turn.work.seal, order).title,
        number=documents.label(document),
    )
    total, title = Money(order.total_minor, order.currency), snapshot.of(turn.work.seal, order).title
    mail_copy(turn, "paid", total=total, what=f"{title}, {documents.label(document)}", day=our_day(turn))


def second(turn: Turn, order: sa.Row[Any]) -> None:
    """Give back in full what was paid for a purpose that was paid before, and say so (PY-3)."""
    issuing.receipt(turn, order)
    given = giving.back(turn, order, reason="duplicate", action="duplicate", told="billing.refund.duplicate")
    if given is None and order.charged_minor:
        hold(turn, order, "not_refundable")


def hold(turn: Turn, order: sa.Row[Any], why: str) -> None:
    """Keep a payment back for people: nothing is given and nothing goes back by itself (STR-11)."""
    orders.change(turn.work, order.id, held=why, fulfilled_at=None)
    turn.alert("order_held", key=f"order_held:{order.id}:{why}", order=order.id, why=why)
    turn.notify("billing.order.held", policy="ask_first", ttl=DAY)


def _end_others(turn: Turn, order: sa.Row[Any]) -> None:
    for one in orders.of_purpose(turn.work, turn.person.id, order.purpose, order.reference):
        if one.id != order.id:
            ending.end(turn, one, "paid")


def _fresh(turn: Turn, order_id: int) -> sa.Row[Any]:
    found = orders.load(turn.work, order_id)
    if found is None:
        raise LookupError("no such order")
    return found
