"""What other parts of billing plug in here: Stars, by which plans are bought inside Telegram, and codes that discount.

    registry.settings[StarsDesk] = ...      registry.settings[Discounts] = ...

Without a desk of Stars a person on Telegram is told that plans are not sold there. No other way to pay is ever named on
Telegram for what is used there (section 6).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from bot.core.money import Money
from bot.engine.discounts import Discount
from bot.engine.turn import Turn
from handlers.billing.catalogue import Plan


class StarsDesk(Protocol):
    """Who sells plans for Stars."""

    def offer(self, turn: Turn, plans: list[Plan]) -> None:
        """Show what is sold for Stars and take it from there; called on Telegram instead of our own offers."""
        ...

    def change(self, turn: Turn, row: sa.Row[object]) -> None:
        """Show what a plan bought for Stars can become."""
        ...

    def end_renewal(self, turn: Turn, row: sa.Row[object]) -> None:
        """Let a plan bought for Stars end with what is paid."""
        ...

    def keep_renewal(self, turn: Turn, row: sa.Row[object]) -> None:
        """Take that back."""
        ...


class Discounts(Protocol):
    """Who keeps the uses of a code that became a Stripe promotion code of a purchase (CP-6, CP-7)."""

    def foreseen(self, turn: Turn, plan: str, price: Money) -> Discount:
        """Return what the person's code would take off; nothing is set aside."""
        ...

    def reserved(self, turn: Turn, plan: str, price: Money, purchase_id: int) -> Discount:
        """Set a use aside for a purchase; the same purchase again gets the first answer."""
        ...

    def make(self, turn: Turn, row: sa.Row[Any], attempt: int, *, then: str) -> None:
        """Ask Stripe for the promotion code of a purchase; the answer comes to `then`."""
        ...

    def off(self, turn: Turn, purchase_id: int) -> int:
        """Return what was taken off a purchase, in minor units."""
        ...

    def redeemed(self, turn: Turn, purchase_id: int) -> None:
        """The purchase was paid."""
        ...

    def released(self, turn: Turn, purchase_id: int) -> None:
        """The purchase came to nothing."""
        ...

    def refunded(self, turn: Turn, purchase_id: int, paid_at: datetime) -> None:
        """All of what was paid first went back."""
        ...


def stars(turn: Turn) -> StarsDesk | None:
    """Return the desk of Stars, if one is plugged in."""
    found: StarsDesk | None = turn.registry.settings.get(StarsDesk)
    return found


def discounts(turn: Turn) -> Discounts | None:
    """Return who keeps the uses of codes, if anybody does."""
    found: Discounts | None = turn.registry.settings.get(Discounts)
    return found
