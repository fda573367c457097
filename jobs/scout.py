"""Noticing that a vendor is back, for calls whose next try is far away (rules FAKE-5, FUL-8).

A letter is tried again after 1, 5, 15 minutes, 1, 2, 4 and 8 hours; a vendor that was down for two hours would keep it
for another one. So while such calls wait, their vendor is asked something harmless: their own look-up. When it answers
again after it had not, the calls are made at once, and the try that met the outage is not held against them. While it
answers all along, the trouble is the call's own, and its schedule stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.core.calls import Again, Outcome, Unknown
from bot.core.calls.lob import MailLetter
from bot.core.clock import Clock
from bot.core.ids import Ids
from bot.core.ports import Adapter, Attempt
from bot.core.seal import Seal
from jobs.delivery import FAR, Delivery
from jobs.files import StoredFiles
from jobs.leases import Lease, peek
from storage import outbox
from storage.database import Database, Writers
from storage.schema import micros, moment
from storage.switches import switch_value, turn_switch

EVERY = timedelta(seconds=30)
SCOUTED = (MailLetter,)
"""Calls whose look-up always asks the vendor, and does no more than that."""


class Scout:
    """Looks after the vendors of calls that wait long."""

    def __init__(
        self,
        *,
        database: Database,
        writers: Writers,
        delivery: Delivery,
        adapters: Iterable[Adapter],
        clock: Clock,
        ids: Ids,
        seal: Seal,
    ) -> None:
        self._database, self._writers, self._delivery = database, writers, delivery
        self._clock, self._ids, self._seal = clock, ids, seal
        self._adapters = {call: a for a in adapters for call in a.look_ups if call in SCOUTED}
        delivery.far = self.look

    async def look(self, lease: Lease) -> None:
        """Find out, right after a try failed, whether it is the vendor that is down."""
        adapter = self._adapters.get(type(lease.call))
        if adapter is not None:
            await self._scout(adapter.vendor, [lease])

    async def run(self) -> None:
        """Ask each vendor once whose calls wait long."""
        far = micros(self._clock.now() + FAR)
        rows = await self._database.read(lambda c: outbox.waiting_long(c, far))
        vendors: dict[str, list[Lease]] = {}
        for row in rows:
            lease = peek(self._seal, row)
            adapter = self._adapters.get(type(lease.call)) if lease is not None else None
            if lease is not None and adapter is not None:
                vendors.setdefault(adapter.vendor, []).append(lease)
        for vendor, leases in vendors.items():
            await self._scout(vendor, leases)

    async def _scout(self, vendor: str, leases: list[Lease]) -> None:
        breaker = self._delivery.breakers[vendor]
        if breaker.wait() is not None:
            return await self._note(vendor, "down")
        answer = await self._ask(leases[0])
        if isinstance(answer, Again | Unknown):
            breaker.failed()
            return await self._note(vendor, "down")
        breaker.succeeded()
        was: str | None = await self._writers.run(lambda work: switch_value(work, _switch(vendor)))
        if was == "down":
            await self._note(vendor, "up")
            await self._bring_forward(leases)
        return None

    async def _ask(self, lease: Lease) -> Outcome | None:
        look = self._adapters[type(lease.call)].look_ups[type(lease.call)]
        files = StoredFiles(self._database, self._seal, self._ids)
        now = self._clock.now()
        return await look(lease.call, Attempt(lease.key, lease.attempts, moment(lease.first_at), now, files))

    async def _note(self, vendor: str, word: str) -> None:
        await self._writers.run(lambda work: turn_switch(work, _switch(vendor), word, actor="scout"))

    async def _bring_forward(self, leases: list[Lease]) -> None:
        ids = [lease.id for lease in leases]
        await self._writers.run(lambda work: outbox.bring_forward(work, ids))
        self._delivery.wake.set()


def _switch(vendor: str) -> str:
    return f"vendor.{vendor}"
