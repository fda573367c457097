"""Plaid behind its keys: the API's operations, the hosted page, and the bank's counter."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.kit import FakeServer, Handler, Webhooks, reply
from integrations.fakes.plaid import requests
from integrations.fakes.plaid.bank import Bank, shown_account
from integrations.fakes.plaid.refusal import PlaidRefusal
from integrations.fakes.plaid.signing import Signer

INSTITUTION, INSTITUTION_NAME = "ins_demo", "Demo Bank"
Answer = Callable[[dict[str, Any]], dict[str, Any]]


class PlaidFake(FakeServer):
    """Plaid. Without `client_id` and `secret` any pair is taken; `page_size` makes loops of several pages.

    `rewrite` changes the beginning of webhook addresses (public, local): the demo's public address may be elsewhere.
    """

    def __init__(
        self,
        clock: Clock,
        book_path: Path | None = None,
        port: int = 0,
        *,
        client_id: str | None = None,
        secret: str | None = None,
        page_size: int = 500,
        seeds_history: bool = True,
        **server: Any,
    ) -> None:
        super().__init__("plaid", clock, book_path, port, **server)
        self.client_id, self.secret, self.seeds_history = client_id, secret, seeds_history
        self.rewrite = ("", "")
        self.signer = Signer(self)
        self.webhooks = Webhooks(self, self.signer.headers)
        self.bank = Bank(self, page_size=page_size)
        self.links = self.book.shelf("link")
        self._public = self.book.shelf("public_token")
        self._add_routes()

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Return Plaid's 5xx and 429."""
        headers = {} if retry_after is None else {"Retry-After": str(int(retry_after))}
        kind, code = ("RATE_LIMIT_EXCEEDED", "RATE_LIMIT") if status == 429 else ("API_ERROR", "INTERNAL_SERVER_ERROR")
        return reply(PlaidRefusal(kind, code).body(), status, headers)

    # -- the API ---------------------------------------------------------------------------------------------------

    def _api(self, name: str, answer: Answer) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                given = requests.read(name, await request.read(), client_id=self.client_id, secret=self.secret)
                return reply({**answer(given), "request_id": self.make_id("req_", 12)})
            except PlaidRefusal as refusal:
                return reply(refusal.body(), refusal.status)

        return handle

    def _create_link(self, given: dict[str, Any]) -> dict[str, Any]:
        token, hosted = self.make_id("link-demo-", 30), given.get("hosted_link", {})
        item = self.bank.by_token(given["access_token"]) if "access_token" in given else None
        lifetime = hosted.get("url_lifetime_seconds", 1800)
        expires = self.clock.now() + timedelta(seconds=lifetime)
        value = {
            "token": token, "webhook": self._rewritten(given.get("webhook")), "expires": expires.isoformat(),
            "redirect": hosted.get("completion_redirect_uri"), "item_id": item and item["item_id"],
            "days": given.get("transactions", {}).get("days_requested", 90), "user": given["user"]["client_user_id"],
            "state": "open", "public_tokens": [],
        }  # fmt: skip
        self.links.put(token, value, kind="link.created")
        return {"link_token": token, "hosted_link_url": f"{self.url}/hosted/{token}", "expiration": value["expires"]}

    def _rewritten(self, url: str | None) -> str | None:
        public, local = self.rewrite
        return local + url.removeprefix(public) if url and public and url.startswith(public) else url

    def _get_link(self, given: dict[str, Any]) -> dict[str, Any]:
        link = self.links.get(given["link_token"])
        if link is None:
            raise PlaidRefusal("INVALID_INPUT", "INVALID_LINK_TOKEN")
        results = [{"public_token": one} for one in link["public_tokens"]]
        session = {"finished_at": link.get("finished_at"), "results": {"item_add_results": results}}
        return {"link_token": link["token"], "link_sessions": [session] if link.get("finished_at") else []}

    def _exchange(self, given: dict[str, Any]) -> dict[str, Any]:
        public = self._public.get(given["public_token"])
        if public is None or public["used"]:
            raise PlaidRefusal("INVALID_INPUT", "INVALID_PUBLIC_TOKEN")
        self._public.patch(given["public_token"], {"used": True}, kind="public_token.exchanged")
        item = self.bank.items[public["item_id"]]
        return {"access_token": item["access_token"], "item_id": item["item_id"]}

    def _accounts(self, given: dict[str, Any]) -> dict[str, Any]:
        item = self._usable(given["access_token"])
        return {
            "accounts": [shown_account(one) for one in item["accounts"]],
            "item": {"item_id": item["item_id"], "institution_id": INSTITUTION},
        }

    def _institution(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["institution_id"] != INSTITUTION:
            raise PlaidRefusal("INVALID_INPUT", "INVALID_INSTITUTION")
        return {"institution": {"institution_id": INSTITUTION, "name": INSTITUTION_NAME, "country_codes": ["US"]}}

    def _sync(self, given: dict[str, Any]) -> dict[str, Any]:
        return self.bank.sync(self._usable(given["access_token"]), given.get("cursor", ""), given.get("count", 100))

    def _usable(self, token: str) -> dict[str, Any]:
        item = self.bank.by_token(token)
        if item["state"] == "login_required":
            raise PlaidRefusal("ITEM_ERROR", "ITEM_LOGIN_REQUIRED")
        return item

    def _remove(self, given: dict[str, Any]) -> dict[str, Any]:
        self.bank.remove_item(given["access_token"])
        return {}

    def _key(self, given: dict[str, Any]) -> dict[str, Any]:
        key = self.signer.public(given["key_id"])
        if key is None:
            raise PlaidRefusal("INVALID_INPUT", "INVALID_WEBHOOK_VERIFICATION_KEY_ID")
        return {"key": key}

    # -- the hosted page -------------------------------------------------------------------------------------------

    def finish(self, link_token: str, *, success: bool = True) -> dict[str, Any]:
        """Let the person behind a link page share the demo bank, log in again, or leave; KeyError when it ended."""
        link = self.links[link_token]
        if link["state"] != "open" or datetime.fromisoformat(link["expires"]) <= self.clock.now():
            raise KeyError(link_token)
        tokens: list[str] = []
        if success and link["item_id"] is None:
            item = self.bank.open_item(link["webhook"], link["days"])
            tokens = [self.make_id("public-demo-", 30)]
            self._public.put(tokens[0], {"item_id": item["item_id"], "used": False}, kind="public_token.created")
        elif success:
            self.bank.repair_login(link["item_id"])
        at = self.clock.now().isoformat()
        changes = {"state": "finished", "finished_at": at, "public_tokens": tokens}
        self.links.patch(link_token, changes, kind="link.finished", success=success)
        body = {
            "webhook_type": "LINK", "webhook_code": "SESSION_FINISHED", "link_token": link_token,
            "status": "SUCCESS" if success else "EXITED", "public_tokens": tokens, "environment": "sandbox",
        }  # fmt: skip
        self.webhooks.send(self.make_id("hook_"), "LINK.SESSION_FINISHED", json.dumps(body), url=link["webhook"])
        return self.links[link_token]

    async def _hosted(self, request: web.Request) -> web.StreamResponse:
        link = self.links.get(request.match_info["token"])
        if link is None or link["state"] != "open":
            return web.Response(text="This page has ended.", status=410)
        what = "Log in again" if link["item_id"] else f"Share {len(self.bank.seed['accounts'])} accounts"
        page = (
            f"<!doctype html><meta charset=utf-8><title>{INSTITUTION_NAME}</title><h1>{INSTITUTION_NAME}</h1>"
            "<p>A bank of the demo. No real account is behind it.</p><form method=post>"
            f"<button name=choice value=yes>{escape(what)}</button> <button name=choice value=no>Leave</button></form>"
        )
        return web.Response(text=page, content_type="text/html")

    async def _chosen(self, request: web.Request) -> web.StreamResponse:
        success = (await self.form(request)).first("choice") != "no"
        try:
            link = self.finish(request.match_info["token"], success=success)
        except KeyError:
            return web.Response(text="This page has ended.", status=410)
        if not link["redirect"]:
            return web.Response(text="You can close this page.")
        raise web.HTTPSeeOther(link["redirect"])

    # -- the counter -----------------------------------------------------------------------------------------------

    async def _desk(self, request: web.Request) -> web.StreamResponse:
        return reply({"items": list(self.bank.items), "lines": self.bank.alive()})

    async def _act(self, request: web.Request) -> web.StreamResponse:
        """Play the bank: `{"item_id"|"transaction_id", ...}` to spend, post, modify, remove, require_login, revoke."""
        given = json.loads(await request.read() or b"{}")
        act = request.match_info["act"]
        if act not in ("spend", "post", "modify", "remove", "require_login", "repair_login", "revoke"):
            return reply({"error": "no such act"}, 404)
        name = {"post": "pending_id"}.get(act, "item_id" if act != "modify" and act != "remove" else "transaction_id")
        try:
            done = getattr(self.bank, act)(given.pop(name), **given)
        except (KeyError, TypeError) as error:
            return reply({"error": str(error)}, 400)
        return reply({"done": done})

    def _add_routes(self) -> None:
        answers: dict[str, tuple[str, Answer]] = {
            "/link/token/create": ("link_token_create", self._create_link),
            "/link/token/get": ("link_token_get", self._get_link),
            "/item/public_token/exchange": ("token_exchange", self._exchange),
            "/accounts/get": ("accounts_get", self._accounts),
            "/institutions/get_by_id": ("institution_get", self._institution),
            "/transactions/sync": ("transactions_sync", self._sync),
            "/item/remove": ("item_remove", self._remove),
            "/webhook_verification_key/get": ("webhook_key_get", self._key),
        }
        for path, (name, answer) in answers.items():
            self.operation("POST", path, name, self._api(name, answer))
        self.page("GET", "/hosted/{token}", self._hosted)
        self.page("POST", "/hosted/{token}", self._chosen)
        self.page("GET", "/_desk", self._desk)
        self.page("POST", "/_desk/{act}", self._act)
