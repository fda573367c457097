"""Check-ins at the person's own hour, and the review of the week (rules NG-1, NG-3, NG-5).

    B> Your week: 2 tasks done, 3 of 5 decisions, 26 days to opening. You promised: "post the welcome note". What got
       in the way?
    U> nothing, it is posted
    B> (daily) You promised: "post the welcome note". Next is task 1.4, Connect payments. What will you do today?

While an earlier check-in waits for an answer the nudges speak instead, and after the last of them nothing does.
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.engine.turn import Turn
from handlers.coaching.flow.seen import Seen, see
from handlers.coaching.later import nudges, picture, schedule, slots
from handlers.coaching.later.standing import consents, done_since, free_at, rhythm_of, unanswered
from handlers.coaching.later.telling import tell
from handlers.coaching.later.wording import promise_told, step_told, to_opening
from storage.coaching import checkins

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


def due(turn: Turn) -> None:
    """Send the check-in of a day, put it off, or leave it out; the next one is set in any case."""
    turn.silent = True
    seen = see(turn)
    if seen is None:
        return
    day, rhythm = date.fromisoformat(turn.event.payload["day"]), rhythm_of(turn, seen.profile)
    slot = slots.next_slot(rhythm, turn.now, schedule.last_day(turn, seen) or day - _DAY)
    if slot is None:
        return
    if slot.day == day and slot.due <= turn.now:  # else the day, the hour or the zone were changed since
        free = slots.opening(rhythm, free_at(turn))
        if free > turn.now and free - rhythm.at(day) < slots.LATE:
            schedule.put_off(turn, schedule.CHECKIN, free, day=day.isoformat())
            return
        may = free <= turn.now and consents(turn) and unanswered(turn, seen) is None
        _claim(turn, seen, slot, is_sent=may)
    schedule.plan_checkin(turn, seen)


def _claim(turn: Turn, seen: Seen, slot: slots.Slot, *, is_sent: bool) -> None:
    """Take the day, and send its message unless it is left out; a day that was taken before sends nothing."""
    kind = "review" if rhythm_of(turn, seen.profile).is_review(slot.day) else "checkin"
    state = "sent" if is_sent else "missed"
    period = slot.day.isoformat()
    claimed = checkins.claim(turn.work, turn.person.id, seen.id, kind=kind, period=period, due=slot.due, state=state)
    if claimed and is_sent:
        _send(turn, seen, kind)
        nudges.begin(turn, seen)


def _send(turn: Turn, seen: Seen, kind: str) -> None:
    promise = promise_told(turn, seen)
    if kind == "checkin":
        tell(turn, seen, "coaching.later.checkin", promise=promise, step=step_told(turn, seen))
        return
    progress = seen.progress
    tell(
        turn,
        seen,
        "coaching.later.review",
        done=done_since(seen, seen.today - _WEEK),
        decided=progress.decided,
        decisions=progress.decisions,
        opening=to_opening(turn, seen),
        promise=promise,
    )
    if turn.channel == "telegram":
        picture.draw(turn, seen, dark=False)
