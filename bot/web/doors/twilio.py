"""Twilio's doors: `POST /webhooks/twilio/sms` and `/webhooks/twilio/status`.

The signature is checked over the configured public URL, never over Host or X-Forwarded headers (rule HOOK-1). The
answer is always empty TwiML: replies go through the outbox (rule TWI-6).
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.core.events import Event
from bot.web.doors.door import Intake
from bot.web.doors.express import answer, body_of
from integrations.signatures import parse_form, verify_twilio

CAP = 64 * 1024
EMPTY = b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


def inbound_event(fields: dict[str, str]) -> Event | None:
    """Return the event of an inbound message's form fields; None when it has no sender or id."""
    sid, sender = fields.get("MessageSid") or fields.get("SmsSid"), fields.get("From", "")
    if not sid or not sender.startswith("+"):
        return None
    count = int(fields["NumMedia"]) if fields.get("NumMedia", "").isdigit() else 0
    media = [
        {"channel": "sms", "ref": fields[f"MediaUrl{n}"], "media_type": fields.get(f"MediaContentType{n}")}
        for n in range(min(count, 10))
        if f"MediaUrl{n}" in fields
    ]
    payload: dict[str, Any] = {"text": fields.get("Body", ""), "to": fields.get("To", "")}
    if fields.get("OptOutType"):
        payload["carrier_answered"] = fields["OptOutType"]
    if media:
        payload["media"] = media
    return Event("sms", sid, "media" if media else "text", payload, channel="sms", handle=sender)


class TwilioDoor:
    """Takes inbound messages and status callbacks in."""

    def __init__(self, intake: Intake, *, account_sid: str, auth_token: str, public_url: str) -> None:
        self._intake, self._account, self._token = intake, account_sid, auth_token
        self._public_url = public_url.rstrip("/")

    async def _fields(self, request: web.Request) -> dict[str, str] | web.Response:
        intake = self._intake
        if (request.content_length or 0) > CAP:
            return intake.refuse(request, "twilio", "too_large", 413)
        body = await body_of(request)
        if len(body) > CAP:
            return intake.refuse(request, "twilio", "too_large", 413)
        pairs = parse_form(body)
        url = self._public_url + request.raw_path
        if not verify_twilio(body, request.headers, self._token, url, pairs):
            return intake.refuse(request, "twilio", "signature", 429 if intake.is_flooded(request) else 403)
        fields = dict(pairs)
        if fields.get("AccountSid", self._account) != self._account:
            return intake.refuse(request, "twilio", "account", 403)
        return fields

    async def sms(self, request: web.Request) -> web.StreamResponse:
        """Take one inbound message."""
        fields = await self._fields(request)
        if isinstance(fields, web.Response):
            return fields
        event = inbound_event(fields)
        if event is None:
            return self._intake.refuse(request, "twilio", "malformed", 400)
        await self._intake.take(event, key=hash(event.handle))
        return answer(request, EMPTY, "text/xml")

    async def status(self, request: web.Request) -> web.Response:
        """Take one status callback; the key is the message and its status, so repeats and disorder are harmless."""
        fields = await self._fields(request)
        if isinstance(fields, web.Response):
            return fields
        sid, status = (
            fields.get("MessageSid") or fields.get("SmsSid"),
            fields.get("MessageStatus") or fields.get("SmsStatus"),
        )
        if not sid or not status:
            return self._intake.refuse(request, "twilio", "malformed", 400)
        code = fields.get("ErrorCode", "")
        payload = {"sid": sid, "status": status, "code": int(code) if code.isdigit() else None}
        await self._intake.take(Event("twilio", f"{sid}:{status}", "status", payload))
        return web.Response(status=204)
