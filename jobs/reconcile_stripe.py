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

KINDS_MOST = 20
"""Stripe takes so many kinds in one request."""

GRACE = timedelta(minutes=10)
"""Sessions younger than this are still being paid."""


class StripeNews:
    """Reads Stripe's events of the kinds that somebody handles."""

    def __init__(
        self, reconciler: Reconciler, event_of: Callable[[Any], Event | None], kinds: Callable[[], Iterable[str]]
    ) -> None:
        self._reconciler, self._event_of, self._kinds = reconciler, event_of, kinds

    async def run(self) -> None:
        """Take in what the webhooks missed, and look at open sessions; where nobody ever paid there is neither."""
        to = self._reconciler
        from storage.billing import orders, purchases

        bought = (payments.any_payment, orders.any_order, purchases.any_purchase)
        if not await to.database.read(lambda c: any(one(c) for one in bought)):
            return
        now = to.clock.now()
        seen: str | None = await to.writers.run(lambda work: switch_value(work, CURSOR))
        since = max(datetime.fromisoformat(seen) if seen else now - OVERLAP, now - FARTHEST)
        if await self._take_since(int(since.timestamp())):
            cursor = (now - OVERLAP).isoformat()
            await to.writers.run(lambda work: turn_switch(work, CURSOR, cursor, actor="reconcile"))
        await self._read_sessions(now)

    async def _take_since(self, since: int) -> bool:
        """Take in all events since an instant, oldest first; False when Stripe did not list them all."""
        kinds, raw = sorted(self._kinds()), list[Any]()
        for start in range(0, len(kinds), KINDS_MOST):
            outcome = await self._reconciler.ask(ListStripeEvents(since, kinds[start : start + KINDS_MOST]))
            if not isinstance(outcome, Done) or not isinstance(outcome.result, StripeEvents):
                return False
            raw += outcome.result.events
        raw.sort(key=lambda one: one.get("created") or 0)
        events = [event for one in raw if (event := self._event_of(one)) is not None]
        await self._reconciler.take("stripe", events)
        return True

    async def _read_sessions(self, now: datetime) -> None:
        from storage.billing import orders

        rows = await self._reconciler.database.read(lambda c: payments.unsettled(c, now - timedelta(days=2)))
        waiting = [row for row in rows if row.status in payments.OPEN]
        ordered = await self._reconciler.database.read(lambda c: orders.waiting(c, "stripe"))

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
            look_at_orders(work, ordered, now)

        if waiting or ordered:
            await self._reconciler.writers.run(look)


def look_at_orders(work: Work, ordered: Iterable[Any], now: datetime, *, kind: str = "orders.check") -> None:
    """Have the sessions of orders read again, or their refunds, each in the queue of the person who pays."""
    for row in ordered:
        body = orjson.dumps({"order": row.id})
        key = f"reconcile:{kind}:{row.id}"
        timers.set_timer(work, kind=kind, key=key, due=now, person_id=row.person_id, body=body)
