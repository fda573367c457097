"""The front door of the API: key, version, parameters, idempotency; then a handler that answers with an object."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from integrations.fakes.kit import Handler, nested, reply
from integrations.fakes.stripe.parameters import Table, read_parameters
from integrations.fakes.stripe.refusal import StripeRefusal

if TYPE_CHECKING:
    from integrations.fakes.stripe.server import StripeFake

API_VERSION = "2026-10-28.endive"
KEY_LIFE = timedelta(hours=24)

Given = dict[str, Any]
Answer = Callable[..., dict[str, Any]]
"""Takes the typed parameters and the ids of the path; returns the object, or raises StripeRefusal."""


class Door:
    """Wraps handlers of one StripeFake."""

    def __init__(self, stripe: StripeFake) -> None:
        self._stripe = stripe
        self._answers = stripe.book.shelf("idempotency")

    def api(self, table: Table, answer: Answer, *, required: tuple[str, ...] = ()) -> Handler:
        """Return the HTTP handler of a call: checks first, then idempotency, then `answer`."""

        async def handle(request: web.Request) -> web.StreamResponse:
            text = (await request.read()).decode("utf-8", "replace") if request.method == "POST" else ""
            try:
                self._authenticate(request)
                pairs = await self._pairs(request)
                self._stripe.expire_due()
                if request.method != "POST":
                    return reply(self._run(table, answer, required, pairs, request), headers=self._trace())
                return self._once(request, text, lambda: self._run(table, answer, required, pairs, request))
            except StripeRefusal as refusal:
                return reply(refusal.body(), refusal.status, self._trace())

        return handle

    def _trace(self) -> dict[str, str]:
        return {"Request-Id": self._stripe.make_id("req_", 14), "Stripe-Version": API_VERSION}

    def _run(
        self, table: Table, answer: Answer, required: tuple[str, ...], pairs: Given, request: web.Request
    ) -> dict[str, Any]:
        given = read_parameters(pairs, table, required=required)
        self._stripe.idempotency_key = request.headers.get("Idempotency-Key")
        return self._stripe.expand(answer(given, **request.match_info), given.get("expand", []))

    def _authenticate(self, request: web.Request) -> None:
        key = _key(request.headers.get("Authorization", ""))
        if not key:
            message = "You did not provide an API key. You need to provide your API key in the Authorization header."
            raise StripeRefusal(message, status=401)
        wanted = self._stripe.api_key
        if (wanted is not None and key != wanted) or not re.fullmatch(r"(sk|rk)_(test|live)_\w+", key):
            raise StripeRefusal(f"Invalid API Key provided: {key[:8]}****", status=401)
        version = request.headers.get("Stripe-Version")
        if version not in (None, API_VERSION):
            raise StripeRefusal(f"Invalid Stripe API version: {version}")
        self._stripe.livemode = "_live_" in key

    async def _pairs(self, request: web.Request) -> Given:
        if request.method == "POST" and request.query_string:
            raise StripeRefusal("Query parameters are not accepted on POST requests.")
        form = await self._stripe.form(request)
        kind = request.content_type
        if request.method == "POST" and await request.read() and kind != "application/x-www-form-urlencoded":
            raise StripeRefusal(f"Invalid request content type: {kind}", status=400)
        pairs = form.fields if request.method == "POST" else list(request.query.items())
        try:
            return nested(pairs)
        except ValueError as error:
            raise StripeRefusal(f"Invalid parameter: {error}", param=str(error)) from error

    def _once(self, request: web.Request, body: str, run: Callable[[], dict[str, Any]]) -> web.Response:
        """Run once per idempotency key: replay the kept answer, refuse another request under the same key."""
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return reply(run(), headers=self._trace())
        if not 1 <= len(key) <= 255:
            raise StripeRefusal("Idempotency keys must be between 1 and 255 characters.", type="idempotency_error")
        digest = hashlib.sha256(f"{request.path}\n{body}".encode()).hexdigest()
        kept = self._kept(key)
        if kept:
            return self._replay(kept, digest, key)
        status, text = self._outcome(request, run)
        trace = self._trace()
        answer = {"digest": digest, "status": status, "body": text, "request": trace["Request-Id"]}
        self._answers.put(key, {**answer, "at": self._stripe.clock.now().isoformat()})
        return web.Response(text=text, status=status, headers=trace, content_type="application/json")

    def _kept(self, key: str) -> dict[str, Any] | None:
        kept = self._answers.get(key)
        if kept and datetime.fromisoformat(kept["at"]) + KEY_LIFE <= self._stripe.clock.now():
            return None
        return kept

    def _replay(self, kept: dict[str, Any], digest: str, key: str) -> web.Response:
        if kept["digest"] != digest:
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request."
            )
            raise StripeRefusal(message, type="idempotency_error")
        headers = {**self._trace(), "Idempotent-Replayed": "true", "Original-Request": kept["request"]}
        return web.Response(text=kept["body"], status=kept["status"], headers=headers, content_type="application/json")

    def _outcome(self, request: web.Request, run: Callable[[], dict[str, Any]]) -> tuple[int, str]:
        try:
            answer = run()
        except StripeRefusal as refusal:
            if not refusal.stored:
                raise
            return refusal.status, json.dumps(refusal.body())
        fault = self._stripe.fault_of(request)
        if fault and fault.fault == "status_after" and fault.stored:
            kept = StripeRefusal("An unknown error occurred", type="api_error", status=fault.status)
            return kept.status, json.dumps(kept.body())
        return 200, json.dumps(answer)


def _key(header: str) -> str:
    scheme, _, rest = header.partition(" ")
    if scheme != "Basic":
        return rest.strip() if scheme == "Bearer" else ""
    try:
        return base64.b64decode(rest, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
