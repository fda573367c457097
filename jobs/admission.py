"""Whether a claimed row may leave now: the vendor's circuit, its retry budget, and the pace and cost of texts.

All of it is decided in one go, without a pause in between, so that no two rows take the same place.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.core.calls import Again, Outcome, Refused, Unknown
from bot.core.calls.channels import SendSms
from bot.core.calls.outcome import UNAUTHORIZED
from bot.core.clock import Clock
from bot.core.ports import Adapter, Urgent
from bot.core.twilio_codes import QUEUE_FULL, QUEUE_PAUSE
from jobs.breaker import Breaker
from jobs.budget import BUDGET, RetryBudget
from jobs.campaigns import day_of
from jobs.leases import Lease
from jobs.pace import CAPPED, PACED, TENANT_GUARD, Pace
from storage import segments
from storage.alerts import raise_alert
from storage.database import Database, Writers
from storage.schema import micros

CIRCUIT = "circuit open"
UNCOUNTED = frozenset({CIRCUIT, BUDGET, PACED, CAPPED})
"""Reasons of rows that did not leave: such a try is not counted."""

ALARMS = {UNAUTHORIZED: "channel_down", CAPPED: "sms_daily_cap", TENANT_GUARD: "sms_cost_guard"}
"""What operators hear of, by the reason of an outcome."""


class Admission:
    """The gates of one process."""

    def __init__(
        self, adapters: Iterable[Adapter], *, database: Database, writers: Writers, clock: Clock, pace: Pace | None
    ) -> None:
        self._database, self._writers, self._clock, self._pace = database, writers, clock, pace
        self.breakers = {adapter.vendor: _breaker(adapter, clock) for adapter in adapters}
        self.budgets = {name: RetryBudget(clock.now) for name in self.breakers}
        self._alarmed: set[str] = set()

    async def held(self, lease: Lease, adapter: Adapter) -> Outcome | None:
        """Return why a row does not leave now, or None when it leaves."""
        spent = await self._spent(lease)
        vendor, attempts = adapter.vendor, lease.attempts
        if (wait := self.breakers[vendor].left()) is not None:
            return _later(adapter, CIRCUIT, wait)
        if (wait := self.budgets[vendor].wait(attempts)) is not None:
            return _later(adapter, BUDGET, wait)
        judged = self._pace.judge(lease.call, lease.purpose, spent) if self._pace and spent is not None else None
        if judged is not None:
            await self._alarm(vendor, judged)
            return judged
        self.budgets[vendor].made(attempts)
        self.breakers[vendor].wait()
        return None

    async def _spent(self, lease: Lease) -> segments.Spent | None:
        """Return what texts cost today; None when that has no say: no text, or one that may have left already."""
        if self._pace is None or not isinstance(lease.call, SendSms) or (lease.error or "").startswith("unknown"):
            return None
        now, person_id = self._clock.now(), lease.person_id or 0
        return await self._database.read(lambda c: segments.spent(c, person_id, micros(now), micros(day_of(now))))

    async def noted(self, vendor: str, outcome: Outcome) -> None:
        """Learn from how a call ended."""
        match outcome:
            case Again(_, _, True) | Unknown() | Refused(whole_vendor=True):
                self.breakers[vendor].failed()
            case _:
                self.breakers[vendor].succeeded()
        if isinstance(outcome, Again):
            if outcome.reason == QUEUE_FULL and self._pace:
                self._pace.pause(QUEUE_PAUSE)
            await self._alarm(vendor, outcome)

    async def _alarm(self, vendor: str, outcome: Outcome) -> None:
        """Let operators hear, once a day, of what only they can mend."""
        reason = outcome.reason if isinstance(outcome, Again) else outcome.code if isinstance(outcome, Refused) else ""
        key = f"{ALARMS.get(reason)}:{vendor}:{day_of(self._clock.now()):%Y-%m-%d}"
        if reason not in ALARMS or key in self._alarmed:
            return
        self._alarmed.add(key)
        details = {"vendor": vendor}
        await self._writers.run(lambda work: raise_alert(work, kind=ALARMS[reason], key=key, details=details))


def _breaker(adapter: Adapter, clock: Clock) -> Breaker:
    if isinstance(adapter, Urgent):
        return Breaker(clock.now, window=adapter.window, pause=adapter.pause)
    return Breaker(clock.now)


def _later(adapter: Adapter, reason: str, wait: timedelta) -> Outcome:
    return Refused(reason) if isinstance(adapter, Urgent) else Again(reason, retry_after=wait, whole_vendor=False)
