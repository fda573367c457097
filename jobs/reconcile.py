"""What all reconciliation shares: asking a vendor directly, and taking its events in under the webhooks' keys.

An event that the webhooks brought is a duplicate and does nothing. One that they did not bring is a difference, which
is counted and told to the operators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bot.core.calls import Again, Outcome, Refused
from bot.core.clock import Clock
from bot.core.events import Event
from bot.core.ids import Ids
from bot.core.ports import Adapter, Attempt
from bot.core.seal import Seal
from bot.engine.dispatch import Dispatcher, Sent
from jobs.admission import CIRCUIT
from jobs.delivery import Delivery
from jobs.files import StoredFiles
from storage.alerts import raise_alert
from storage.database import Database, Writers


class Reconciler:
    """The way from a vendor's lists to the inbox."""

    def __init__(
        self,
        *,
        database: Database,
        writers: Writers,
        dispatcher: Dispatcher,
        delivery: Delivery,
        adapters: Iterable[Adapter],
        clock: Clock,
        ids: Ids,
        seal: Seal,
        observe: Callable[[str, int], None] = lambda vendor, differences: None,
    ) -> None:
        self.database, self.writers, self.clock = database, writers, clock
        self._dispatcher, self._delivery, self._ids, self._seal = dispatcher, delivery, ids, seal
        self._adapters = {call: adapter for adapter in adapters for call in adapter.calls}
        self._observe = observe

    def knows(self, call: type) -> bool:
        """Tell whether the vendor of a call is configured."""
        return call in self._adapters

    async def ask(self, call: Any) -> Outcome:
        """Ask a vendor something harmless; its trouble counts for its circuit, and an open circuit is not asked."""
        adapter = self._adapters.get(type(call))
        if adapter is None:
            return Refused("not_configured")
        breaker = self._delivery.breakers[adapter.vendor]
        if breaker.state != "closed":
            return Again(CIRCUIT, whole_vendor=False)
        now = self.clock.now()
        attempt = Attempt("", 1, now, now, StoredFiles(self.database, self._seal, self._ids))
        return await adapter.calls[type(call)](call, attempt)

    async def take(self, vendor: str, events: Iterable[Event]) -> int:
        """Take events in; return how many the webhooks had not brought. Operators hear of it once an hour."""
        fresh = [event for event in events if await self._take(event)]
        await self.report(vendor, len(fresh))
        return len(fresh)

    async def report(self, vendor: str, differences: int) -> None:
        """Count what a vendor's lists had and we had not; operators hear of it once an hour."""
        self._observe(vendor, differences)
        if differences:
            hour = f"{self.clock.now():%Y-%m-%d-%H}"
            details = {"vendor": vendor, "events": differences}
            await self.writers.run(
                lambda work: raise_alert(
                    work, kind="reconcile_difference", key=f"reconcile_difference:{vendor}:{hour}", details=details
                )
            )

    async def _take(self, event: Event) -> bool:
        key = hash(event.handle) if event.handle else event.person_id or 0
        sent: Sent = await self.writers.run(self._dispatcher.intake(event), key=key)
        self._delivery.offer(sent)
        return not sent.duplicate
