"""The road from the API to the handset: one segment a second per sender, statuses, callbacks, failures.

A message's whole future is planned when it is taken in and kept with it, so a restart goes on where it stopped; `due`
lets happen what the clock has reached.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from integrations.fakes.kit import FakeServer, Hook, Webhooks
from integrations.fakes.twilio.refusals import Refused
from integrations.fakes.twilio.signature import sign

QUEUE_HOURS = timedelta(hours=4)
_ERRORS = {
    30001: "Queue overflow",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30034: "Message from an unregistered number",
}
_AT_ONCE = {30001, 30034}
"""Twilio itself refuses to pass these on: `failed`, never `sent`."""


class Carrier:
    """Moves messages along. `segments_per_second` None means that nothing ever waits."""

    def __init__(self, server: FakeServer, token: str, segments_per_second: float | None) -> None:
        self._server, self._token, self.segments_per_second = server, token, segments_per_second
        self._messages, self._handsets = server.book.shelf("message"), server.book.shelf("handset")
        self._moving = {message["sid"] for message in self._messages if message.get("_plan")}
        self._free: dict[str, datetime] = {}
        self.rewrite: tuple[str, str] | None = None
        self._callbacks = Webhooks(server, self._sign, schedule=(timedelta(0),), name="callback", total_seconds=15)

    def plan(self, sender: str, to: str, segments: int, validity: timedelta) -> list[dict[str, Any]]:
        """Return when which status will be reached; refuse when the sender's queue is full."""
        now = self._server.clock.now()
        start = max(self._free.get(sender, now), now)
        if start - now >= QUEUE_HOURS:
            raise Refused(429, 21611, "This 'From' number has exceeded the maximum number of queued messages")
        if start - now > validity:
            return [_step(now + validity, "failed", 30001)]
        if self.segments_per_second:
            self._free[sender] = start + timedelta(seconds=max(segments, 1) / self.segments_per_second)
        trouble = (self._handsets.get(to) or {}).get("trouble")
        if trouble in _AT_ONCE:
            return [_step(start, "failed", trouble)]
        last = _step(start, "undelivered", trouble) if trouble else _step(start, "delivered")
        return [_step(start, "sent"), last]

    def take(self, sid: str) -> None:
        """Begin to move a message that was just stored."""
        self._moving.add(sid)

    def due(self) -> None:
        """Let every step happen that the clock has reached."""
        now = self._server.clock.now()
        for sid in sorted(self._moving, key=lambda sid: self._order(sid)):
            message = self._messages.get(sid)
            while message and message["_plan"] and datetime.fromisoformat(message["_plan"][0]["at"]) <= now:
                self._advance(message)
                message = self._messages.get(sid)
            if not message or not message["_plan"]:
                self._moving.discard(sid)

    def _order(self, sid: str) -> int:
        message = self._messages.get(sid)
        return int(message["_number"]) if message else 0

    def _advance(self, message: dict[str, Any]) -> None:
        step, rest = message["_plan"][0], message["_plan"][1:]
        at = step["at"]
        changes: dict[str, Any] = {"status": step["status"], "_plan": rest, "_updated": at}
        if step["status"] in ("sent", "failed"):
            changes["_sent"] = at
        if step["error"]:
            changes |= {"error_code": step["error"], "error_message": _ERRORS.get(step["error"], "Unknown error")}
        self._messages.patch(message["sid"], changes, kind=f"message.{step['status']}")
        if message["_callback"]:
            self._call_back({**message, **changes})

    def _call_back(self, message: dict[str, Any]) -> None:
        fields = {
            "AccountSid": message["account_sid"],
            "ApiVersion": "2010-04-01",
            "From": message["from"],
            "To": message["to"],
            "MessageSid": message["sid"],
            "SmsSid": message["sid"],
            "MessageStatus": message["status"],
            "SmsStatus": message["status"],
        }
        if message.get("messaging_service_sid"):
            fields["MessagingServiceSid"] = message["messaging_service_sid"]
        if message.get("error_code"):
            fields["ErrorCode"] = str(message["error_code"])
        public = message["_callback"]
        self._callbacks.send(
            f"{message['sid']}.{message['status']}",
            f"status.{message['status']}",
            urlencode(fields),
            url=self.local(public),
            content_type="application/x-www-form-urlencoded",
            details={"public": public, "fields": fields},
        )

    def local(self, url: str) -> str:
        """Return where a public URL is really reached."""
        if self.rewrite and url.startswith(self.rewrite[0]):
            return self.rewrite[1] + url.removeprefix(self.rewrite[0])
        return url

    def _sign(self, hook: Hook, at: datetime) -> dict[str, str]:
        fields = list(hook.details["fields"].items())
        return {"X-Twilio-Signature": sign(self._token, hook.details["public"], fields)}


def _step(at: datetime, status: str, error: int | None = None) -> dict[str, Any]:
    return {"at": at.isoformat(), "status": status, "error": error}
