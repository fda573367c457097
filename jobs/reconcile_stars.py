"""Stars that no message told us of: Telegram's list of transactions, read every day (TS-5).

A payment goes in under its charge, as its message would; one that went back is settled or adopted.
"""

from __future__ import annotations

from bot.core.calls import Done
from bot.core.calls.stars import ListStars, StarTransaction, StarTransactions
from bot.core.events import Event
from jobs.reconcile import Reconciler
from storage.switches import switch_value, turn_switch

CURSOR = "stars.seen"
OVERLAP = 200
"""So many transactions are read again, because one may be listed after a later one."""


class StarNews:
    """Reads the transactions of one bot."""

    def __init__(self, reconciler: Reconciler, bot_id: str) -> None:
        self._reconciler, self._bot_id = reconciler, bot_id

    async def run(self) -> None:
        """Take in what the messages missed."""
        to = self._reconciler
        known: str | None = await to.writers.run(lambda work: switch_value(work, CURSOR))
        offset = max(int(known or 0) - OVERLAP, 0)
        before: StarTransactions | None = None
        while True:
            outcome = await to.ask(ListStars(offset))
            if not isinstance(outcome, Done) or not isinstance(outcome.result, StarTransactions):
                return
            if not outcome.result.seen or outcome.result == before:
                break  # the end, also at a server that gives its last page again and again
            await to.take("stars", [self._event(one) for one in outcome.result.items])
            before, offset = outcome.result, offset + outcome.result.seen
        seen = str(offset)
        await to.writers.run(lambda work: turn_switch(work, CURSOR, seen, actor="reconcile"))

    def _event(self, one: StarTransaction) -> Event:
        payload = {
            "charge_id": one.charge_id, "currency": "XTR", "amount_minor": one.amount, "payload": one.payload,
            "expires": None, "handle": f"{self._bot_id}:{one.user_id}", "user_id": one.user_id or 0,
        }  # fmt: skip
        kind, key = ("refunded", f"refund:{one.charge_id}") if one.is_refund else ("paid", one.charge_id)
        return Event("stars", key, kind, payload)
