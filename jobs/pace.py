"""How fast texts leave, how many carriers take a day, and what they may cost (rules SMS-18 and SMS-48).

A sender has a bucket of segments that refills at the carrier's speed. Replies may empty it; notices leave a third and
nudges two thirds of it to what is more urgent. A text that must wait is given a moment of its own, so that a morning's
backlog does not ask again and again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.calls import Again, Outcome, Refused
from bot.core.calls.channels import SendSms
from bot.core.clock import Clock
from bot.core.sms import size
from jobs.campaigns import until_tomorrow
from storage.segments import Spent

KEPT_FREE = {"notice": 1 / 3, "nudge": 2 / 3, "offer": 2 / 3}
DAILY = 150
"""Segments per person and day; a whole appeal by SMS takes about 60."""

TENANT_DAILY = 20_000
"""Segments per tenant and day."""

CAP_SHARE = {"notice": 0.9, "nudge": 0.6, "offer": 0.6}
"""How much of the carriers' day messages of a purpose may fill; the rest is kept for what is more urgent."""

COUNTRIES = ("+1",)
PACED, CAPPED, TENANT_GUARD = "paced", "daily cap", "tenant_cost_guard"
SECONDS_HELD = 60.0
"""How many seconds' worth of segments may lie at the carrier, whose own queue holds four hours."""


def segments_of(call: SendSms) -> int:
    """Return what a text costs; a picture message counts as three."""
    return 3 if call.media_urls else max(size(call.body).segments, 1)


class Bucket:
    """The segments that one sender may hand over now."""

    def __init__(self, clock: Clock, *, per_second: float, capacity: float) -> None:
        self._clock, self._rate, self._capacity = clock, per_second, capacity
        self._level, self._at = capacity, clock.now()
        self._slots: dict[str, datetime] = {}
        self._paused = clock.now()

    def take(self, segments: int, purpose: str) -> timedelta | None:
        """Take segments and return None, or return how long to wait before asking again."""
        now = self._clock.now()
        if now < self._paused:
            return self._paused - now
        self._level = min(self._capacity, self._level + (now - self._at).total_seconds() * self._rate)
        self._at = now
        spare = self._level - self._capacity * KEPT_FREE.get(purpose, 0.0)
        needed = min(float(segments), self._capacity * (1 - KEPT_FREE.get(purpose, 0.0)))
        if spare >= needed:
            self._level -= segments
            return None
        return self._slot(now, purpose, needed - spare, segments)

    def pause(self, span: timedelta) -> None:
        """Take nothing for a while."""
        self._paused = self._clock.now() + span

    def _slot(self, now: datetime, purpose: str, missing: float, segments: int) -> timedelta:
        """Give the next free moment of this purpose: one after the other, at the sender's speed."""
        first = now + timedelta(seconds=missing / self._rate)
        slot = max(first, self._slots.get(purpose, first))
        self._slots[purpose] = slot + timedelta(seconds=segments / self._rate)
        return max(slot - now, timedelta(milliseconds=50))


class Pace:
    """Judges every text before it leaves. A full day or bucket makes a text wait; a cost guard refuses it."""

    def __init__(
        self,
        clock: Clock,
        *,
        segments_per_second: float = 1.0,
        daily: int = DAILY,
        tenant_daily: int = TENANT_DAILY,
        carriers_cap: int | None = None,
        countries: tuple[str, ...] = COUNTRIES,
    ) -> None:
        capacity = max(segments_per_second * SECONDS_HELD, 10.0)
        self._bucket = Bucket(clock, per_second=segments_per_second, capacity=capacity)
        self._clock, self._daily, self._tenant_daily = clock, daily, tenant_daily
        self._cap, self._countries = carriers_cap, countries

    def judge(self, call: SendSms, purpose: str, spent: Spent) -> Outcome | None:
        """Return None when a text may leave now, else why it never may (Refused) or when to ask again (Again)."""
        if not call.to.startswith(self._countries):
            return Refused("country", "outside the allow-list")
        segments = segments_of(call)
        if purpose != "code":
            if spent.person + segments > self._daily:
                return Refused("cost_guard", f"{spent.person} segments today")
            if spent.tenant + segments > self._tenant_daily:
                return Refused(TENANT_GUARD, f"{spent.tenant} segments today, to everybody")
        if self._cap is not None and spent.carriers + segments > self._cap * CAP_SHARE.get(purpose, 1.0):
            return Again(CAPPED, retry_after=until_tomorrow(self._clock.now()), whole_vendor=False)
        wait = self._bucket.take(segments, purpose)
        return None if wait is None else Again(PACED, retry_after=wait, whole_vendor=False)

    def pause(self, span: timedelta) -> None:
        """Let nothing leave for a while: the carrier's own queue is full."""
        self._bucket.pause(span)
