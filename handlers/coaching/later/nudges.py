"""One nudge for each silence after a check-in: after 1, 3, 7 and 14 days, and then nothing (rule NG-2, C62).

    B> No rush: next is task 1.3, Write the benefits. Whenever you are ready, write me a line.
    B> Still with you. SMALLER gives a smaller step, a word like "launch May 3" a new date, PAUSE 2 WEEKS a rest.

Any word of the person ends the silence. None of them blames.
"""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.coaching.later import schedule, slots
from handlers.coaching.later.standing import Standing, consents, free_at, heard_at, is_resting, stand
from handlers.coaching.later.wording import step_told
from storage.coaching import cares, checkins


def begin(turn: Turn, standing: Standing) -> None:
    """Begin to count the silence after a check-in that is sent in this turn."""
    cares.silent(turn.work, turn.person.id, 0)
    _set(turn, standing, 0, checkin=standing.today.isoformat())


def _set(turn: Turn, standing: Standing, step: int, *, checkin: str) -> None:
    last = checkins.newest(turn.work, turn.person.id, standing.project.id)
    sent = last.sent_at if last is not None and last.sent_at is not None else turn.now
    at = slots.nudge_at(standing.rhythm, sent, step)
    if at is not None:
        schedule.put_off(turn, schedule.NUDGE, max(at, turn.now), step=step, checkin=checkin)


def due(turn: Turn) -> None:
    """Nudge a person who said nothing since the check-in, and set the next; stop when they wrote, or rest."""
    turn.silent = True
    standing, payload = stand(turn), turn.event.payload
    if standing is None or is_resting(turn, standing.project.id):
        return
    last, heard, step = checkins.newest(turn.work, turn.person.id, standing.project.id), heard_at(turn), payload["step"]
    if last is None or last.sent_at is None or (heard is not None and heard >= last.sent_at) or not consents(turn):
        return
    free = slots.opening(standing.rhythm, free_at(turn))
    if free > turn.now:
        schedule.put_off(turn, schedule.NUDGE, free, **payload)
        return
    period = f"{payload['checkin']}+{step}"
    if checkins.claim(
        turn.work, turn.person.id, standing.project.id, kind="nudge", period=period, step=step, due=turn.now
    ):
        key = "coaching.later.nudge" if step == 0 else "coaching.later.nudge_again"
        turn.notify(key, purpose="nudge", step=step_told(turn, standing))
        cares.silent(turn.work, turn.person.id, step + 1)
    _set(turn, standing, step + 1, checkin=payload["checkin"])
