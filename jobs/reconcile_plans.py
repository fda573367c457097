"""Plans whose events never came: Stripe's own list against our mirror, hourly the live ones, nightly all (SB-16).

A difference is counted and repaired on the ordinary way: the person's turn looks at the subscription again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.subscriptions import GatewaySubscription, GatewaySubscriptions, ListSubscriptions
from jobs.reconcile import Reconciler
from storage import timers
from storage.billing import purchases, subscriptions
from storage.work import Work

CHECK = "billing.plan_check"
"""The timer by which a person's turn looks at one of their subscriptions."""

Differs = Callable[[Mapping[str, Any] | None, GatewaySubscription], bool]


class PlanTruth:
    """Compares the mirror with Stripe; `differs` judges one row, `ended` says that ended plans are looked at too."""

    def __init__(self, reconciler: Reconciler, differs: Differs, *, ended: bool = False) -> None:
        self._reconciler, self._differs, self._ended = reconciler, differs, ended

    async def run(self) -> None:
        """Have everything looked at that differs; where nobody ever bought a plan nothing is asked."""
        to = self._reconciler
        if not await to.database.read(purchases.any_purchase):
            return
        outcome = await to.ask(ListSubscriptions(self._ended))
        if not isinstance(outcome, Done) or not isinstance(outcome.result, GatewaySubscriptions):
            return
        listed = {one.subscription_id: one for one in outcome.result.subscriptions}
        wrong = await to.database.read(lambda c: self._wrong(c, listed))
        now = to.clock.now()

        def look(work: Work) -> None:
            for person_id, ref in wrong:
                body = orjson.dumps({"ref": ref})
                timers.set_timer(work, kind=CHECK, key=f"plan_check:{ref}", due=now, person_id=person_id, body=body)

        if wrong:
            await to.writers.run(look)
        await to.report("stripe_plans", len(wrong))

    def _wrong(self, connection: sa.Connection, listed: Mapping[str, GatewaySubscription]) -> list[tuple[int, str]]:
        """Return (person, subscription) of what differs, is missing here, or is live here and not at Stripe."""
        rows = [*subscriptions.renewing(connection), *subscriptions.known(connection, listed)]
        mine = {row.gateway_ref: row for row in rows}
        found = [
            (row.person_id, ref)
            for ref, row in mine.items()
            if ref not in listed or self._differs(dict(row._mapping), listed[ref])
        ]
        for ref, one in listed.items():
            buyer = None if ref in mine else purchases.buyer(connection, one.metadata.get("purchase_id", ""))
            if buyer is not None:
                found.append((buyer, ref))
        return found
