"""The hours in which a proactive message may leave, and the next moment when it may.

All spans are half-open: 20:00:00 is too late. A message that cannot leave now is never lost: it gets the next opening,
spread over the first half hour so that a morning does not begin with a burst. Nothing is released in the last ten
minutes, because the carrier may queue.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.core.quiet.holidays import is_holiday
from bot.core.quiet.places import Place, Span, place_of_state

REPLY = timedelta(minutes=10)
SPREAD = timedelta(minutes=30)
LAST_CALL = timedelta(minutes=10)
_HORIZON_DAYS = 16
_SATURDAY, _SUNDAY = 5, 6
_DAY_START, _DAY_END = time(0), time.max

Stretch = tuple[datetime, datetime]
"""A half-open stretch of time, in UTC."""


@dataclass(frozen=True, slots=True)
class Window:
    """The operator's hours: weekdays and Saturdays, and Sundays with federal holidays."""

    week: Span = (time(9), time(20))
    sunday: Span = (time(12), time(20))


DEFAULT = Window()
_TELEGRAM_ZONES = ("America/New_York", "America/Los_Angeles")


def answers(now: datetime, last_inbound: datetime | None) -> bool:
    """Tell whether a message now is a reply: caused by a message of the same address within the last ten minutes."""
    return last_inbound is not None and timedelta() <= now - last_inbound <= REPLY


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one address: its place, the operator's window, and the person's own quiet time (local, may wrap)."""

    place: Place
    window: Window = DEFAULT
    quiet: Span | None = None

    def is_open(self, now: datetime) -> bool:
        """Tell whether a proactive message may leave now, ten-minute rule apart."""
        return any(start <= now < end for start, end in self._near(now))

    def next_opening(self, now: datetime) -> datetime | None:
        """Return `now` when open, else the start of the next stretch; None when the own quiet time leaves none."""
        return next((max(now, start) for start, end in self._ahead(now) if now < end), None)

    def closing(self, now: datetime) -> datetime | None:
        """Return the end of the stretch that holds `now`, None when closed; a validity never reaches beyond it."""
        return next((end for start, end in self._near(now) if start <= now < end), None)

    def validity(self, now: datetime, wanted: timedelta) -> timedelta:
        """Return how long a message sent now may wait at the carrier: as wanted, but not beyond the closing time."""
        end = self.closing(now)
        return min(wanted, end - now) if end else timedelta()

    def release(self, now: datetime, key: str) -> datetime | None:
        """Return when a message to the address `key` may leave: now, or spread over half an hour after an opening."""
        for start, end in self._ahead(now):
            last = end - LAST_CALL
            if now >= last:
                continue
            return now if start <= now else start + _share(key, min(SPREAD, last - start))
        return None

    def _near(self, now: datetime) -> tuple[Stretch, ...]:
        return _upcoming(self, now.astimezone(UTC).date(), 2)

    def _ahead(self, now: datetime) -> tuple[Stretch, ...]:
        """Return the stretches from yesterday on; two weeks are looked through only when the next days have none."""
        today = now.astimezone(UTC).date()
        soon = _upcoming(self, today, 2)
        return soon if soon and now < soon[-1][1] - LAST_CALL else _upcoming(self, today, _HORIZON_DAYS)


def telegram_hours(
    zone: str | None, *, state: str | None = None, opens: time = time(8), closes: time = time(22)
) -> Hours:
    """Return the hours for nudges on Telegram: the person's own day, or that of a state; unknown zones fit both coasts.

    There is no legal table for them.
    """
    span = (opens, closes)
    known = place_of_state(state) if state else None
    zones = (zone,) if zone else known.zones if known else _TELEGRAM_ZONES
    return Hours(Place(zones, None, span, span, span), Window(span, span))


def _share(key: str, span: timedelta) -> timedelta:
    """Return a stable share of a span for a key, in whole seconds."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return timedelta(seconds=int.from_bytes(digest) % max(1, int(span.total_seconds())))


@lru_cache(maxsize=4096)
def _upcoming(hours: Hours, today: date, days: int) -> tuple[Stretch, ...]:
    """Return the open stretches from yesterday on, in order; local days differ from the UTC day by one at most."""
    return tuple(s for ahead in range(-1, days) for s in _stretches(hours, today + timedelta(ahead)))


@lru_cache(maxsize=8192)
def _stretches(hours: Hours, day: date) -> tuple[Stretch, ...]:
    """Return the open stretches of a local day that fit in every zone."""
    spans = _spans(hours, day)
    stretches = [_in_zone(span, day, hours.place.zones[0]) for span in spans]
    for zone in hours.place.zones[1:]:
        others = [_in_zone(span, day, zone) for span in spans]
        stretches = [(max(a, c), min(b, d)) for a, b in stretches for c, d in others if max(a, c) < min(b, d)]
    return tuple(stretches)


def _in_zone(span: Span, day: date, zone: str) -> Stretch:
    start, end = (datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC) for at in span)
    return start, end


def _spans(hours: Hours, day: date) -> list[Span]:
    """Return the local spans of a day: operator's window within the state's, less the own quiet time."""
    free = day.weekday() == _SUNDAY or is_holiday(day)
    place, window = hours.place, hours.window
    state = place.sunday if free else place.saturday if day.weekday() == _SATURDAY else place.weekday
    if state is None or (day.weekday() == _SATURDAY and place.saturday is None):
        return []
    ours = window.sunday if free else window.week
    start, end = max(ours[0], state[0]), min(ours[1], state[1])
    spans = [(start, end)]
    for quiet in _unwrapped(hours.quiet):
        spans = [cut for span in spans for cut in _without(span, quiet)]
    return [span for span in spans if span[0] < span[1]]


def _unwrapped(quiet: Span | None) -> list[Span]:
    if quiet is None:
        return []
    start, end = quiet
    return [quiet] if start < end else [(_DAY_START, end), (start, _DAY_END)]


def _without(span: Span, quiet: Span) -> list[Span]:
    return [(span[0], min(span[1], quiet[0])), (max(span[0], quiet[1]), span[1])]
