"""What coupons answer to whoever opens a payment: reserved, redeemed, released (`bot.engine.discounts`, CP-5 to 8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.money import Money
from bot.engine.discounts import Basket, Discount, less
from bot.engine.turn import Turn
from handlers.billing.coupons import trying
from handlers.billing.coupons.checks import Failure
from handlers.billing.coupons.computing import off
from handlers.billing.orders.pricing import least_of
from storage.billing.coupons import codes, tries, uses
from storage.billing.coupons.codes import Coupon
from storage.billing.coupons.uses import RELEASED, Priced

RETURNS = timedelta(hours=24)
"""How soon a full refund gives a use back (CP-8)."""


class CouponDiscounts:
    """Who knows codes."""

    def reserve(self, turn: Turn, basket: Basket, key: str) -> Discount:
        """Set a use aside for a payment; a code that does not count says why, and the price stays."""
        known = uses.of_operation(turn.work, key)
        if known is not None:
            again = codes.load(turn.work, known.coupon_id)
            if again is None or known.state == RELEASED:
                return less(basket, 0)
            return _taken_off(turn, basket, again, known.discount_minor)
        tried = trying.typed(turn, basket.code, basket) if basket.code else trying.told_before(turn, basket)
        return _reserved(turn, basket, tried, key)

    def redeem(self, turn: Turn, key: str) -> None:
        """Count a use; the code then no longer waits for a payment."""
        done = uses.redeem(turn.work, key)
        if done is not None:
            tries.drop(turn.work, done.person_id, done.coupon_id)

    def release(self, turn: Turn, key: str) -> None:
        """Give a reserved use back."""
        uses.release(turn.work, key)

    def refunded(self, turn: Turn, key: str, paid_at: datetime) -> None:
        """Give a redeemed use back when all of the money went back within a day."""
        if turn.now - paid_at <= RETURNS:
            uses.release(turn.work, key, redeemed_within=RETURNS)


def _reserved(turn: Turn, basket: Basket, tried: trying.Tried, key: str) -> Discount:
    found, shown = tried[0], foreseen(turn, basket, tried)
    if found is None or shown.amount_minor == 0:
        return shown
    priced = Priced(key, basket.product, basket.currency, basket.price_minor, shown.amount_minor)
    refused = uses.reserve(turn.work, turn.person.id, found, priced)
    return less(basket, 0, told=trying.said(turn, Failure(refused))) if refused else shown


def foreseen(turn: Turn, basket: Basket, tried: trying.Tried) -> Discount:
    """Return what a code would take off; nothing is set aside."""
    found, failed = tried
    if found is None or failed is not None:
        return less(basket, 0, told="" if failed is None else trying.said(turn, failed))
    amount = discount_on(basket, found)
    return _taken_off(turn, basket, found, amount) if amount else less(basket, 0)


def discount_on(basket: Basket, of: Coupon) -> int:
    """Return what a coupon takes off a basket."""
    return off(of.terms, basket.price_minor, tax_bps=basket.tax_bps, minimum=least_of(basket.currency))


def _taken_off(turn: Turn, basket: Basket, of: Coupon, amount: int) -> Discount:
    told = turn.text("billing.coupon.off", code=of.code, amount=Money(-amount, basket.currency))
    return less(basket, amount, code=of.code, told=told)
