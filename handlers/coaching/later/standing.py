"""What every unasked message asks first: whose hour it is, and whether it may leave now, later, or not at all."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.engine.turn import Turn
from handlers.coaching.flow.seen import Seen, zone
from handlers.coaching.later.slots import QUIET, Rhythm
from storage import addresses, quiet_time
from storage.coaching import cares, checkins
from storage.coaching.profiles import Profile
from storage.schema import moment

NOTED = timedelta(minutes=1)
"""How exactly it is noted when a person wrote."""


FEATURE = "coaching.checkins"


def rhythm_of(turn: Turn, profile: Profile) -> Rhythm:
    """Return when a person wants to hear from the coach, and is told so: not more often than their plan has it."""
    quiet = quiet_time.of(turn.work, turn.person.id) or _earlier(profile) or QUIET
    every = profile.checkin_every
    if every != "never":
        value = turn.registry.rights.decide(turn, FEATURE).value
        every = every if value in (None, "daily") else "week" if value == "weekly" else "never"
    return Rhythm(every, profile.checkin_day, profile.checkin_hour, zone(turn), quiet)


def _earlier(profile: Profile) -> tuple[int, int] | None:
    """Return the quiet hours that releases before the schema 0021 kept for check-ins alone."""
    start, end = profile.quiet_from, profile.quiet_to
    return None if start is None or end is None else (start, end)


def free_at(turn: Turn) -> datetime:
    """Return when a person may be written to: after a human's hold on the chat, and after a week of rest (SF-3)."""
    staffed = turn.person.staffed_until
    held = [cares.load(turn.work, turn.person.id).nudges_paused_until, moment(staffed) if staffed else None]
    return max([turn.now, *(one for one in held if one is not None)])


def consents(turn: Turn) -> bool:
    """Tell whether the address may be written to at all: active, and on SMS with consent in words (SMS-11)."""
    address = turn.address
    if address is None or address.state != "active":
        return False
    handle = f"{address.channel}:{address.handle}"
    return address.channel != "sms" or addresses.has_consent(
        turn.work, person_id=turn.person.id, kind="nudges", handle=handle
    )


def unanswered(turn: Turn, seen: Seen) -> datetime | None:
    """Return when the last check-in was sent if the person wrote nothing since, anywhere; else None."""
    last = checkins.newest(turn.work, turn.person.id, seen.id)
    if last is None or last.sent_at is None:
        return None
    known = addresses.of_person(turn.work, turn.person.id)
    heard = max((one.last_in_at for one in known if one.last_in_at is not None), default=0)
    sent: datetime = last.sent_at
    return sent if moment(heard) < sent - NOTED else None


def done_since(seen: Seen, day: date) -> int:
    """Return how often a task was done after a day."""
    return sum(day < one <= seen.today for task in seen.tasks for one in task.days)
