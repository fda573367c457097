"""A promotion code at Stripe for one purchase of a plan that renews (CP-6). Amounts are minor units."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class MakePromotion:
    """Make a code that takes an amount off the first invoice, once; `reference` is ours and unique to the purchase."""

    reference: str
    name: str
    amount_off_minor: int
    currency: str


@wire
@dataclass(frozen=True, slots=True)
class Promotion:
    """The code as Stripe numbered it: what a Checkout Session takes as its one discount."""

    promotion_code: str
