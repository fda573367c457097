"""How an order ends that was not paid: by its time, by a newer one of its purpose, by another payment."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.engine.turn import Turn
from handlers.billing.orders import discounts, gateways
from storage.billing import orders
from storage.links import revoke_links


def end(turn: Turn, order: sa.Row[Any], why: str) -> None:
    """End an order that was not paid: its page says so, its coupon is free, its session is closed at the gateway.

    A payment that arrives all the same is honoured or refunded (STR-15).
    """
    if not orders.move(turn.work, order.id, was=("created", "open"), to="expired", closing=why):
        return
    revoke_links(turn.work, kind="p", target=order.id)
    turn.cancel_timers(f"order:{order.id}:")
    discounts.told(turn, "released", order)
    taker = gateways.gateway_named(turn, order.gateway)
    if order.session_ref is not None and taker is not None:
        taker.end(turn, order, order.session_ref)


def expires_due(turn: Turn) -> None:
    """End an order whose time is over; one whose money is under way waits for it."""
    turn.silent = True
    order = orders.load(turn.work, int(turn.event.payload["order"]))
    if order is not None:
        end(turn, order, "expired")
