"""Payments that a webhook did not tell us of: Stripe's events and our open sessions, every hour (rules REC-2, PAY-7).

Events go in under their own ids. A session that we hold for open is read again in the queue of the person who pays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import orjson

from bot.core.calls import Done
from bot.core.calls.stripe import ListStripeEvents, StripeEvents
from bot.core.events import Event
from jobs.reconcile import Reconciler
from storage import timers
from storage.appeals import payments
from storage.switches import switch_value, turn_switch
from storage.work import Work

CURSOR = "stripe.events.seen"
OVERLAP = timedelta(hours=3)
FARTHEST = timedelta(days=30)
"""Stripe lists its events for 30 days."""

GRACE = timedelta(minutes=10)
"""Sessions younger than this are still being paid."""


class StripeNews:
    """Reads Stripe's events of the kinds that somebody handles."""

    def __init__(self, reconciler: Reconciler, event_of: Callable[[Any], Event | None], kinds: Iterable[str]) -> None:
        self._reconciler, self._event_of, self._kinds = reconciler, event_of, sorted(kinds)

    async def run(self) -> None:
        """Take in what the webhooks missed, and look at open sessions; where nobody ever paid there is neither."""
        to = self._reconciler
        if not await to.database.read(payments.any_payment):
            return
        now = to.clock.now()
        seen: str | None = await to.writers.run(lambda work: switch_value(work, CURSOR))
        since = max(datetime.fromisoformat(seen) if seen else now - OVERLAP, now - FARTHEST)
        outcome = await to.ask(ListStripeEvents(int(since.timestamp()), self._kinds))
        if isinstance(outcome, Done) and isinstance(outcome.result, StripeEvents):
            events = [event for raw in outcome.result.events if (event := self._event_of(raw)) is not None]
            await to.take("stripe", events)
            cursor = (now - OVERLAP).isoformat()
            await to.writers.run(lambda work: turn_switch(work, CURSOR, cursor, actor="reconcile"))
        await self._read_sessions(now)

    async def _read_sessions(self, now: datetime) -> None:
        rows = await self._reconciler.database.read(lambda c: payments.unsettled(c, now - timedelta(days=2)))
        waiting = [row for row in rows if row.status in payments.OPEN]

        def look(work: Work) -> None:
            for row in waiting:
                timers.set_timer(
                    work,
                    kind="appeals.pay_check",
                    key=f"reconcile:pay:{row.id}",
                    due=now,
                    person_id=row.person_id,
                    body=orjson.dumps({"payment": row.id}),
                )

        if waiting:
            await self._reconciler.writers.run(look)
