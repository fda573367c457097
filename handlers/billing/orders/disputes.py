"""A charge that the bank disputes: nothing is refunded on top, the purpose is served no further, people decide (PY-9).

What is unused of it is taken back when the dispute opens and given again when it is won.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bot.core.money import Money
from bot.engine.evidence import Disputed, disputed, due_of, settled
from bot.engine.turn import Turn
from handlers.billing.orders import fulfilling, giving, snapshot
from storage.billing import orders


def opened(turn: Turn, order: sa.Row[Any], thing: Mapping[str, Any]) -> None:
    """Stop what the charge paid for, once, and tell the operators until when an answer is due."""
    turn.silent = True
    due = due_of(thing)
    disputed(turn, _what(turn, order), thing)
    if order.dispute is not None:
        return
    kept = {"dispute": "open", "dispute_due": due}
    if not orders.move(turn.work, order.id, was=("paid", "partially_refunded"), to="disputed", **kept):
        return
    if order.fulfilled_at is not None:
        giving.take_back(turn, order)
    until = f"{due:%Y-%m-%d %H:%M} UTC" if due else "unknown"
    turn.alert("order_dispute", key=f"order_dispute:{order.id}", order=order.id, due=until)


def _what(turn: Turn, order: sa.Row[Any]) -> Disputed:
    """Return what was sold and what became of it, as evidence tells it."""
    kept = snapshot.of(turn.work.seal, order)
    items = "; ".join(f"{line.quantity} x {line.text}" for line in kept.lines) or order.purpose
    paid = Money(order.charged_minor, order.currency)
    happened = (
        (order.created_at, f"Ordered: {items}, {Money(order.total_minor, order.currency)} in all"),
        (order.paid_at, f"Paid {paid} by {order.gateway}"),
        (order.fulfilled_at, "What was bought was given"),
    )
    lines = tuple((at, text) for at, text in happened if at is not None)
    facts = (("What", kept.title or order.purpose), ("Charge", order.intent or "unknown"))
    return Disputed(
        order.purpose, order.id, order.person_id, str(order.id), paid, order.created_at, facts=facts, lines=lines
    )


def closed(turn: Turn, order: sa.Row[Any], thing: Mapping[str, Any]) -> None:
    """Note how it ended; a won one is served again."""
    turn.silent = True
    outcome = "won" if str(thing.get("status")) in ("won", "warning_closed") else "lost"
    if order.dispute == outcome or order.dispute is None:
        return
    orders.change(turn.work, order.id, dispute=outcome)
    settled(turn, order.purpose, order.id, outcome=outcome)
    turn.alert("order_dispute_closed", key=f"order_dispute_closed:{order.id}", order=order.id, outcome=outcome)
    if outcome == "won":
        back = "partially_refunded" if order.refunded_minor else "paid"
        orders.move(turn.work, order.id, was=("disputed",), to=back)
        again = turn.registry.returns.get(order.purpose)
        if order.fulfilled_at is not None and again is not None:
            again(turn, fulfilling.paid_of(order))
