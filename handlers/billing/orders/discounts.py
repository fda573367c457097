"""The one place where a code meets an order; who knows codes is `registry.discounts`.

Asked when an order is opened, and told what becomes of it: reserved with it, redeemed by its payment (a late one too),
released when it ends unpaid, given back after a full refund (CP-7, CP-8).
"""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa

from bot.engine.discounts import Basket, Discount, less
from bot.engine.orders import Wanted
from bot.engine.turn import Turn


def reserve(turn: Turn, wanted: Wanted, price_minor: int, currency: str, *, order_id: int, tax_bps: int) -> Discount:
    """Return what comes off an order, by the code typed with it or the one that the person told before.

    A code that does not count takes nothing off; why is said in a line of its own before the amount is.
    """
    product = _product(wanted)
    plan = product.removeprefix("plan.") if product.startswith("plan.") else ""
    basket = Basket(product, price_minor, currency, tax_bps, plan, wanted.coupon)
    if wanted.renews:
        return less(basket, 0)
    found = turn.registry.discounts.reserve(turn, basket, _key(order_id))
    if found.told and not found.amount_minor:
        turn.notify("billing.plain", purpose="reply", text=found.told)
    return found


def _product(wanted: Wanted) -> str:
    """Return the key of the catalogue ("pack.receipts_100" of "pack.receipts_100:2"), else the purpose."""
    head = wanted.reference.partition(":")[0]
    return head if head.startswith(f"{wanted.purpose}.") else wanted.purpose


def _key(order_id: int) -> str:
    return f"order:{order_id}"


def told(turn: Turn, what: Literal["redeemed", "released", "refunded"], order: sa.Row[Any]) -> None:
    """Tell what became of the order of a code."""
    codes, key = turn.registry.discounts, _key(order.id)
    if not order.coupon:
        return
    match what:
        case "redeemed":
            codes.redeem(turn, key)
        case "released":
            codes.release(turn, key)
        case _ if order.paid_at is not None:
            codes.refunded(turn, key, order.paid_at)
