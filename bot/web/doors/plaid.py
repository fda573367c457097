"""Plaid's door: a signed hint that something happened at a bank.

It goes to the inbox under its body's hash, its time and its signature: the same request again is a duplicate, while a
second hint of the same words within the same second is not, for what it hints at may have come after the first.

The signature names its key, which is asked from the vendor once and kept (`KeyRing`): the one question that a door may
ask, limited so that strangers cannot make us ask more.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import orjson
from aiohttp import web

from bot.core.events import Event
from bot.web.doors.door import Intake
from integrations.plaid import Claims, KeyRing, key_id_of, verify_plaid
from integrations.plaid.keys import Fetch

CAP = 256 * 1024
HEADER = "Plaid-Verification"
_NUL = rb"\u0000"


def plaid_event(raw: Any, claims: Claims, header: str) -> Event | None:
    """Return the inbox event of a webhook, or None when it is none; only what handlers read is taken."""
    match raw:
        case {"webhook_type": str(kind), "webhook_code": str(code)} if kind and code:
            error = raw.get("error")
            payload = {
                "item_id": _text(raw.get("item_id")),
                "link_token": _text(raw.get("link_token")),
                "status": _text(raw.get("status")),
                "error_code": _text(error.get("error_code")) if isinstance(error, dict) else None,
                "public_tokens": _texts(raw.get("public_tokens")) or _texts([raw.get("public_token")]),
            }
            seal = sha256(header.encode("utf-8", "replace")).hexdigest()[:32]
            key = f"{claims.body_sha256}:{claims.issued_at}:{seal}"
            return Event("plaid", key, f"{kind}.{code}"[:100], payload)
        case _:
            return None


def _text(value: Any) -> str | None:
    return value[:300] if isinstance(value, str) else None


def _texts(values: Any) -> list[str]:
    return [one for one in values if isinstance(one, str)][:10] if isinstance(values, list) else []


class PlaidDoor:
    """Takes webhooks whose signature holds."""

    def __init__(self, intake: Intake, fetch: Fetch) -> None:
        self._intake, self._keys = intake, KeyRing(fetch)

    async def hook(self, request: web.Request) -> web.Response:
        """Take one event."""
        intake = self._intake
        if (request.content_length or 0) > CAP:
            return intake.refuse(request, "plaid", "too_large", 413)
        body, header = await request.read(), request.headers.get(HEADER, "")
        now = intake.clock.now().timestamp()
        claims = verify_plaid(body, header, await self._keys.get(key_id_of(header), now), now)
        if claims is None:
            return intake.refuse(request, "plaid", "signature", 429 if intake.is_flooded(request) else 403)
        try:
            event = None if _NUL in body else plaid_event(orjson.loads(body), claims, header)
        except (orjson.JSONDecodeError, ValueError, TypeError):
            event = None
        if event is None:
            return intake.refuse(request, "plaid", "malformed", 400)
        await intake.take(event)
        return web.Response()
