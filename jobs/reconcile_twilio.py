"""Texts that came in while we were not reachable, read from Twilio's list (rule REC-1).

Every minute and at the start. What is found goes in as the webhook's own event under the webhook's own key, so nothing
is done twice. The cursor stays a while behind, because a list may lag.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.core.calls import Done
from bot.core.calls.channels import InboundSmsList, ListInboundSms
from bot.core.events import Event
from jobs.reconcile import Reconciler
from storage.switches import switch_value, turn_switch
from storage.work import Work

CURSOR = "twilio.inbound.seen"
OVERLAP = timedelta(minutes=10)
FARTHEST = timedelta(days=2)


class InboundTexts:
    """Reads the list of inbound messages."""

    def __init__(self, reconciler: Reconciler, event_of: Callable[[dict[str, str]], Event | None]) -> None:
        self._reconciler, self._event_of = reconciler, event_of

    async def run(self) -> None:
        """Take in what the webhooks missed."""
        to = self._reconciler
        now = to.clock.now()
        since = max(await self._cursor(now), now - FARTHEST)
        outcome = await to.ask(ListInboundSms(int(since.timestamp())))
        if not isinstance(outcome, Done) or not isinstance(outcome.result, InboundSmsList):
            return
        events = [event for fields in outcome.result.messages if (event := self._event_of(fields)) is not None]
        await to.take("twilio", events)
        cursor = (now - OVERLAP).isoformat()
        await to.writers.run(lambda work: turn_switch(work, CURSOR, cursor, actor="reconcile"))

    async def _cursor(self, now: datetime) -> datetime:
        """Return since when to look; the first start is kept at once, so that an outage right then loses nothing."""
        start = (now - OVERLAP).isoformat()

        def read(work: Work) -> str:
            seen = switch_value(work, CURSOR)
            if seen is None:
                turn_switch(work, CURSOR, start, actor="reconcile")
            return seen or start

        return datetime.fromisoformat(await self._reconciler.writers.run(read))
