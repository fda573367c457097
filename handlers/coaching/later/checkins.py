"""Check-ins at the person's own hour, and the review of the week (rules NG-1, NG-3, NG-5).

    B> Your week: 2 tasks done, 3 of 5 decisions, 26 days to opening. You promised: "post the welcome note". What got
       in the way?
    U> nothing, it is posted
    B> (daily) You promised: "post the welcome note". Next is task 1.4, Connect payments. What will you do today?

While an earlier check-in waits for an answer the nudges speak instead, and after the last of them nothing does.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.engine.turn import Turn
from handlers.coaching.later import nudges, picture, schedule, slots
from handlers.coaching.later.standing import Standing, consents, free_at, heard_at, is_resting, stand
from handlers.coaching.later.wording import promise_told, step_told, to_opening
from storage.coaching import checkins

_WEEK = timedelta(days=7)


def due(turn: Turn) -> None:
    """Send the check-in of a day, put it off, or leave it, and set the next one."""
    turn.silent = True
    standing = stand(turn)
    if standing is None or is_resting(turn, standing.project.id):
        return
    day, rhythm = date.fromisoformat(turn.event.payload["day"]), standing.rhythm
    slot = slots.next_slot(rhythm, turn.now, schedule.last_day(turn, standing))
    if slot is None:
        return
    if slot.day != day or slot.due > turn.now:  # the day, the hour or the zone were changed since
        schedule.plan_checkin(turn, standing)
        return
    free = slots.opening(rhythm, free_at(turn))
    if free > turn.now:
        _later(turn, standing, free, day)
        return
    if is_unanswered(turn, standing) or not consents(turn):
        skip(turn, standing, day)
        return
    kind = "review" if rhythm.is_review(day) else "checkin"
    if checkins.claim(turn.work, turn.person.id, standing.project.id, kind=kind, period=day.isoformat(), due=slot.due):
        _send(turn, standing, kind)
        nudges.begin(turn, standing)
    schedule.plan_checkin(turn, stand(turn) or standing)


def _later(turn: Turn, standing: Standing, free: datetime, day: date) -> None:
    """Put a check-in off to the next opening; one that would come too late leaves its place to the next."""
    if free - standing.rhythm.at(day) < slots.LATE:
        schedule.put_off(turn, schedule.CHECKIN, free, day=day.isoformat())
    else:
        skip(turn, standing, day)


def skip(turn: Turn, standing: Standing, day: date) -> None:
    """Leave the check-in of a day out, and set the next."""
    slot = slots.next_slot(standing.rhythm, turn.now, max(day, schedule.last_day(turn, standing) or day))
    if slot is not None:
        schedule.put_off(turn, schedule.CHECKIN, slot.due, day=slot.day.isoformat())


def is_unanswered(turn: Turn, standing: Standing) -> bool:
    """Tell whether the last check-in still waits for any word of the person."""
    last, heard = checkins.newest(turn.work, turn.person.id, standing.project.id), heard_at(turn)
    return last is not None and last.sent_at is not None and (heard is None or heard < last.sent_at)


def _send(turn: Turn, standing: Standing, kind: str) -> None:
    promise = promise_told(turn, standing)
    if kind == "checkin":
        turn.notify("coaching.later.checkin", promise=promise, step=step_told(turn, standing))
        return
    progress = standing.progress
    turn.notify(
        "coaching.later.review",
        done=standing.done_since(standing.today - _WEEK),
        decided=progress.decided,
        decisions=progress.decisions,
        opening=to_opening(turn, standing),
        promise=promise,
    )
    if turn.channel == "telegram":
        picture.draw(turn, standing, dark=False)
