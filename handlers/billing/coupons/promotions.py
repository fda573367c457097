"""A coupon on a plan that renews at Stripe: a use of ours, and a promotion code there for that one purchase (CP-6).

The terms show what `foreseen` says, the OK sets a use aside, the tap has a promotion code made, and the answer goes
into the Checkout Session. The code takes off exactly what was shown, on the first invoice only; who may use it and how
often stays ours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.calls.promotions import MakePromotion
from bot.core.money import Money
from bot.engine.discounts import Basket, Discount
from bot.engine.turn import Turn
from handlers.billing.coupons import discounts, trying
from handlers.billing.coupons.checks import Failure
from storage.billing import purchases
from storage.billing.coupons import uses

LIMIT = timedelta(minutes=3)
"""After this the next tap begins anew."""
NAME = 40
"""So long a name may be at Stripe."""


def _basket(plan: str, price: Money) -> Basket:
    return Basket(f"plan.{plan}", price.amount_minor, price.currency, plan=plan)


class PlanCodes:
    """Who keeps the uses of codes on purchases of plans."""

    def foreseen(self, turn: Turn, plan: str, price: Money) -> Discount:
        """Return what the code told before would take off; the use of a link that is still open stands for this one."""
        basket = _basket(plan, price)
        found, failed = trying.told_before(turn, basket)
        if found is not None and failed in (Failure.PER_PERSON, Failure.USED_UP) and _holds(turn, found.id):
            failed = None
        return discounts.foreseen(turn, basket, (found, failed))

    def reserved(self, turn: Turn, plan: str, price: Money, purchase_id: int) -> Discount:
        """Set a use aside for a purchase."""
        return turn.registry.discounts.reserve(turn, _basket(plan, price), purchases.operation(purchase_id))

    def make(self, turn: Turn, row: sa.Row[Any], attempt: int, *, then: str) -> None:
        """Ask Stripe for the promotion code of a purchase; the coupon behind it is the same for every attempt."""
        found = self.reserved(turn, row.plan, Money(row.amount_minor, row.currency), row.id)
        turn.call(
            MakePromotion(str(row.id), found.code[:NAME], found.amount_minor, row.currency),
            key=f"promotion:{row.id}:v{attempt}",
            then=then,
            context={"purchase": row.id, "attempt": attempt},
            limit=LIMIT,
        )

    def off(self, turn: Turn, purchase_id: int) -> int:
        """Return what was taken off a purchase, whatever became of its use."""
        known = uses.of_operation(turn.work, purchases.operation(purchase_id))
        return 0 if known is None else int(known.discount_minor)

    def redeemed(self, turn: Turn, purchase_id: int) -> None:
        """Count the use: the purchase was paid."""
        turn.registry.discounts.redeem(turn, purchases.operation(purchase_id))

    def released(self, turn: Turn, purchase_id: int) -> None:
        """Give the use back: the purchase came to nothing."""
        turn.registry.discounts.release(turn, purchases.operation(purchase_id))

    def refunded(self, turn: Turn, purchase_id: int, paid_at: datetime) -> None:
        """Give the use back when the money went back within a day (CP-8)."""
        turn.registry.discounts.refunded(turn, purchases.operation(purchase_id), paid_at)


def _holds(turn: Turn, coupon_id: int) -> bool:
    """Tell whether the person's open purchase, which a new one replaces, holds a use of this code."""
    row = purchases.open_one(turn.work, turn.person.id)
    known = uses.of_operation(turn.work, purchases.operation(row.id)) if row is not None else None
    return known is not None and known.coupon_id == coupon_id and known.state == uses.RESERVED
