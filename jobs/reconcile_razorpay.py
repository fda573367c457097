"""Payments by link that no webhook told us of: Razorpay's list and our open links, every hour (PY-13, SB-16).

A payment that bears our notes and stands in no order of ours goes in as its webhook would. A link that we hold for open
is read again in the queue of the person who pays, so one that ended unpaid ends here too.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.calls import Done
from bot.core.calls.razorpay import Capture, Captures, ListCaptures
from bot.core.events import Event
from jobs.reconcile import Reconciler
from jobs.reconcile_stripe import look_at_orders
from storage.billing import orders
from storage.switches import switch_value, turn_switch
from storage.work import Work

CURSOR = "razorpay.payments.seen"
OVERLAP = timedelta(hours=3)
FARTHEST = timedelta(days=30)


class LinkNews:
    """Reads the payments of one account."""

    def __init__(self, reconciler: Reconciler) -> None:
        self._reconciler = reconciler

    async def run(self) -> None:
        """Take in what the webhooks missed, and look at open links; where nobody ever ordered there is neither."""
        to = self._reconciler
        if not await to.database.read(orders.any_order):
            return
        now = to.clock.now()
        seen: str | None = await to.writers.run(lambda work: switch_value(work, CURSOR))
        since = max(datetime.fromisoformat(seen) if seen else now - FARTHEST, now - FARTHEST)
        outcome = await to.ask(ListCaptures(int(since.timestamp())))
        if isinstance(outcome, Done) and isinstance(outcome.result, Captures):
            await self._take(outcome.result.payments)
            cursor = (now - OVERLAP).isoformat()
            await to.writers.run(lambda work: turn_switch(work, CURSOR, cursor, actor="reconcile"))
        waiting = await to.database.read(lambda c: orders.waiting(c, "razorpay"))
        if waiting:
            await to.writers.run(lambda work: look_at_orders(work, waiting, now))

    async def _take(self, payments: list[Capture]) -> None:
        ours = [one for one in payments if one.notes.get("order_id")]

        def unknown(work: Work) -> list[Capture]:
            return [one for one in ours if orders.by_intent(work, "razorpay", one.payment_id) is None]

        missed = await self._reconciler.writers.run(unknown) if ours else []
        await self._reconciler.take("razorpay", [_event(one) for one in missed])


def _event(one: Capture) -> Event:
    """Return what the webhook of a captured payment would have brought."""
    thing = {"id": one.payment_id, "amount": one.amount_minor, "currency": one.currency, "notes": one.notes}
    return Event("razorpay", f"captured:{one.payment_id}", "payment.captured", {"object": thing})
