"""Razorpay's door: a signed event goes to the inbox under the id in its header, which alone stops a replay (PY-13)."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from bot.core.events import Event
from bot.web.doors.door import Intake
from integrations.signatures import verify_razorpay

CAP = 1024 * 1024
HEADER = "X-Razorpay-Event-Id"
_NUL = rb"\u0000"


def razorpay_event(raw: Any, key: str) -> Event | None:
    """Return the inbox event of a webhook about the first thing that its name tells, or None when it is none."""
    match raw:
        case {"event": str(kind), "payload": dict(payload)} if kind and key:
            holder = payload.get(kind.partition(".")[0])
            thing = holder.get("entity") if isinstance(holder, dict) else None
            return Event("razorpay", key, kind[:100], {"object": thing if isinstance(thing, dict) else {}})
        case _:
            return None


class RazorpayDoor:
    """Takes webhooks whose signature holds."""

    def __init__(self, intake: Intake, secret: str) -> None:
        self._intake, self._secret = intake, secret

    async def hook(self, request: web.Request) -> web.Response:
        """Take one event."""
        intake = self._intake
        if (request.content_length or 0) > CAP:
            return intake.refuse(request, "razorpay", "too_large", 413)
        body = await request.read()
        if not verify_razorpay(body, request.headers, self._secret):
            return intake.refuse(request, "razorpay", "signature", 429 if intake.is_flooded(request) else 403)
        try:
            event = None if _NUL in body else razorpay_event(orjson.loads(body), request.headers.get(HEADER, ""))
        except (orjson.JSONDecodeError, ValueError, TypeError):
            event = None
        if event is None:
            return intake.refuse(request, "razorpay", "malformed", 400)
        await intake.take(event)
        return web.Response()
