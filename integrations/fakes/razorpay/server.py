"""Payment links with a page where a person pays by UPI, refunds, and the webhooks that tell of both.

No description of Razorpay's API can be had as data: what it asks of a request stands in `_LINK` and the checks beside.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.kit import FakeServer, Handler, Hook, Webhooks, reply

_LINK = {
    "amount": int, "currency": str, "accept_partial": bool, "reference_id": str, "description": str, "expire_by": int,
    "notify": dict, "reminder_enable": bool, "notes": dict, "callback_url": str, "callback_method": str,
}  # fmt: skip
_SOON = timedelta(minutes=15)
_PAGE = 100
_LISTED = (("from", 0), ("count", 10), ("skip", 0))
"""What a list of payments may be asked for, with what Razorpay takes where it is left out."""


class _Refused(Exception):
    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.description, self.status = description, status


class RazorpayFake(FakeServer):
    """The service. `pay(link)` and `fail(link)` do what a person does at the link's page."""

    def __init__(
        self,
        clock: Clock,
        book_path: Path | None = None,
        port: int = 0,
        *,
        webhook_url: str | None = None,
        webhook_secret: str = "rzp-hook",  # noqa: S107 - a stand-in's own
        key_id: str = "rzp_test_fake",
        key_secret: str = "",
        public_url: str = "",
        **server: Any,
    ) -> None:
        super().__init__("razorpay", clock, book_path, port, **server)
        self._secret, self._auth, self._public = webhook_secret, (key_id, key_secret), public_url
        self.hook = Webhooks(self, self._sign, target=webhook_url)
        self.links, self.payments = self.book.shelf("link"), self.book.shelf("payment")
        self.refunds = self.book.shelf("refund")
        self.refund_status = "processed"
        api = (
            ("POST", "/v1/payment_links", "link_create", self._create),
            ("GET", "/v1/payment_links", "link_list", self._list),
            ("GET", "/v1/payment_links/{id}", "link_read", self._read),
            ("POST", "/v1/payment_links/{id}/cancel", "link_cancel", self._cancel),
            ("GET", "/v1/payments", "payment_list", self._list_payments),
            ("POST", "/v1/payments/{id}/refund", "refund_create", self._refund),
            ("GET", "/v1/payments/{id}/refunds", "refund_list", self._list_refunds),
            ("GET", "/v1/refunds", "refund_list_all", self._list_all_refunds),
        )
        for method, path, name, act in api:
            self.operation(method, path, name, self._guarded(act))
        self.page("GET", "/l/{id}", self._show)
        self.page("POST", "/l/{id}", self._take)

    # -- what people do ------------------------------------------------------------------------------------------

    def pay(self, link_id: str, method: str = "upi") -> str:
        """Pay an open link; return the payment's id."""
        link = self._open(link_id)
        payment = self._payment(link, method, "captured")
        paid = {"payment_id": payment["id"], "amount": link["amount"], "status": "captured", "method": method}
        changes = {"status": "paid", "amount_paid": link["amount"], "payments": [paid]}
        self.links.patch(link_id, changes, kind="link.paid", reference=link["reference_id"])
        self._tell("payment.captured", payment=payment)
        self._tell("payment_link.paid", payment_link=self.links[link_id], payment=payment)
        return str(payment["id"])

    def fail(self, link_id: str) -> None:
        """Try to pay an open link in vain; the link stays open."""
        self._tell("payment.failed", payment=self._payment(self._open(link_id), "card", "failed"))

    def _payment(self, link: dict[str, Any], method: str, status: str) -> dict[str, Any]:
        made = {
            "id": self.make_id("pay_", 14), "entity": "payment", "amount": link["amount"], "method": method,
            "currency": link["currency"], "status": status, "amount_refunded": 0, "notes": link["notes"],
            "created_at": int(self.clock.now().timestamp()),
        }  # fmt: skip
        self.payments.put(made["id"], made, kind=f"payment.{status}", amount=link["amount"])
        return made

    def _open(self, link_id: str) -> dict[str, Any]:
        self.expire_due()
        if link_id not in self.links or self.links[link_id]["status"] != "created":
            raise _Refused("The link is not open")
        return self.links[link_id]

    def expire_due(self) -> None:
        """Let links end whose time is over."""
        now = self.clock.now().timestamp()
        for link in self.links:
            if link["status"] == "created" and link["expire_by"] <= now:
                self.links.patch(link["id"], {"status": "expired"}, kind="link.expired")
                self._tell("payment_link.expired", payment_link=self.links[link["id"]])

    async def due(self) -> None:
        """Let time pass."""
        self.expire_due()

    # -- webhooks --------------------------------------------------------------------------------------------------

    def _tell(self, kind: str, **things: dict[str, Any]) -> None:
        payload = {name: {"entity": thing} for name, thing in things.items()}
        body = {"entity": "event", "event": kind, "contains": list(things), "payload": payload}
        stamped = body | {"created_at": int(self.clock.now().timestamp())}
        self.hook.send(self.make_id("evt_", 14), kind, json.dumps(stamped, separators=(",", ":")))

    def _sign(self, hook: Hook, now: Any) -> dict[str, str]:
        signature = hmac.digest(self._secret.encode(), hook.body.encode(), "sha256").hex()
        return {"X-Razorpay-Signature": signature, "X-Razorpay-Event-Id": hook.id}

    # -- the API ---------------------------------------------------------------------------------------------------

    def _guarded(self, act: Any) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            expected = "Basic " + base64.b64encode(":".join(self._auth).encode()).decode()
            if self._auth[1] and request.headers.get("Authorization") != expected:
                return _error("Authentication failed", 401)
            try:
                self.expire_due()
                body = await request.read()
                given = json.loads(body) if body else {}
                return reply(act(request, given))
            except _Refused as refusal:
                return _error(refusal.description, refusal.status)
            except (ValueError, TypeError, AttributeError):
                return _error("The request could not be read", 400)

        return handle

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Answer a fault as Razorpay does."""
        headers = {} if retry_after is None else {"Retry-After": str(int(retry_after))}
        return _error("We are facing some trouble", status, headers)

    def _create(self, request: web.Request, given: dict[str, Any]) -> dict[str, Any]:
        for name, value in given.items():
            if name not in _LINK or not isinstance(value, _LINK[name]):
                raise _Refused(f"{name} is/are not required and should not be sent")
        if given.get("amount", 0) < 100 or len(given.get("currency", "")) != 3:
            raise _Refused("The amount must be at least INR 1.00")
        if not 0 < len(given.get("reference_id", "")) <= 40 or len(given.get("notes", {})) > 15:
            raise _Refused("The reference id may not be longer than 40")
        if any(link["reference_id"] == given["reference_id"] for link in self.links):
            raise _Refused("payment link creation with reference_id exists already")
        if given["expire_by"] < (self.clock.now() + _SOON).timestamp():
            raise _Refused("expire_by should be at least 15 minutes after current time")
        number = self.make_id("plink_", 14)
        made = given | {
            "id": number, "status": "created", "amount_paid": 0, "payments": None,
            "short_url": f"{self._public or self.url}/l/{number}", "created_at": int(self.clock.now().timestamp()),
        }  # fmt: skip
        self.links.put(number, made, kind="link.created", reference=given["reference_id"], amount=given["amount"])
        return made

    def _list(self, request: web.Request, given: dict[str, Any]) -> dict[str, Any]:
        wanted = request.query.get("reference_id")
        return {"payment_links": [one for one in self.links if wanted in (None, one["reference_id"])]}

    def _read(self, request: web.Request, given: dict[str, Any]) -> dict[str, Any]:
        found = self.links.get(request.match_info["id"])
        if found is None:
            raise _Refused("The id provided does not exist", 400)
        return found

    def _cancel(self, request: web.Request, given: dict[str, Any]) -> dict[str, Any]:
        found = self._read(request, given)
        if found["status"] != "created":
            raise _Refused(f"Payment link is {found['status']}")
        self.links.patch(found["id"], {"status": "cancelled"}, kind="link.cancelled")
        return self.links[found["id"]]

    def _refund(self, request: web.Request, given: dict[str, Any]) -> dict[str, Any]:
        payment = self.payments.get(request.match_info["id"])
        if payment is None or payment["status"] not in ("captured", "refunded"):
            raise _Refused("The payment does not exist or was not captured")
        amount = given["amount"]
        if not isinstance(amount, int) or not 0 < amount <= payment["amount"] - payment["amount_refunded"]:
            raise _Refused("The total refund amount is greater than the refund payment amount")
        if any(one["receipt"] == given["receipt"] for one in self.refunds):
            raise _Refused("The receipt is taken")
        made = {
            "id": self.make_id("rfnd_", 14), "entity": "refund", "amount": amount, "currency": payment["currency"],
            "payment_id": payment["id"], "receipt": given["receipt"], "notes": given["notes"],
            "status": self.refund_status, "created_at": int(self.clock.now().timestamp()),
        }  # fmt: skip
        self.payments.patch(payment["id"], {"amount_refunded": payment["amount_refunded"] + amount})
        self.refunds.put(made["id"], made, kind="refund.created", amount=amount, payment=payment["id"])
        if made["status"] == "processed":
            self._tell("refund.processed", refund=made)
        return made

    def _list_payments(self, request: web.Request, given: dict[str, Any]) -> dict[str, Any]:
        return _listed(request, self.payments)

    def _list_all_refunds(self, request: web.Request, given: dict[str, Any]) -> dict[str, Any]:
        return _listed(request, self.refunds)

    def _list_refunds(self, request: web.Request, given: dict[str, Any]) -> dict[str, Any]:
        mine = [one for one in self.refunds if one["payment_id"] == request.match_info["id"]]
        return {"entity": "collection", "count": len(mine), "items": mine}

    # -- the page ----------------------------------------------------------------------------------------------------

    async def _show(self, request: web.Request) -> web.Response:
        found = self.links.get(request.match_info["id"])
        if found is None or found["status"] != "created":
            return web.Response(text="This link is not open.", status=410)
        amount = f"{found['amount'] / 100:,.2f} {found['currency']}"
        button = '<form method="post"><button>Pay by UPI</button></form>'
        text = f"<!doctype html><title>Pay (demo)</title><h1>{amount}</h1>{button}<p>A stand-in: no money moves.</p>"
        return web.Response(text=text, content_type="text/html")

    async def _take(self, request: web.Request) -> web.Response:
        try:
            self.pay(request.match_info["id"])
        except _Refused:
            return web.Response(text="This link is not open.", status=410)
        raise web.HTTPSeeOther(self.links[request.match_info["id"]]["callback_url"])


def _listed(request: web.Request, shelf: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return a page of a list, the newest first."""
    since, count, skip = (int(request.query.get(name, usual)) for name, usual in _LISTED)
    if not 1 <= count <= _PAGE or skip < 0:
        raise _Refused("The count must be between 1 and 100")
    found = [one for one in shelf if one["created_at"] >= since][::-1]
    return {"entity": "collection", "count": len(found[skip:][:count]), "items": found[skip:][:count]}


def _error(description: str, status: int, headers: dict[str, str] | None = None) -> web.Response:
    code = "BAD_REQUEST_ERROR" if status < 500 else "SERVER_ERROR"
    return reply({"error": {"code": code, "description": description}}, status, headers)
