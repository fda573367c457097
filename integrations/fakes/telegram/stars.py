"""Payments in Telegram Stars: invoices, the pre-checkout question with its ten seconds, charges and refunds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from integrations.fakes.kit import FakeServer
from integrations.fakes.telegram import limits
from integrations.fakes.telegram.arguments import Arguments
from integrations.fakes.telegram.chats import Chats
from integrations.fakes.telegram.refusals import bad
from integrations.fakes.telegram.sending import Sending
from integrations.fakes.telegram.updates import Updates


class Stars:
    """sendInvoice, answerPreCheckoutQuery, refundStarPayment."""

    def __init__(self, server: FakeServer, chats: Chats, sending: Sending, updates: Updates) -> None:
        self._server, self._chats, self._sending, self._updates = server, chats, sending, updates
        self._checkouts, self._charges = server.book.shelf("checkout"), server.book.shelf("charge")

    @property
    def methods(self) -> dict[str, Callable[[Arguments], Any]]:
        """Return the methods by name."""
        return {
            "sendInvoice": self.send,
            "createInvoiceLink": self.link,
            "answerPreCheckoutQuery": self.answer,
            "refundStarPayment": self.refund,
        }

    def send(self, call: Arguments) -> dict[str, Any]:
        """Send an invoice for digital goods."""
        invoice, payload = self._invoice(call)
        return self._sending.deliver(call, {"invoice": invoice, "_payload": payload})

    def link(self, call: Arguments) -> str:
        """Make a link to an invoice; a subscription must last 30 days."""
        self._invoice(call)
        if call.integer("subscription_period", limits.SUBSCRIPTION_SECONDS) != limits.SUBSCRIPTION_SECONDS:
            raise bad("SUBSCRIPTION_PERIOD_INVALID")
        return "https://t.me/$" + self._server.make_id("", 20)

    def _invoice(self, call: Arguments) -> tuple[dict[str, Any], str]:
        payload, prices = call.text("payload"), call.structure("prices") or []
        if not 1 <= len(payload.encode()) <= limits.INVOICE_PAYLOAD_BYTES:
            raise bad("INVOICE_PAYLOAD_INVALID")
        if call.text("currency") != "XTR":
            raise bad("PAYMENT_PROVIDER_INVALID")
        if call.text("provider_token"):
            raise bad("provider_token must be empty for payments in Telegram Stars")
        total = sum(int(price["amount"]) for price in prices)
        if len(prices) != 1 or not 1 <= total <= limits.STARS:
            raise bad("STARS_INVOICE_INVALID")
        shown = {"title": call.text("title"), "description": call.text("description"), "start_parameter": ""}
        return {**shown, "currency": "XTR", "total_amount": total}, payload

    def begin(self, user_id: int, message: dict[str, Any]) -> str:
        """Let a person press Pay: ask the bot first; return the query's id."""
        query = self._server.make_id("", 18)
        facts = {
            "currency": message["invoice"]["currency"],
            "total_amount": message["invoice"]["total_amount"],
            "invoice_payload": message["_payload"],
        }
        entry = {"id": query, "user": user_id, "facts": facts, "at": self._server.clock.now().isoformat()}
        self._checkouts.put(query, {**entry, "state": "asked"}, kind="checkout.asked")
        content = {"id": query, "from": self._chats.user(user_id), **facts}
        self._updates.add("pre_checkout_query", content, user_id)
        return query

    def state(self, query: str) -> str:
        """Return asked, paid, declined or expired."""
        return str(self._checkouts[query]["state"])

    def answer(self, call: Arguments) -> bool:
        """Take the bot's yes or no within ten seconds; a yes charges at once."""
        found = self._checkouts.get(call.text("pre_checkout_query_id"))
        now = self._server.clock.now()
        if found is None or found["state"] != "asked":
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if now - datetime.fromisoformat(found["at"]) > limits.CHECKOUT_LIFE:
            self._checkouts.patch(found["id"], {"state": "expired"}, kind="checkout.expired")
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if not call.flag("ok"):
            if not call.text("error_message"):
                raise bad("error_message must be non-empty")
            change = {"state": "declined", "error": call.text("error_message")}
            self._checkouts.patch(found["id"], change, kind="checkout.declined")
            return True
        self._checkouts.patch(found["id"], {"state": "paid"}, kind="checkout.paid")
        self._charge(found)
        return True

    def _charge(self, checkout: dict[str, Any]) -> None:
        charge, user_id = self._server.make_id("stx", 40), checkout["user"]
        payment = {
            **checkout["facts"],
            "telegram_payment_charge_id": charge,
            "provider_payment_charge_id": "",
        }
        self._charges.put(charge, {"user": user_id, "payment": payment}, kind="charge.made")
        chat = self._chats.find(user_id)
        message = self._chats.add(chat, self._chats.user(user_id), {"successful_payment": payment})
        self._updates.add("message", message, user_id)

    def refund(self, call: Arguments) -> bool:
        """Give the Stars of a charge back, once."""
        found = self._charges.get(call.text("telegram_payment_charge_id"))
        if found is None or found["user"] != call.integer("user_id"):
            raise bad("CHARGE_NOT_FOUND")
        if found.get("refunded"):
            raise bad("CHARGE_ALREADY_REFUNDED")
        self._charges.patch(call.text("telegram_payment_charge_id"), {"refunded": True}, kind="charge.refunded")
        return True

    def expire(self) -> None:
        """Let questions that the bot did not answer within ten seconds fail."""
        now, life = self._server.clock.now(), timedelta(seconds=limits.CHECKOUT_LIFE.total_seconds())
        for checkout in self._checkouts:
            if checkout["state"] == "asked" and now - datetime.fromisoformat(checkout["at"]) > life:
                self._checkouts.patch(checkout["id"], {"state": "expired"}, kind="checkout.expired")
