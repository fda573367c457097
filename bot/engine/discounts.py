"""What a code takes off a price: whoever opens a payment asks before it shows the amount (CP-5 to CP-8).

A person tells a code once (COUPON SPRING20), and it counts for their next payment. A service names the payment by a key
of its own and says what becomes of it: paid, or over without money. It knows no coupon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.core.money import Money

if TYPE_CHECKING:
    from bot.engine.turn import Turn


@dataclass(frozen=True, slots=True)
class Basket:
    """What is to be paid for: `product` as the catalogue of plans has it ("letter.certified", "pack.receipts_100").

    The price is before tax. `code` is one that was typed with this very purchase; else the one told before counts.
    """

    product: str
    price_minor: int
    currency: str
    tax_bps: int = 0
    plan: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Discount:
    """What comes off, and what is then to be paid: tax is that of the reduced price.

    `told` is a line for the person: what came off by which code, or why it does not count here; empty without a code.
    """

    amount_minor: int
    tax_minor: int
    total_minor: int
    code: str = ""
    told: str = ""


def less(basket: Basket, amount_minor: int, *, code: str = "", told: str = "") -> Discount:
    """Return a basket's sums when so much comes off."""
    net = Money(basket.price_minor - amount_minor, basket.currency)
    tax = net.tax(basket.tax_bps)
    return Discount(amount_minor, tax.amount_minor, (net + tax).amount_minor, code, told)


class Discounts(Protocol):
    """Who knows codes. Called in a turn: no network, claims in the turn's own commit; nothing here raises."""

    def reserve(self, turn: Turn, basket: Basket, key: str) -> Discount:
        """Set a use of the person's code aside for a payment; the same key again gets the first answer."""
        ...

    def redeem(self, turn: Turn, key: str) -> None:
        """Note that a payment came in, also after its use was released: then it counts as late."""
        ...

    def release(self, turn: Turn, key: str) -> None:
        """Give a use back: the payment expired, failed or was given up."""
        ...

    def refunded(self, turn: Turn, key: str, paid_at: datetime) -> None:
        """Note that all of a payment went back: within a day of the payment the use is there again (CP-8)."""
        ...


class NoDiscounts:
    """Nothing comes off: an installation without coupons."""

    def reserve(self, turn: Turn, basket: Basket, key: str) -> Discount:
        """Take nothing off."""
        return less(basket, 0)

    def redeem(self, turn: Turn, key: str) -> None:
        """Note nothing."""

    def release(self, turn: Turn, key: str) -> None:
        """Note nothing."""

    def refunded(self, turn: Turn, key: str, paid_at: datetime) -> None:
        """Note nothing."""


Reprice = Callable[["Turn"], bool]
"""Makes a person's open payments anew after they told a code; True when one follows with the new amount."""
