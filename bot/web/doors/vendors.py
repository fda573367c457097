"""Stripe's and Lob's doors: a verified, parsed event goes to the inbox under the vendor's event id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import web

from bot.core.events import Event
from bot.web.doors.door import Intake
from integrations.signatures import verify_lob, verify_stripe

CAP = 1024 * 1024
_NUL = rb"\u0000"
"""No vendor's text holds it, and PostgreSQL takes it in no text."""
Verify = Callable[[bytes, Any, str, float], bool]


def stripe_event(raw: Any) -> Event | None:
    """Return the inbox event of a Stripe event, or None when it is none."""
    match raw:
        case {"id": str(key), "type": str(kind), "data": {"object": dict(thing)}} if key:
            return Event("stripe", key, kind, {"object": thing, "created": raw.get("created")})
        case _:
            return None


def lob_event(raw: Any) -> Event | None:
    """Return the inbox event of a Lob event, or None when it is none."""
    match raw:
        case {"id": str(key), "event_type": {"id": str(kind)}, "body": dict(thing)} if key:
            return Event(
                "lob",
                key,
                kind,
                {"object": thing, "reference_id": raw.get("reference_id"), "date_created": raw.get("date_created")},
            )
        case _:
            return None


class SignedDoor:
    """A door whose requests carry a signature over their raw body."""

    def __init__(
        self, intake: Intake, vendor: str, *, secret: str, verify: Verify, read: Callable[[Any], Event | None]
    ) -> None:
        self._intake, self._vendor, self._secret, self._verify, self._read = intake, vendor, secret, verify, read

    async def hook(self, request: web.Request) -> web.Response:
        """Take one event."""
        intake = self._intake
        if (request.content_length or 0) > CAP:
            return intake.refuse(request, self._vendor, "too_large", 413)
        body = await request.read()
        if not self._verify(body, request.headers, self._secret, intake.clock.now().timestamp()):
            return intake.refuse(request, self._vendor, "signature", 429 if intake.is_flooded(request) else 400)
        try:
            event = None if _NUL in body else self._read(orjson.loads(body))
        except (orjson.JSONDecodeError, ValueError, TypeError):
            event = None
        if event is None:
            return intake.refuse(request, self._vendor, "malformed", 400)
        await intake.take(event)
        return web.Response()


def stripe_door(intake: Intake, secret: str) -> SignedDoor:
    """Return Stripe's door."""
    return SignedDoor(intake, "stripe", secret=secret, verify=verify_stripe, read=stripe_event)


def lob_door(intake: Intake, secret: str) -> SignedDoor:
    """Return Lob's door."""
    return SignedDoor(intake, "lob", secret=secret, verify=verify_lob, read=lob_event)
