"""One nudge for each silence after a check-in: after 1, 3, 7 and 14 days, and then nothing (rule NG-2, C62).

    B> No rush: next is task 1.3, Write the benefits. Whenever you are ready, write me a line.
    B> Still with you. SMALLER gives a smaller step, a word like "launch May 3" a new date, PAUSE 2 WEEKS a rest.

Any word of the person ends the silence. None of them blames.
"""

from __future__ import annotations

from datetime import datetime

from bot.engine.turn import Turn
from handlers.coaching.flow.seen import Seen, see
from handlers.coaching.later import schedule, slots
from handlers.coaching.later.standing import consents, free_at, rhythm_of, unanswered
from handlers.coaching.later.telling import tell
from handlers.coaching.later.wording import step_told
from storage.coaching import cares, checkins


def begin(turn: Turn, seen: Seen) -> None:
    """Begin to count the silence after a check-in that is sent in this turn."""
    cares.silent(turn.work, turn.person.id, 0)
    _set(turn, seen, turn.now, 0)


def _set(turn: Turn, seen: Seen, sent: datetime, step: int) -> None:
    at = slots.nudge_at(rhythm_of(turn, seen.profile), sent, step)
    if at is not None:
        schedule.put_off(turn, schedule.NUDGE, max(at, turn.now), step=step)


def due(turn: Turn) -> None:
    """Nudge a person who said nothing since the check-in, and set the next; stop when they wrote, or rest."""
    turn.silent = True
    seen, step = see(turn), int(turn.event.payload["step"])
    if seen is None or not consents(turn):
        return
    sent = unanswered(turn, seen)
    if sent is None:
        return
    free = slots.opening(rhythm_of(turn, seen.profile), free_at(turn))
    if free > turn.now:
        schedule.put_off(turn, schedule.NUDGE, free, step=step)
        return
    period = f"{sent:%Y-%m-%dT%H:%M}+{step}"
    if checkins.claim(turn.work, turn.person.id, seen.id, kind="nudge", period=period, step=step, due=turn.now):
        key = "coaching.later.nudge" if step == 0 else "coaching.later.nudge_again"
        tell(turn, seen, key, purpose="nudge", step=step_told(turn, seen))
        cares.silent(turn.work, turn.person.id, step + 1)
    _set(turn, seen, sent, step + 1)
