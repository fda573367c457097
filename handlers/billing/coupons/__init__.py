"""Coupons: what a code takes off a price, who may use it and how often, and what campaigns brought (CP-1 to CP-10).

`creating`, `checks`, `computing` and `typed` are pure; `discounts` answers whoever opens a payment, `words` the person,
`staff` the marketing desk.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry
    from handlers.billing.catalogue import Catalogue


def register(registry: Registry, catalogue: Catalogue) -> None:
    """Let codes count wherever a payment is opened, and hear COUPON."""
    from handlers.billing.coupons import staff, words
    from handlers.billing.coupons.discounts import CouponDiscounts

    registry.discounts = CouponDiscounts()
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.word("text")(words.heard)
    staff.register(registry, catalogue)
