"""The timers of a coached person, one of each kind: set anew whenever what they depend on has changed.

`renew` is called after a start, a setting, a saved opening date, a change of zone, a pause and its end. It may be
called at any time: it always comes to the same timers.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.engine.turn import Turn
from handlers.coaching.later import slots
from handlers.coaching.later.standing import Standing, is_resting, stand
from storage.coaching import checkins

CHECKIN, NUDGE, OPENING, RESUME = "coaching.checkin", "coaching.nudge", "coaching.opening", "coaching.resume"
_AFTER = timedelta(days=1)


def key(turn: Turn, kind: str = "") -> str:
    """Return the key of a person's timer of a kind, or what all of them begin with."""
    return f"coach:{turn.person.id}:{kind}"


def renew(turn: Turn) -> None:
    """Set a person's timers by what is so now; none without an active project or in a pause."""
    standing = stand(turn)
    turn.cancel_timers(key(turn, CHECKIN))
    turn.cancel_timers(key(turn, OPENING))
    if standing is None or is_resting(turn, standing.project.id):
        turn.cancel_timers(key(turn, NUDGE))
        return
    plan_checkin(turn, standing)
    plan_opening(turn, standing)


def plan_checkin(turn: Turn, standing: Standing) -> None:
    """Set the timer of the next check-in."""
    slot = slots.next_slot(standing.rhythm, turn.now, last_day(turn, standing))
    if slot is not None:
        put_off(turn, CHECKIN, slot.due, day=slot.day.isoformat())


def plan_opening(turn: Turn, standing: Standing) -> None:
    """Set the timer of the morning after the opening date; the date makes it the only one (NG-4)."""
    opens = standing.opening
    if opens is None:
        return
    rhythm = standing.rhythm
    due = slots.opening(rhythm, max(turn.now, rhythm.at(opens + _AFTER)))
    put_off(turn, OPENING, due, day=opens.isoformat())


def put_off(turn: Turn, kind: str, due: datetime, **body: object) -> None:
    """Set or move the person's timer of a kind."""
    turn.timer(kind, key(turn, kind), due, **body)


def last_day(turn: Turn, standing: Standing) -> date | None:
    """Return the local day of the last check-in, None before the first."""
    row = checkins.newest(turn.work, turn.person.id, standing.project.id)
    return None if row is None else date.fromisoformat(row.period)
