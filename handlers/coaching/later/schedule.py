"""The timers of a coached person, one of each kind: set anew whenever what they depend on has changed.

`renew` is called after a start, a setting, a saved opening date, a change of zone, a pause and its end. It may be
called at any time: it always comes to the same timers.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.engine.turn import Turn
from handlers.coaching.flow.seen import Seen, see
from handlers.coaching.later import slots
from handlers.coaching.later.standing import rhythm_of
from storage.coaching import checkins

CHECKIN, NUDGE, OPENING = "coaching.checkin", "coaching.nudge", "coaching.opening"
_AFTER = timedelta(days=1)


def key(turn: Turn, kind: str = "") -> str:
    """Return the key of a person's timer of a kind, or what all of them begin with."""
    return f"coach:{turn.person.id}:{kind}"


def renew(turn: Turn, late: timedelta = timedelta()) -> None:
    """Set a person's timers by what is so now; none without an active project.

    A check-in whose hour passed by up to `late` is due at once: so much may a person have moved east (NG-5). Who
    chooses another hour, or comes back from a pause, waits for the next one.
    """
    turn.work.forget(("coaching", "active", turn.person.id))
    seen = see(turn)
    for kind in (CHECKIN, OPENING) if seen is not None else (CHECKIN, OPENING, NUDGE):
        turn.cancel_timers(key(turn, kind))
    if seen is not None:
        plan_checkin(turn, seen, late)
        plan_opening(turn, seen)


def plan_checkin(turn: Turn, seen: Seen, late: timedelta = slots.LATE) -> None:
    """Set the timer of the next check-in."""
    slot = slots.next_slot(rhythm_of(turn, seen.profile), turn.now, last_day(turn, seen), late)
    if slot is not None:
        put_off(turn, CHECKIN, slot.due, day=slot.day.isoformat())


def plan_opening(turn: Turn, seen: Seen) -> None:
    """Set the timer of the morning after the opening date; the date makes it the only one (NG-4)."""
    opens = seen.opening
    if opens is None:
        return
    rhythm = rhythm_of(turn, seen.profile)
    due = slots.opening(rhythm, max(turn.now, rhythm.at(opens + _AFTER)))
    put_off(turn, OPENING, due, day=opens.isoformat())


def put_off(turn: Turn, kind: str, due: datetime, **body: object) -> None:
    """Set or move the person's timer of a kind."""
    turn.timer(kind, key(turn, kind), due, **body)


def last_day(turn: Turn, seen: Seen) -> date | None:
    """Return the local day of the last check-in, sent or left out, None before the first."""
    period = checkins.last_period(turn.work, turn.person.id, seen.id)
    return None if period is None else date.fromisoformat(period)
