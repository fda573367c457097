"""Lob behind its key: routes, rate limits, the monthly allowance of verifications, and the desk."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.kit import FakeServer, Form, Handler, nested, read_form, reply
from integrations.fakes.lob.addresses import verify
from integrations.fakes.lob.letters import Letters, shown
from integrations.fakes.lob.post import ROUTES, Post
from integrations.fakes.lob.refusal import LobRefusal

FREE_VERIFICATIONS = 300
_WINDOW = timedelta(seconds=5)
_PER_WINDOW = {"us_verification": 300}
_OTHERS_PER_WINDOW = 150

Answer = Callable[[web.Request, str], Awaitable[dict[str, Any]]]
"""Takes the request and the key's mode (test or live); returns the object or raises LobRefusal."""


class LobFake(FakeServer):
    """Lob. `api_key` None takes any well-formed secret key; `payment_method` lifts the limit of free verifications.

    `strict_pace=False` switches the rate limit off, for simulations whose clock stands still for many calls.
    """

    def __init__(
        self,
        clock: Clock,
        book_path: Path | None = None,
        port: int = 0,
        *,
        webhook_url: str | None = None,
        webhook_secret: str = "lob_demo",  # noqa: S107 - a stand-in's secret
        api_key: str | None = None,
        milliseconds: bool = True,
        test_letters_travel: bool = True,
        payment_method: bool = False,
        strict_pace: bool = True,
        **server: Any,
    ) -> None:
        super().__init__("lob", clock, book_path, port, **server)
        self.api_key, self.payment_method, self.test_letters_travel = api_key, payment_method, test_letters_travel
        self._strict_pace = strict_pace
        self.letters = Letters(self)
        self.post = Post(self, webhook_url, webhook_secret, milliseconds=milliseconds)
        self._verdicts = self.book.shelf("verdict")
        self._recent: dict[tuple[str, str], deque[datetime]] = {}
        self._add_routes()

    @property
    def api_base(self) -> str:
        """What `LOB_API_BASE` is to be set to."""
        return self.url + "/v1"

    def random_number(self, digits: int) -> int:
        """Return a random number of at most so many digits."""
        return self._bits(80) % int(10**digits)

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Return Lob's 5xx and 429."""
        if status != 429:
            code = "service_unavailable" if status == 503 else "internal_server_error"
            return reply({"error": {"message": "An error occurred", "status_code": status, "code": code}}, status)
        reset = int(self.clock.now().timestamp() + (retry_after or 5))
        return _limited(reset, {} if retry_after is None else {"Retry-After": str(int(retry_after))})

    async def due(self) -> None:
        """Let the post work."""
        self.post.play_due()

    def set_verdict(self, primary_line: str, deliverability: str) -> None:
        """Fix the answer for an address (its primary line as the postal service writes it)."""
        self._verdicts.put(primary_line.upper(), {"line": primary_line.upper(), "verdict": deliverability})

    # -- the door ------------------------------------------------------------------------------------------------

    def _api(self, name: str, answer: Answer) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                mode, key = self._authenticate(request, name)
                headers, allowed = self._rate(name, key)
                if not allowed:
                    return _limited(int(headers["X-Rate-Limit-Reset"]), headers)
                self.post.play_due()
                return reply(await answer(request, mode), headers=headers)
            except LobRefusal as refusal:
                return reply(refusal.body(), refusal.status)

        return handle

    def _authenticate(self, request: web.Request, name: str) -> tuple[str, str]:
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        try:
            key, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            key, password = "", ""
        if scheme != "Basic" or password or not re.fullmatch(r"(test|live)_\w+", key):
            raise LobRefusal("Your API key is not valid. Please sign up on lob.com.", "invalid_api_key", 401)
        if re.match(r"(test|live)_pub_", key) and name != "us_verification":
            raise LobRefusal("Publishable keys cannot be used here.", "publishable_key_not_allowed", 401)
        if self.api_key is not None and key != self.api_key:
            raise LobRefusal("Your API key is not valid. Please sign up on lob.com.", "invalid_api_key", 401)
        return key.partition("_")[0], key

    def _rate(self, name: str, key: str) -> tuple[dict[str, str], bool]:
        """Count a request against 150 in 5 s (verifications 300) per endpoint and key."""
        now, limit = self.clock.now(), _PER_WINDOW.get(name, _OTHERS_PER_WINDOW)
        recent = self._recent.setdefault((name, key), deque())
        while recent and recent[0] <= now - _WINDOW:
            recent.popleft()
        allowed = len(recent) < limit or not self._strict_pace
        if allowed:
            recent.append(now)
        numbers = (limit, max(0, limit - len(recent)), int((recent[0] + _WINDOW).timestamp()))
        names = ("Limit", "Remaining", "Reset")
        return {f"X-Rate-Limit-{n}": str(v) for n, v in zip(names, numbers, strict=True)}, allowed

    async def _given(self, request: web.Request) -> tuple[dict[str, Any], Form]:
        """Return the fields of the body, nested, and the form that held its files."""
        body, kind = await request.read(), request.headers.get("Content-Type", "")
        if kind.split(";")[0].strip() == "application/json":
            try:
                given = json.loads(body or b"{}")
            except ValueError:
                raise LobRefusal("The request body is not valid JSON", "bad_request") from None
            if not isinstance(given, dict):
                raise LobRefusal("The request body must be an object", "bad_request")
            return given, Form()
        form = read_form(kind, body)
        return _nest(form.fields), form

    # -- the API -------------------------------------------------------------------------------------------------

    async def _create(self, request: web.Request, mode: str) -> dict[str, Any]:
        keys = request.headers.getall("Idempotency-Key", []) + request.query.getall("idempotency_key", [])
        if len(keys) > 1:
            raise LobRefusal("Provide the idempotency key either in the header or in the query, not both.")
        if keys and not 1 <= len(keys[0]) <= 256:
            raise LobRefusal("The idempotency key must have 1 to 256 characters.")
        given, form = await self._given(request)
        extra = set(form.files) - {"file"}
        if extra:
            raise LobRefusal(f"{sorted(extra)[0]} must not be a file")
        return self.letters.create(mode, keys[0] if keys else None, given, form.files.get("file"))

    async def _retrieve(self, request: web.Request, mode: str) -> dict[str, Any]:
        return shown(self.letters.find(mode, request.match_info["id"]))

    async def _cancel(self, request: web.Request, mode: str) -> dict[str, Any]:
        return self.letters.cancel(mode, request.match_info["id"])

    async def _list(self, request: web.Request, mode: str) -> dict[str, Any]:
        return self.letters.search(mode, _nest(list(request.query.items())))

    async def _verify(self, request: web.Request, mode: str) -> dict[str, Any]:
        given, _ = await self._given(request)
        month = self.clock.now().strftime("%Y-%m")
        if mode == "live" and not self.payment_method and self._verified_in(month) >= FREE_VERIFICATIONS:
            message = "You have reached the limit of free verifications. Add a payment method to continue."
            raise LobRefusal(message, "feature_limit_reached", 403)
        verdicts = {entry["line"]: entry["verdict"] for entry in self._verdicts}
        answer = verify(given, verdicts)
        id = self.make_hex("us_ver_", 16)
        self.book.append("verification.made", id=id, mode=mode, month=month, deliverability=answer["deliverability"])
        return {"id": id, **answer}

    def _verified_in(self, month: str) -> int:
        rows = self.book.of("verification.made")
        return sum(1 for row in rows if row["mode"] == "live" and row["month"] == month)

    # -- the desk ------------------------------------------------------------------------------------------------

    async def _desk(self, request: web.Request) -> web.StreamResponse:
        return reply({"letters": [self._on_desk(letter) for letter in self.letters.shelf]})

    def _on_desk(self, letter: dict[str, Any]) -> dict[str, Any]:
        events = [
            row["kind"].removeprefix("letter.") for row in self.book.of("letter") if row.get("id") == letter["id"]
        ]
        return {
            **shown(letter),
            "mode": letter["_mode"],
            "pages": letter["_pages"],
            "sha256": letter.get("_sha256"),
            "pdf": f"{self.url}/_desk/letters/{letter['id']}.pdf",
            "events": events,
        }

    async def _pdf(self, request: web.Request) -> web.StreamResponse:
        data = self.attachments.get(request.match_info["id"] + ".pdf")
        return web.Response(body=data, content_type="application/pdf") if data is not None else web.Response(status=404)

    async def _happen(self, request: web.Request) -> web.StreamResponse:
        try:
            self.post.happen(request.match_info["id"], request.match_info["event"])
        except LobRefusal as refusal:
            return reply(refusal.body(), refusal.status)
        return reply(self._on_desk(self.letters.shelf[request.match_info["id"]]))

    async def _route(self, request: web.Request) -> web.StreamResponse:
        """Set the way of the next letters: `{"route": "returned", "default": false}`."""
        wanted = json.loads(await request.read() or b"{}")
        if wanted.get("route") not in ROUTES:
            return reply({"error": f"routes are {', '.join(ROUTES)}"}, 400)
        if wanted.get("default"):
            self.post.default_route = wanted["route"]
        else:
            self.post.next_routes.append(wanted["route"])
        return reply({"next": self.post.next_routes, "default": self.post.default_route})

    async def _fix_verdict(self, request: web.Request) -> web.StreamResponse:
        wanted = json.loads(await request.read())
        self.set_verdict(wanted["primary_line"], wanted["deliverability"])
        return reply(wanted)

    def _add_routes(self) -> None:
        self.operation("POST", "/v1/letters", "letter_create", self._api("letter_create", self._create))
        self.operation("GET", "/v1/letters", "letters_list", self._api("letters_list", self._list))
        self.operation("GET", "/v1/letters/{id}", "letter_retrieve", self._api("letter_retrieve", self._retrieve))
        self.operation("DELETE", "/v1/letters/{id}", "letter_cancel", self._api("letter_cancel", self._cancel))
        self.operation("POST", "/v1/us_verifications", "us_verification", self._api("us_verification", self._verify))
        self.operation("*", "/v1/{rest:.*}", "unknown", _unknown)
        self.page("GET", "/_desk", self._desk)
        self.page("POST", "/_desk/route", self._route)
        self.page("POST", "/_desk/verdict", self._fix_verdict)
        self.page("GET", "/_desk/letters/{id}.pdf", self._pdf)
        self.page("POST", "/_desk/letters/{id}/{event}", self._happen)


async def _unknown(request: web.Request) -> web.StreamResponse:
    return reply(LobRefusal("The requested endpoint does not exist", "unrecognized_endpoint", 404).body(), 404)


def _limited(reset: int, headers: dict[str, str]) -> web.Response:
    refusal = LobRefusal("Rate limit exceeded. Please wait 5 seconds and try again.", "rate_limit_exceeded", 429)
    numbers = {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": str(reset)}
    return reply(refusal.body(), 429, {**headers, **numbers})


def _nest(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    try:
        return nested(pairs)
    except ValueError as error:
        raise LobRefusal(f"{error} is given twice", "bad_request") from error
