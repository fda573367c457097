"""Checkout Sessions: made, listed, expired, and paid or not by the person at the pay page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from integrations.fakes.stripe import objects, taxes
from integrations.fakes.stripe.door import Given
from integrations.fakes.stripe.listing import page
from integrations.fakes.stripe.objects import Object, shown
from integrations.fakes.stripe.refusal import StripeRefusal, no_such

if TYPE_CHECKING:
    from integrations.fakes.stripe.server import StripeFake

_LEAST = {"usd": 50, "eur": 50, "gbp": 30, "cad": 50, "aud": 50, "inr": 50, "jpy": 50, "mxn": 1000, "chf": 50}
"""Smallest charge by currency, in minor units."""


class Checkout:
    """The sessions of one account."""

    def __init__(self, stripe: StripeFake) -> None:
        self._stripe = stripe
        self.shelf = stripe.book.shelf("session")
        self._open = {s["id"]: s["expires_at"] for s in self.shelf if s["status"] == "open"}

    # -- the API -------------------------------------------------------------------------------------------------

    def create(self, given: Given) -> Object:
        """Answer `POST /v1/checkout/sessions`."""
        self._check(given)
        total = self._total(given) if given["mode"] == "payment" else self._plan_total(given)
        mode = "live" if self._stripe.livemode else "test"
        id = self._stripe.make_id(f"cs_{mode}_a1", 56)
        url = f"{self._stripe.public_url}/c/pay/{id}"
        made = objects.session(id, self._stripe.now(), self._stripe.livemode, given, total, url)
        facts = {"amount": total["amount"], "currency": total["currency"], "reference": made["client_reference_id"]}
        self.shelf.put(id, made, kind="session.created", **facts)
        self._open[id] = made["expires_at"]
        return shown(made)

    def _check(self, given: Given) -> None:
        if given["mode"] == "setup":
            raise StripeRefusal(f"Mode `{given['mode']}` is not part of this fake yet.", param="mode")
        if "success_url" not in given and given.get("ui_mode", "hosted_page") == "hosted_page":
            message = "Missing required param: success_url."
            raise StripeRefusal(message, code="parameter_missing", param="success_url")
        if "customer" in given and "customer_email" in given:
            raise StripeRefusal("You may only specify one of these parameters: customer, customer_email.")
        if "customer" in given and given["customer"] not in self._stripe.payments.customers:
            raise no_such("customer", given["customer"], "customer")
        self._check_expiry(given.get("expires_at"))
        self._check_mode(given)

    def _check_mode(self, given: Given) -> None:
        renews = given["mode"] == "subscription"
        for name in ("payment_intent_data", "customer_creation", "invoice_creation", "submit_type"):
            if renews and name in given:
                raise StripeRefusal(f"You can not pass `{name}` in `subscription` mode.", param=name)
        for name in ("subscription_data", "payment_method_collection"):
            if not renews and name in given:
                raise StripeRefusal(f"You can not pass `{name}` in `payment` mode.", param=name)
        if "discounts" in given and given.get("allow_promotion_codes"):
            raise StripeRefusal("You may only specify one of these parameters: allow_promotion_codes, discounts.")

    def _check_expiry(self, at: int | None) -> None:
        if at is None:
            return
        ahead = at - self._stripe.now()
        if ahead > 86_400:
            message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
            raise StripeRefusal(message, param="expires_at")
        if ahead < 1_800:
            message = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
            raise StripeRefusal(message, param="expires_at")

    def _total(self, given: Given) -> Object:
        if not given.get("line_items"):
            message = "You must specify at least one of `line_items`."
            raise StripeRefusal(message, code="parameter_missing", param="line_items")
        priced = [self._price(line, n) for n, line in enumerate(given["line_items"])]
        currencies = {line["price_data"]["currency"].lower() for line in priced}
        if len(currencies) > 1:
            raise StripeRefusal("All line items must use the same currency.", param="line_items")
        currency = currencies.pop()
        amount = sum(line["unit_amount"] * line["quantity"] for line in priced)
        if amount < _LEAST.get(currency, 50):
            least = f"{_LEAST.get(currency, 50) / 100:.2f} {currency}"
            message = f"The Checkout Session's total amount due must add up to at least {least}"
            raise StripeRefusal(message, code="amount_too_small", stored=True)
        if amount > 99_999_999:
            message = "The Checkout Session's total amount due must be no more than 999,999.99"
            raise StripeRefusal(message, code="amount_too_large", stored=True)
        make = self._stripe.make_id
        lines = [objects.line_item(make("li_1"), make("price_1"), make("prod_", 14), line) for line in priced]
        behaviour = priced[0]["price_data"].get("tax_behavior")
        return {"currency": currency, "amount": amount, "lines": lines, "tax_behavior": behaviour}

    def _plan_total(self, given: Given) -> Object:
        """Return what is due now of a plan: nothing in a trial; a promotion code takes off what it says."""
        lines = given.get("line_items") or [{}]
        if len(lines) != 1 or "price" not in lines[0]:
            message = "This fake sells one recurring price by its id in `subscription` mode."
            raise StripeRefusal(message, code="parameter_missing", param="line_items")
        price = self._stripe.prices.recurring(lines[0]["price"], "line_items[0][price]")
        cut = self._cut(given, price["unit_amount"])
        amount = 0 if given.get("subscription_data", {}).get("trial_period_days") else price["unit_amount"] - cut
        data = {"currency": price["currency"], "product_data": {"name": self._name_of(price)}}
        line = {"price_data": data, "unit_amount": amount, "quantity": 1}
        made = objects.line_item(self._stripe.make_id("li_1"), price["id"], price["product"], line)
        return {
            "currency": price["currency"], "amount": amount, "lines": [made], "price": price, "cut": cut,
            "tax_behavior": price["tax_behavior"],
        }  # fmt: skip

    def _name_of(self, price: Object) -> str:
        return str(self._stripe.prices.products[price["product"]]["name"])

    def _cut(self, given: Given, amount: int) -> int:
        """Return what promotion codes take off; the shelf of codes is another room's, absent codes are refused."""
        codes = [one["promotion_code"] for one in given.get("discounts", []) if "promotion_code" in one]
        if not codes:
            return 0
        found = self._stripe.book.shelf("promotion_code").get(codes[0])
        if found is None:
            raise no_such("promotion code", codes[0], "discounts[0][promotion_code]")
        coupon = found["promotion"]["coupon"]
        coupon = self._stripe.book.shelf("coupon").get(coupon) if isinstance(coupon, str) else coupon
        percent, off = (coupon or {}).get("percent_off"), (coupon or {}).get("amount_off")
        return min(amount, round(amount * percent / 100) if percent else off or 0)

    def _price(self, line: Given, n: int) -> Given:
        where = f"line_items[{n}]"
        if "quantity" not in line:
            name = f"{where}[quantity]"
            raise StripeRefusal(f"Missing required param: {name}.", code="parameter_missing", param=name)
        if ("price" in line) == ("price_data" in line):
            message = "You must specify either `price` or `price_data` for each line item."
            raise StripeRefusal(message, param=where)
        if "price" in line:
            raise no_such("price", line["price"], f"{where}[price]")
        data = line["price_data"]
        if not re.fullmatch(r"[a-zA-Z]{3}", data["currency"]):
            raise StripeRefusal(f"Invalid currency: {data['currency']}", param=f"{where}[price_data][currency]")
        if ("product" in data) == ("product_data" in data):
            message = "You must specify either `product` or `product_data` when creating a price."
            raise StripeRefusal(message, param=f"{where}[price_data]")
        if "product" in data:
            raise no_such("product", data["product"], f"{where}[price_data][product]")
        if "recurring" in data:
            message = "You specified `payment` mode but passed a recurring price."
            raise StripeRefusal(message, param=f"{where}[price_data][recurring]")
        return {**line, "unit_amount": _unit_amount(data, f"{where}[price_data]")}

    def retrieve(self, given: Given, session: str) -> Object:
        """Answer `GET /v1/checkout/sessions/{session}`."""
        return shown(self.find(session))

    def update(self, given: Given, session: str) -> Object:
        """Answer `POST /v1/checkout/sessions/{session}`: metadata are merged, empty values unset a key."""
        found = self.find(session)
        self.shelf.patch(session, {"metadata": merged(found["metadata"], given.get("metadata"))})
        return shown(self.find(session))

    def list(self, given: Given) -> Object:
        """Answer `GET /v1/checkout/sessions`."""
        keep = ("customer", "payment_intent", "payment_link", "status", "subscription")
        email = given.get("customer_details", {}).get("email")
        sessions = [s for s in self.shelf if email is None or (s["customer_details"] or {}).get("email") == email]
        return page(sessions, given, "/v1/checkout/sessions", keep)

    def line_items(self, given: Given, session: str) -> Object:
        """Answer `GET /v1/checkout/sessions/{session}/line_items`."""
        lines = self.find(session)["_lines"]
        url = f"/v1/checkout/sessions/{session}/line_items"
        return {"object": "list", "data": lines, "has_more": False, "url": url}

    def expire(self, given: Given, session: str) -> Object:
        """Answer `POST /v1/checkout/sessions/{session}/expire`."""
        found = self.find(session)
        if found["status"] != "open":
            message = (
                'Only Checkout Sessions with a status in ["open"] can be expired. '
                f"This Checkout Session has a status of `{found['status']}`."
            )
            raise StripeRefusal(message, stored=True)
        self._expire(session)
        return shown(self.find(session))

    # -- what happens by itself and at the pay page --------------------------------------------------------------

    def find(self, id: str) -> Object:
        """Return a session with its inner fields; raise StripeRefusal when there is none."""
        found = self.shelf.get(id)
        if found is None:
            raise no_such("checkout.session", id)
        return found

    def expire_due(self) -> None:
        """Expire the open sessions whose time is over."""
        now = self._stripe.now()
        for id in [id for id, at in self._open.items() if at <= now]:
            self._expire(id)

    def _expire(self, id: str) -> None:
        self.shelf.patch(id, {"status": "expired", "url": None}, kind="session.expired")
        self._open.pop(id, None)
        self._stripe.events.emit("checkout.session.expired", self.find(id))

    def locate(self, id: str) -> Object:
        """Take the buyer's address, by which automatic tax is worked out; return the session as it then is."""
        found = self.find(id)
        if found["automatic_tax"]["status"] == "requires_location_inputs":
            self.shelf.patch(id, taxes.of_session(found), kind="session.taxed")
        return self.find(id)

    def link_intent(self, id: str, intent: str) -> None:
        """Note the payment intent of a session that a person tried to pay."""
        self.shelf.patch(id, {"payment_intent": intent}, kind="session.attempted")

    def complete(self, id: str, *, paid: bool, email: str | None = None) -> None:
        """Close a session after its payment went through or, with `paid` false, is under way."""
        found = self.find(id)
        person = {"address": None, "business_name": None, "email": email or found["customer_email"]}
        details: dict[str, Any] = {**person, "individual_name": None, "name": None, "phone": None}
        changes = {
            "status": "complete",
            "payment_status": _paid_as(found) if paid else "unpaid",
            "customer_details": {**details, "tax_exempt": "none", "tax_ids": []},
            "url": None,
        }
        self.shelf.patch(id, changes, kind="session.completed", paid=paid, reference=found["client_reference_id"])
        self._open.pop(id, None)
        self._stripe.events.emit("checkout.session.completed", self.find(id))

    def settle(self, id: str, *, paid: bool) -> None:
        """Tell how a delayed payment ended."""
        if paid:
            self.shelf.patch(id, {"payment_status": "paid"}, kind="session.paid")
        type = "async_payment_succeeded" if paid else "async_payment_failed"
        self._stripe.events.emit(f"checkout.session.{type}", self.find(id))


def _paid_as(session: Object) -> str:
    return "paid" if session["amount_total"] else "no_payment_required"


def merged(before: dict[str, str], given: dict[str, str] | None) -> dict[str, str]:
    """Return metadata after an update."""
    return {key: value for key, value in {**before, **(given or {})}.items() if value != ""}


def _unit_amount(data: Given, where: str) -> int:
    if ("unit_amount" in data) == ("unit_amount_decimal" in data):
        message = "You must specify either `unit_amount` or `unit_amount_decimal`."
        raise StripeRefusal(message, code="parameter_missing", param=f"{where}[unit_amount]")
    if "unit_amount" in data:
        return int(data["unit_amount"])
    text = data["unit_amount_decimal"]
    if not re.fullmatch(r"\d{1,12}(\.0{1,12})?", text):
        raise StripeRefusal(f"Invalid decimal: {text}", param=f"{where}[unit_amount_decimal]")
    return int(text.partition(".")[0])
