"""The account behind one secret key: its rooms, its routes, and what people and banks do to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.kit import FakeServer, reply
from integrations.fakes.stripe import plan_objects, plan_tables, tables
from integrations.fakes.stripe.checkout import Checkout
from integrations.fakes.stripe.door import API_VERSION, Answer, Door
from integrations.fakes.stripe.events import Events
from integrations.fakes.stripe.invoices import Invoices
from integrations.fakes.stripe.listing import expand
from integrations.fakes.stripe.objects import Object
from integrations.fakes.stripe.parameters import Table
from integrations.fakes.stripe.payments import Payments
from integrations.fakes.stripe.paypage import PayPage
from integrations.fakes.stripe.portal import Portal
from integrations.fakes.stripe.prices import Prices
from integrations.fakes.stripe.promotions import CODE_CREATE, COUPON_CREATE, Promotions
from integrations.fakes.stripe.refusal import StripeRefusal
from integrations.fakes.stripe.schedules import Schedules
from integrations.fakes.stripe.subscriptions import Subscriptions

__all__ = ["API_VERSION", "StripeFake"]

BANK_DEBIT_TAKES = timedelta(days=4)


class StripeFake(FakeServer):
    """Stripe. `api_key` None takes any well-formed secret key; `refund_status` is what new refunds answer."""

    def __init__(
        self,
        clock: Clock,
        book_path: Path | None = None,
        port: int = 0,
        *,
        webhook_url: str | None = None,
        webhook_secret: str = "whsec_demo",  # noqa: S107 - a stand-in's secret
        api_key: str | None = None,
        public_url: str | None = None,
        **server: Any,
    ) -> None:
        super().__init__("stripe", clock, book_path, port, **server)
        self.api_key, self._public_url = api_key, public_url
        self.livemode = False
        self.idempotency_key: str | None = None
        self.refund_status = "succeeded"
        self.events = Events(self, webhook_url, webhook_secret)
        self.checkout, self.payments = Checkout(self), Payments(self)
        self.promotions = Promotions(self)
        self.prices, self.invoices = Prices(self), Invoices(self)
        self.subscriptions, self.schedules, self.portal = Subscriptions(self), Schedules(self), Portal(self)
        self._settlements = self.book.shelf("settlement")
        self.pay_page = PayPage(self)
        self._add_routes(Door(self))

    def now(self) -> int:
        """Return the fake's time in Unix seconds."""
        return int(self.clock.now().timestamp())

    @property
    def public_url(self) -> str:
        """Where people's browsers reach the pay page."""
        return self._public_url or self.url

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Return Stripe's 5xx and 429."""
        if status == 429:
            refusal = StripeRefusal("Request rate limit exceeded.", code="rate_limit", status=429)
        else:
            refusal = StripeRefusal("An unknown error occurred.", type="api_error", status=status)
        headers = {} if retry_after is None else {"Retry-After": str(int(retry_after))}
        return reply(refusal.body(), status, headers)

    def expire_due(self) -> None:
        """Let time pass: sessions expire, delayed payments settle, plans renew."""
        self.checkout.expire_due()
        for entry in self._settlements:
            if entry["due"] <= self.now():
                self.settle(entry["session"], entry["outcome"])
        self.subscriptions.due()

    async def due(self) -> None:
        """Let time pass."""
        self.idempotency_key = None
        self.expire_due()

    def expand(self, thing: Object, paths: list[str]) -> Object:
        """Fill in the objects that a request asked to expand."""
        return expand(thing, paths, self._find)

    def _find(self, field: str, id: str) -> Object | None:
        if field == "line_items":
            return self.checkout.line_items({}, id)
        if field == "default_payment_method":
            return plan_objects.payment_method(id, self.livemode)
        shelves = {
            "payment_intent": self.payments.intents,
            "latest_charge": self.payments.charges,
            "charge": self.payments.charges,
            "customer": self.payments.customers,
            "refund": self.payments.refunds,
            "latest_invoice": self.invoices.shelf,
            "schedule": self.schedules.shelf,
            "subscription": self.subscriptions.shelf,
        }
        return shelves[field].get(id)

    # -- what people and banks do --------------------------------------------------------------------------------

    def pay(
        self, session: str, method: str = "card", *, outcome: str = "succeeded", after: timedelta | None = None
    ) -> None:
        """Pay an open session; `us_bank_account` is pending until `after` and then ends with `outcome`."""
        self.expire_due()
        self._payable(session)
        found = self.checkout.locate(session)
        if found["mode"] == "subscription":
            self._subscribe(found, method, outcome, after)
            return
        intent, charge = self.payments.attempt(found, method)
        if method == "card":
            self.payments.succeed(intent, charge)
            self.checkout.complete(session, paid=True)
            return
        self.payments.wait(intent, charge)
        self._settle_later(session, outcome, after)

    def _settle_later(self, session: str, outcome: str, after: timedelta | None) -> None:
        due = self.clock.now() + (BANK_DEBIT_TAKES if after is None else after)
        entry = {"session": session, "outcome": outcome, "due": int(due.timestamp())}
        self._settlements.put(session, entry)
        self.checkout.complete(session, paid=False)

    def _subscribe(self, found: Object, method: str, outcome: str, after: timedelta | None) -> None:
        """Begin a plan: paid by card, by a debit that is under way, or as a trial without either."""
        paid = method != "us_bank_account"
        self.subscriptions.begin(found, paid=paid, card=method == "card")
        if paid:
            self.checkout.complete(found["id"], paid=True)
        else:
            self._settle_later(found["id"], outcome, after)

    def decline(self, session: str, code: str = "card_declined") -> None:
        """Try to pay a session with a card that is declined; the session stays open."""
        self.expire_due()
        self._payable(session)
        self.payments.fail(*self.payments.attempt(self.checkout.locate(session), "card"), code)

    def settle(self, session: str, outcome: str = "succeeded") -> None:
        """End a delayed payment as `succeeded` or `failed`, now."""
        if session not in self._settlements:
            raise StripeRefusal(f"Nothing is pending for {session}.")
        self._settlements.drop(session)
        subscription = self.checkout.find(session)["subscription"]
        if subscription is not None:
            self.subscriptions.settle(subscription, paid=outcome == "succeeded")
            self.checkout.settle(session, paid=outcome == "succeeded")
            return
        intent = self.payments.intents[self.checkout.find(session)["payment_intent"]]
        if outcome == "succeeded":
            self.payments.succeed(intent["id"], intent["latest_charge"])
        else:
            self.payments.fail(intent["id"], intent["latest_charge"], "debit_not_authorized")
        self.checkout.settle(session, paid=outcome == "succeeded")

    def dispute(self, payment: str, reason: str = "fraudulent") -> str:
        """Dispute a charge or payment intent; return the dispute's id."""
        return str(self.payments.open_dispute(payment, reason)["id"])

    def _payable(self, session: str) -> Object:
        found = self.checkout.find(session)
        if found["status"] != "open":
            raise StripeRefusal(f"This Checkout Session is {found['status']}.")
        return found

    # -- routes --------------------------------------------------------------------------------------------------

    def _add_routes(self, door: Door) -> None:
        def api(method: str, path: str, name: str, table: Table, answer: Answer, *required: str) -> None:
            self.operation(method, "/v1/" + path, name, door.api(table, answer, required=required))

        c, p, e, t = self.checkout, self.payments, self.events, tables
        api("POST", "checkout/sessions", "checkout.sessions.create", plan_tables.SESSION_CREATE, c.create, "mode")
        api("GET", "checkout/sessions", "checkout.sessions.list", t.SESSION_LIST, c.list)
        api("GET", "checkout/sessions/{session}", "checkout.sessions.retrieve", t.READ, c.retrieve)
        api("POST", "checkout/sessions/{session}", "checkout.sessions.update", t.SESSION_UPDATE, c.update)
        api("POST", "checkout/sessions/{session}/expire", "checkout.sessions.expire", t.READ, c.expire)
        path = "checkout/sessions/{session}/line_items"
        api("GET", path, "checkout.sessions.list_line_items", t.SESSION_LIST, c.line_items)
        api("GET", "payment_intents", "payment_intents.list", t.INTENT_LIST, p.list_intents)
        api("GET", "payment_intents/{id}", "payment_intents.retrieve", t.READ, p.retrieve_intent)
        api("POST", "payment_intents/{id}", "payment_intents.update", t.INTENT_UPDATE, p.update_intent)
        api("GET", "charges", "charges.list", t.CHARGE_LIST, p.list_charges)
        api("GET", "charges/{id}", "charges.retrieve", t.READ, p.retrieve_charge)
        api("POST", "refunds", "refunds.create", t.REFUND_CREATE, p.create_refund)
        api("GET", "refunds", "refunds.list", t.REFUND_LIST, p.list_refunds)
        api("GET", "refunds/{id}", "refunds.retrieve", t.READ, p.retrieve_refund)
        api("POST", "refunds/{id}", "refunds.update", t.METADATA_UPDATE, p.update_refund)
        api("GET", "disputes", "disputes.list", t.DISPUTE_LIST, p.list_disputes)
        api("GET", "disputes/{id}", "disputes.retrieve", t.READ, p.retrieve_dispute)
        api("POST", "coupons", "coupons.create", COUPON_CREATE, self.promotions.create_coupon)
        code = self.promotions.create_code
        api("POST", "promotion_codes", "promotion_codes.create", CODE_CREATE, code, "promotion")
        api("POST", "customers", "customers.create", t.CUSTOMER_WRITE, p.create_customer)
        api("GET", "customers", "customers.list", t.CUSTOMER_LIST, p.list_customers)
        api("GET", "customers/{id}", "customers.retrieve", t.READ, p.retrieve_customer)
        api("POST", "customers/{id}", "customers.update", t.CUSTOMER_WRITE, p.update_customer)
        api("DELETE", "customers/{id}", "customers.delete", t.READ, p.delete_customer)
        api("GET", "events", "events.list", t.EVENT_LIST, e.list)
        api("GET", "events/{id}", "events.retrieve", t.READ, e.retrieve)
        made = ("url", "enabled_events")
        api("POST", "webhook_endpoints", "webhook_endpoints.create", t.ENDPOINT_CREATE, e.create_endpoint, *made)
        api("GET", "webhook_endpoints", "webhook_endpoints.list", t.SESSION_LIST, e.list_endpoints)
        api("GET", "webhook_endpoints/{id}", "webhook_endpoints.retrieve", t.READ, e.retrieve_endpoint)
        api("POST", "webhook_endpoints/{id}", "webhook_endpoints.update", t.ENDPOINT_UPDATE, e.update_endpoint)
        api("DELETE", "webhook_endpoints/{id}", "webhook_endpoints.delete", t.READ, e.delete_endpoint)
        self._add_plan_routes(api)
        self.operation("*", "/v1/{rest:.*}", "unknown", _unknown)

    def _add_plan_routes(self, api: Callable[..., None]) -> None:
        r, i, s, h, t = self.prices, self.invoices, self.subscriptions, self.schedules, plan_tables
        api("POST", "prices", "prices.create", t.PRICE_CREATE, r.create, "currency")
        api("GET", "prices", "prices.list", t.PRICE_LIST, r.list)
        api("GET", "prices/{id}", "prices.retrieve", tables.READ, r.retrieve)
        api("POST", "prices/{id}", "prices.update", t.PRICE_UPDATE, r.update)
        api("GET", "subscriptions", "subscriptions.list", t.SUBSCRIPTION_LIST, s.listing)
        api("GET", "subscriptions/{id}", "subscriptions.retrieve", tables.READ, s.retrieve)
        api("POST", "subscriptions/{id}", "subscriptions.update", t.SUBSCRIPTION_UPDATE, s.update)
        api("DELETE", "subscriptions/{id}", "subscriptions.cancel", t.SUBSCRIPTION_CANCEL, s.cancel)
        api("POST", "invoices/create_preview", "invoices.create_preview", t.PREVIEW, i.preview)
        api("GET", "invoices", "invoices.list", t.INVOICE_LIST, i.list)
        api("GET", "invoices/{id}", "invoices.retrieve", tables.READ, i.retrieve)
        payments = "invoice_payments"
        api("GET", payments, f"{payments}.list", t.INVOICE_PAYMENT_LIST, i.list_payments)
        api("GET", f"{payments}/{{id}}", f"{payments}.retrieve", tables.READ, i.retrieve_payment)
        made = "subscription_schedules"
        api("POST", made, f"{made}.create", t.SCHEDULE_CREATE, h.create)
        api("GET", made, f"{made}.list", tables.CUSTOMER_LIST, h.list)
        api("GET", f"{made}/{{id}}", f"{made}.retrieve", tables.READ, h.retrieve)
        api("POST", f"{made}/{{id}}", f"{made}.update", t.SCHEDULE_UPDATE, h.update)
        api("POST", f"{made}/{{id}}/release", f"{made}.release", t.SCHEDULE_RELEASE, h.release)
        api("POST", "billing_portal/sessions", "billing_portal.create", t.PORTAL_CREATE, self.portal.create, "customer")


async def _unknown(request: web.Request) -> web.StreamResponse:
    message = f"Unrecognized request URL ({request.method}: {request.path})."
    return reply(StripeRefusal(message, status=404).body(), 404)
