"""Invoices of subscriptions: previewed, charged, failed, tried again; `cards` says whose card is declined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations.fakes.stripe import plan_objects, taxes
from integrations.fakes.stripe.door import Given
from integrations.fakes.stripe.listing import page
from integrations.fakes.stripe.objects import Object, shown
from integrations.fakes.stripe.proration import period_end, share
from integrations.fakes.stripe.refusal import StripeRefusal, no_such

if TYPE_CHECKING:
    from integrations.fakes.stripe.server import StripeFake

RETRY_SECONDS = 5 * 86_400
TRIES = 4
"""A charge that failed is tried again so often; dunning beyond that is ours."""


class Invoices:
    """The invoices of one account."""

    def __init__(self, stripe: StripeFake) -> None:
        self._stripe = stripe
        self.shelf, self.cards = stripe.book.shelf("invoice"), stripe.book.shelf("card")
        self.payments = stripe.book.shelf("invoice_payment")

    def declines(self, customer: str) -> str | None:
        """Return the code with which a customer's card is declined, None for one that works."""
        found = self.cards.get(customer)
        return found["declines"] if found else None

    def bill(self, of: Object, lines: list[Object], reason: str, *, charge: bool = True) -> Object:
        """Make an invoice and charge it; nothing is asked for an amount of nothing or less."""
        amount = max(sum(line["amount"] for line in lines), 0)
        id = self._stripe.make_id("in_1")
        facts = {
            "amount_due": amount, "billing_reason": reason,
            "lines": {"object": "list", "data": lines, "has_more": False},
            "number": f"DEMO-{len(self.shelf) + 1:04d}", "hosted_invoice_url": f"{self._stripe.public_url}/i/{id}",
            "invoice_pdf": f"{self._stripe.public_url}/i/{id}/pdf",
        }  # fmt: skip
        facts |= taxes.of_invoice(of, of["items"]["data"][0]["price"], amount)
        made = plan_objects.invoice(id, self._stripe.now(), self._stripe.livemode, of, facts)
        self.shelf.put(id, made, kind="invoice.created", amount=made["amount_due"], subscription=of["id"])
        self._stripe.events.emit("invoice.created", made)
        if amount:
            intent = self._stripe.payments.expect(made)
            payment = plan_objects.invoice_payment(self._stripe.make_id("inpay_1"), made, intent)
            self.payments.put(payment["id"], payment, kind="invoice_payment.created", invoice=id)
        if charge:
            self.attempt(id)
        return self.shelf[id]

    def attempt(self, id: str) -> bool:
        """Charge an invoice; tell whether it is paid."""
        found, now = self.shelf[id], self._stripe.now()
        tried = found["attempt_count"] + 1
        code = self.declines(found["customer"]) if found["amount_due"] else None
        if code is None:
            done = {"status": "paid", "amount_paid": found["amount_due"], "amount_remaining": 0, "attempted": True,
                    "attempt_count": tried, "next_payment_attempt": None,
                    "status_transitions": {**found["status_transitions"], "paid_at": now}}  # fmt: skip
            self.shelf.patch(id, done, kind="invoice.paid", amount=found["amount_due"], subscription=self.of(found))
            self._pay(id, now)
            self._stripe.events.emit("invoice.paid", self.shelf[id])
            return True
        following = now + RETRY_SECONDS if tried < TRIES else None
        failed = {"attempted": True, "attempt_count": tried, "next_payment_attempt": following}
        self.shelf.patch(id, failed, kind="invoice.failed", code=code, subscription=self.of(found))
        for payment in self._waiting(id):
            self._stripe.payments.charge(payment["payment"]["payment_intent"], code)
        self._stripe.events.emit("invoice.payment_failed", self.shelf[id])
        return False

    def _waiting(self, id: str) -> list[Object]:
        return [one for one in self.payments if one["invoice"] == id and one["status"] == "open"]

    def _pay(self, id: str, now: int) -> None:
        """Charge what an invoice waits for, and note it as paid."""
        for payment in self._waiting(id):
            self._stripe.payments.charge(payment["payment"]["payment_intent"], None)
            transitions = {**payment["status_transitions"], "paid_at": now}
            paid = {"status": "paid", "amount_paid": payment["amount_requested"], "status_transitions": transitions}
            self.payments.patch(payment["id"], paid, kind="invoice_payment.paid", invoice=id)
            self._stripe.events.emit("invoice_payment.paid", self.payments[payment["id"]])

    @staticmethod
    def of(invoice: Object) -> str:
        """Return the subscription of an invoice."""
        return str(invoice["parent"]["subscription_details"]["subscription"])

    def change_lines(self, of: Object, price: Object, at: int) -> list[Object]:
        """Return the lines of a change at an instant: what is left of the old price back, the new one for it."""
        item = of["items"]["data"][0]
        old, start, end = item["price"], item["current_period_start"], item["current_period_end"]
        if not start <= at <= end:
            message = "`proration_date` must be within the current billing period of the subscription."
            raise StripeRefusal(message, param="proration_date")
        if of["status"] == "trialing":
            return []
        new, until = share(price["unit_amount"], at, start, end), end
        if price["recurring"]["interval"] != old["recurring"]["interval"]:
            new, until = price["unit_amount"], period_end(at, at, price["recurring"]["interval"])
        back = -share(old["unit_amount"], at, start, end)
        make, currency = self._stripe.make_id, of["currency"]
        return [
            plan_objects.line(make("il_1"), "Unused time", back, currency, (at, end)),
            plan_objects.line(make("il_1"), "Remaining time", new, currency, (at, until)),
        ]

    def price_lines(self, price: Object, start: int, end: int, cut: int = 0) -> list[Object]:
        """Return the line of a period."""
        make, amount = self._stripe.make_id, price["unit_amount"] - cut
        return [plan_objects.line(make("il_1"), "Subscription", amount, price["currency"], (start, end))]

    # -- the API -------------------------------------------------------------------------------------------------

    def preview(self, given: Given) -> Object:
        """Answer `POST /v1/invoices/create_preview`."""
        if "subscription" not in given:
            raise StripeRefusal("Missing required param: subscription.", code="parameter_missing", param="subscription")
        of = self._stripe.subscriptions.find(given["subscription"], "subscription")
        details = given.get("subscription_details", {})
        price = self._stripe.subscriptions.wanted(of, details.get("items"), "subscription_details[items]")
        at = details.get("proration_date", self._stripe.now())
        lines = self.change_lines(of, price, at)
        amount = max(sum(line["amount"] for line in lines), 0)
        facts = {"amount_due": amount, "billing_reason": "upcoming", "number": None, "hosted_invoice_url": None,
                 "lines": {"object": "list", "data": lines, "has_more": False}}  # fmt: skip
        facts |= taxes.of_invoice(of, price, amount)
        made = plan_objects.invoice(self._stripe.make_id("upcoming_in_1"), at, self._stripe.livemode, of, facts)
        return {**made, "status": "draft"}

    def list(self, given: Given) -> Object:
        """Answer `GET /v1/invoices`."""
        wanted = given.get("subscription")
        found = [one for one in self.shelf if wanted is None or self.of(one) == wanted]
        return page(found, given, "/v1/invoices", ("customer", "status"))

    def list_payments(self, given: Given) -> Object:
        """Answer `GET /v1/invoice_payments`."""
        wanted = given.get("payment", {}).get("payment_intent")
        found = [one for one in self.payments if wanted is None or one["payment"]["payment_intent"] == wanted]
        return page(found, given, "/v1/invoice_payments", ("invoice", "status"))

    def retrieve_payment(self, given: Given, id: str) -> Object:
        """Answer `GET /v1/invoice_payments/{id}`."""
        found = self.payments.get(id)
        if found is None:
            raise no_such("invoice_payment", id)
        return shown(found)

    def retrieve(self, given: Given, id: str) -> Object:
        """Answer `GET /v1/invoices/{id}`."""
        found = self.shelf.get(id)
        if found is None:
            raise no_such("invoice", id)
        return shown(found)
