"""A charge that the bank disputes: nothing is refunded on top, the purpose is served no further, people decide (PY-9).

What is unused of it is taken back when the dispute opens and given again when it is won.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.engine.turn import Turn
from handlers.billing.orders import fulfilling, giving
from storage.billing import orders


def opened(turn: Turn, order: sa.Row[Any], thing: Mapping[str, Any]) -> None:
    """Stop what the charge paid for, once, and tell the operators until when an answer is due."""
    turn.silent = True
    if order.dispute is not None:
        return
    due = _due(thing)
    kept = {"dispute": "open", "dispute_due": due}
    if not orders.move(turn.work, order.id, was=("paid", "partially_refunded"), to="disputed", **kept):
        return
    if order.fulfilled_at is not None:
        giving.take_back(turn, order)
    until = f"{due:%Y-%m-%d %H:%M} UTC" if due else "unknown"
    turn.audit("order.dispute", f"order:{order.id}", actor="gateway", due=until)
    turn.alert("order_dispute", key=f"order_dispute:{order.id}", order=order.id, due=until)


def _due(thing: Mapping[str, Any]) -> datetime | None:
    details = thing.get("evidence_details")
    at = details.get("due_by") if isinstance(details, dict) else None
    return datetime.fromtimestamp(at, UTC) if isinstance(at, int) else None


def closed(turn: Turn, order: sa.Row[Any], thing: Mapping[str, Any]) -> None:
    """Note how it ended; a won one is served again."""
    turn.silent = True
    outcome = "won" if str(thing.get("status")) in ("won", "warning_closed") else "lost"
    if order.dispute == outcome or order.dispute is None:
        return
    orders.change(turn.work, order.id, dispute=outcome)
    turn.audit("order.dispute_closed", f"order:{order.id}", actor="gateway", outcome=outcome)
    turn.alert("order_dispute_closed", key=f"order_dispute_closed:{order.id}", order=order.id, outcome=outcome)
    if outcome == "won":
        back = "partially_refunded" if order.refunded_minor else "paid"
        orders.move(turn.work, order.id, was=("disputed",), to=back)
        again = turn.registry.returns.get(order.purpose)
        if order.fulfilled_at is not None and again is not None:
            again(turn, fulfilling.paid_of(order))
