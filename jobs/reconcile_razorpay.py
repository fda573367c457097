"""Payments by link that no webhook told us of: Razorpay's list and our open links, every hour (PY-13, SB-16).

A payment that bears our notes and stands in no order of ours goes in as its webhook would. A link that we hold for open
is read again in the queue of the person who pays, so one that ended unpaid ends here too. Refunds made at Razorpay's
own desk are adopted, and those that were on their way are asked for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.calls import Done
from bot.core.calls.razorpay import Capture, Captures, ListCaptures, ListGivenBack
from bot.core.calls.stripe import Refund, Refunds
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
        given = await to.ask(ListGivenBack(int(since.timestamp())))
        if isinstance(given, Done) and isinstance(given.result, Refunds):
            await to.take("razorpay", [_refund(one) for one in given.result.refunds if one.status != "pending"])
        if isinstance(outcome, Done) and isinstance(outcome.result, Captures):
            await self._take(outcome.result.payments)
        if isinstance(outcome, Done) and isinstance(given, Done):
            cursor = (now - OVERLAP).isoformat()
            await to.writers.run(lambda work: turn_switch(work, CURSOR, cursor, actor="reconcile"))
        waiting = await to.database.read(lambda c: orders.waiting(c, "razorpay"))
        giving = await to.database.read(lambda c: orders.giving(c, "razorpay"))

        def look(work: Work) -> None:
            look_at_orders(work, waiting, now)
            look_at_orders(work, giving, now, kind="orders.refunds")

        if waiting or giving:
            await to.writers.run(look)

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


def _refund(one: Refund) -> Event:
    """Return what the webhook of a refund would have brought."""
    status = {"succeeded": "processed"}.get(one.status, one.status)
    thing = {"id": one.refund_id, "amount": one.amount_minor, "status": status, "payment_id": one.payment_intent,
             "notes": one.metadata}  # fmt: skip
    return Event("razorpay", f"refund:{one.refund_id}:{status}", f"refund.{status}", {"object": thing})
