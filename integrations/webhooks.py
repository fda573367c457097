"""Delivers our events to servers of other people: signed, within ten seconds, no redirects, never inward (WH-1, WH-2).

Every end is an outcome of this one try: when it is tried again is not decided here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from bot.core.calls.outcome import Done, Outcome, Refused
from bot.core.calls.webhooks import DeliverWebhook, WebhookTaken
from bot.core.ports import Attempt, LookUp, Perform
from integrations.http import Lost
from integrations.outside import Outside

SECONDS = 10.0


def signature(secret: str, timestamp: int, body: str) -> str:
    """Return hex HMAC-SHA256 of `timestamp.body`."""
    return hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()


class WebhookAdapter:
    """Anybody's server."""

    vendor = "webhooks"

    def __init__(self, outside: Outside, public: Outside | None = None) -> None:
        self._outside, self._public = outside, public or outside
        self.calls: Mapping[type, Perform] = {DeliverWebhook: self._deliver}
        self.look_ups: Mapping[type, LookUp] = {}

    async def close(self) -> None:
        """Release connections."""
        await self._outside.close()
        await self._public.close()

    async def _deliver(self, call: DeliverWebhook, attempt: Attempt) -> Outcome:
        timestamp = int(attempt.now.timestamp())
        signed = ",".join(f"v1={signature(secret, timestamp, call.body)}" for secret in call.secrets)
        headers = {
            "Content-Type": "application/json",
            "Parley-Delivery": call.delivery,
            "Parley-Timestamp": str(timestamp),
            "Parley-Signature": signed,
        }
        answer = await (self._public if call.outside else self._outside).ask(
            call.url, "POST", "", headers=headers, data=call.body.encode()
        )
        if answer is None:
            return Refused("not_allowed", "the address leads inside, or is none of ours to go to")
        if isinstance(answer, Lost):
            return Refused("lost", answer.reason)
        if 200 <= answer.status < 300:
            return Done(WebhookTaken(answer.status))
        return Refused(f"status_{answer.status}")
