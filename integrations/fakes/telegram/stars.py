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
from integrations.fakes.telegram.seen import INVOICES
from integrations.fakes.telegram.sending import Sending
from integrations.fakes.telegram.updates import Updates


class Stars:
    """Invoices and their links, checkouts, charges, subscriptions that renew, refunds, the list of transactions."""

    def __init__(self, server: FakeServer, chats: Chats, sending: Sending, updates: Updates) -> None:
        self._server, self._chats, self._sending, self._updates = server, chats, sending, updates
        self._checkouts, self._charges = server.book.shelf("checkout"), server.book.shelf("charge")
        self._links, self._plans = server.book.shelf("invoice_link"), server.book.shelf("star_subscription")

    @property
    def methods(self) -> dict[str, Callable[[Arguments], Any]]:
        """Return the methods by name."""
        return {
            "sendInvoice": self.send,
            "createInvoiceLink": self.link,
            "answerPreCheckoutQuery": self.answer,
            "refundStarPayment": self.refund,
            "editUserStarSubscription": self.edit,
            "getStarTransactions": self.transactions,
        }

    def send(self, call: Arguments) -> dict[str, Any]:
        """Send an invoice for digital goods."""
        invoice, payload = self._invoice(call)
        sent = self._sending.deliver(call, {"invoice": invoice, "_payload": payload})
        if "reply_markup" not in call:
            keys = {"inline_keyboard": [[{"text": f"Pay {invoice['total_amount']} Stars", "pay": True}]]}
            self._chats.change(call.integer("chat_id"), sent["message_id"], {"reply_markup": keys})
        return sent

    def link(self, call: Arguments) -> str:
        """Make a link to an invoice; a subscription must last 30 days."""
        invoice, payload = self._invoice(call)
        if call.integer("subscription_period", limits.SUBSCRIPTION_SECONDS) != limits.SUBSCRIPTION_SECONDS:
            raise bad("SUBSCRIPTION_PERIOD_INVALID")
        url, renews = INVOICES + self._server.make_id("", 20), "subscription_period" in call
        self._links.put(url, {"invoice": invoice, "_payload": payload, "renews": renews}, kind="invoice.linked")
        return url

    def linked(self, url: str) -> dict[str, Any]:
        """Return the invoice behind a link; raise LookupError for none."""
        found = self._links.get(url)
        if found is None:
            raise LookupError("that link is no invoice")
        return found

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
        entry["renews"] = bool(message.get("renews"))
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
        self._charge(found["user"], found["facts"], self._begun(found) if found["renews"] else {})
        return True

    def _begun(self, checkout: dict[str, Any]) -> dict[str, Any]:
        """Begin a subscription of 30 days."""
        until = self._server.clock.now() + timedelta(seconds=limits.SUBSCRIPTION_SECONDS)
        entry = {"plan": checkout["id"], "user": checkout["user"], "facts": checkout["facts"], "first": ""}
        entry["until"] = until.isoformat()
        self._plans.put(checkout["id"], entry, kind="subscription.begun")
        flags = {"is_recurring": True, "is_first_recurring": True, "_plan": checkout["id"]}
        return {**flags, "subscription_expiration_date": int(until.timestamp())}

    def renew(self) -> None:
        """Charge every subscription whose 30 days are over, unless it was cancelled."""
        now = self._server.clock.now()
        for plan in list(self._plans):
            until = datetime.fromisoformat(plan["until"])
            if plan.get("canceled") or plan.get("broke") or until > now:
                continue
            until += timedelta(seconds=limits.SUBSCRIPTION_SECONDS)
            self._plans.patch(plan["plan"], {"until": until.isoformat()}, kind="subscription.renewed")
            flags = {"is_recurring": True, "subscription_expiration_date": int(until.timestamp())}
            self._charge(plan["user"], plan["facts"], flags)

    def break_off(self, charge: str) -> None:
        """Let a person run out of Stars: their subscription is charged no more."""
        self._plans.patch(self._plan_of(charge), {"broke": True}, kind="subscription.broke")

    def _plan_of(self, charge: str) -> str:
        found = next((one["plan"] for one in self._plans if one["first"] == charge), None)
        if found is None:
            raise bad("SUBSCRIPTION_NOT_FOUND")
        return str(found)

    def edit(self, call: Arguments) -> bool:
        """Cancel a subscription's renewal or take that back; it is named by its first charge."""
        plan = self._plan_of(call.text("telegram_payment_charge_id"))
        if self._plans[plan]["user"] != call.integer("user_id"):
            raise bad("USER_NOT_FOUND")
        change = {"canceled": call.flag("is_canceled")}
        self._plans.patch(plan, change, kind="subscription.edited")
        return True

    def transactions(self, call: Arguments) -> dict[str, Any]:
        """List what came in and what went back, oldest first."""
        offset, limit = call.integer("offset", 0), call.integer("limit", 100)
        found = [self._transaction(one, "source") for one in self._charges]
        found += [self._transaction(one, "receiver") for one in self._charges if one.get("refunded")]
        found.sort(key=lambda one: int(one["date"]))
        return {"transactions": found[offset : offset + limit]}

    def _transaction(self, charge: dict[str, Any], side: str) -> dict[str, Any]:
        payment = charge["payment"]
        partner = {
            "type": "user",
            "transaction_type": "invoice_payment",
            "user": self._chats.user(charge["user"]),
            "invoice_payload": payment["invoice_payload"],
        }
        at = charge["at"] if side == "source" else charge["refunded"]
        name = payment["telegram_payment_charge_id"]
        return {"id": name, "amount": payment["total_amount"], "date": at, side: partner}

    def _charge(self, user_id: int, facts: dict[str, Any], flags: dict[str, Any]) -> None:
        charge, plan = self._server.make_id("stx", 40), flags.pop("_plan", None)
        payment = {**facts, **flags, "telegram_payment_charge_id": charge, "provider_payment_charge_id": ""}
        if plan is not None:
            self._plans.patch(plan, {"first": charge}, kind="subscription.paid")
        at = int(self._server.clock.now().timestamp())
        self._charges.put(charge, {"user": user_id, "payment": payment, "at": at}, kind="charge.made")
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
        change = {"refunded": int(self._server.clock.now().timestamp())}
        self._charges.patch(call.text("telegram_payment_charge_id"), change, kind="charge.refunded")
        return True

    def expire(self) -> None:
        """Let questions that the bot did not answer within ten seconds fail."""
        now, life = self._server.clock.now(), timedelta(seconds=limits.CHECKOUT_LIFE.total_seconds())
        for checkout in self._checkouts:
            if checkout["state"] == "asked" and now - datetime.fromisoformat(checkout["at"]) > life:
                self._checkouts.patch(checkout["id"], {"state": "expired"}, kind="checkout.expired")
