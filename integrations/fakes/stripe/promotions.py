"""Coupons and promotion codes: made by the API, read by checkouts of plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations.fakes.stripe.door import Given
from integrations.fakes.stripe.objects import Object
from integrations.fakes.stripe.parameters import Flag, Group, Loose, Metadata, Rows, Table, Text, Whole, Word
from integrations.fakes.stripe.refusal import StripeRefusal, no_such

if TYPE_CHECKING:
    from integrations.fakes.stripe.server import StripeFake

COUPON_CREATE: Table = {
    "expand": Rows(Text()),
    "amount_off": Whole(1),
    "applies_to": Loose(),
    "currency": Text(3),
    "currency_options": Loose(),
    "duration": Word(("forever", "once", "repeating")),
    "duration_in_months": Whole(1),
    "id": Text(200),
    "max_redemptions": Whole(1),
    "metadata": Metadata(),
    "name": Text(40),
    "percent_off": Loose(),
    "redeem_by": Whole(),
}
CODE_CREATE: Table = {
    "expand": Rows(Text()),
    "active": Flag(),
    "code": Text(500),
    "customer": Text(),
    "customer_account": Text(),
    "expires_at": Whole(),
    "max_redemptions": Whole(1),
    "metadata": Metadata(),
    "promotion": Group({"type": Word(("coupon",)), "coupon": Text()}, required=("type",)),
    "restrictions": Loose(),
}


class Promotions:
    """The coupons and codes of one account."""

    def __init__(self, stripe: StripeFake) -> None:
        self._stripe = stripe
        self.coupons, self.codes = stripe.book.shelf("coupon"), stripe.book.shelf("promotion_code")

    def create_coupon(self, given: Given) -> Object:
        """Answer `POST /v1/coupons`."""
        if ("amount_off" in given) == ("percent_off" in given):
            raise StripeRefusal("You must pass either `percent_off` or `amount_off`.", stored=True)
        if "amount_off" in given and "currency" not in given:
            message = "Must provide currency when specifying amount_off."
            raise StripeRefusal(message, param="currency", stored=True)
        name = given.get("id") or self._stripe.make_id("", 8)
        if name in self.coupons:
            raise StripeRefusal("Coupon already exists.", code="resource_already_exists", stored=True)
        made = {"id": name, "object": "coupon", "created": self._stripe.now(), "livemode": False, "valid": True}
        blank = {"percent_off": None, "amount_off": None, "times_redeemed": 0, "duration": "once"}
        self.coupons.put(name, {**blank, **given, **made}, kind="coupon.created")
        return dict(self.coupons[name])

    def create_code(self, given: Given) -> Object:
        """Answer `POST /v1/promotion_codes`."""
        coupon = given["promotion"].get("coupon")
        if coupon not in self.coupons:
            raise no_such("coupon", str(coupon), "promotion[coupon]")
        number = self._stripe.make_id("promo_1")
        made = {"id": number, "object": "promotion_code", "created": self._stripe.now(), "livemode": False}
        blank = {"active": True, "code": self._stripe.make_id("", 8).upper(), "times_redeemed": 0}
        self.codes.put(number, {**blank, **given, **made}, kind="promotion_code.created")
        return dict(self.codes[number])
