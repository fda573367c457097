"""The opening date has passed with work left: one message with three ways on (rule NG-4, C64).

B> Your opening date, May 3, has passed with 3 tasks open (6 h). LAUNCH MAY 24 is a date that fits; SKIP and a task
   cuts the list (1.3, 2.2, 2.6); PAUSE 2 WEEKS rests it all.
"""

from __future__ import annotations

from datetime import date

from bot.engine.turn import Turn
from handlers.coaching.flow.seen import Seen, see
from handlers.coaching.later import schedule, slots
from handlers.coaching.later.standing import consents, free_at, rhythm_of
from handlers.coaching.later.telling import tell
from handlers.coaching.plan.dates import new_opening, open_minutes
from handlers.coaching.wording import short_day
from storage.coaching import checkins
from storage.coaching.tasks import PlanTask

HOURS = 5
"""Hours a week of a person who told none, for the new date."""
_SHOWN = 6


def due(turn: Turn) -> None:
    """Offer a new date, fewer tasks or a pause, once for each date that passed."""
    turn.silent = True
    seen = see(turn)
    if seen is None or seen.opening is None:
        return
    opens = seen.opening
    if opens.isoformat() != turn.event.payload["day"] or opens >= seen.today:
        schedule.plan_opening(turn, seen)
        return
    left = left_of(seen)
    if not left or not consents(turn):
        return
    free = slots.opening(rhythm_of(turn, seen.profile), free_at(turn))
    if free > turn.now:
        schedule.put_off(turn, schedule.OPENING, free, day=opens.isoformat())
        return
    if checkins.claim(turn.work, turn.person.id, seen.id, kind="replan", period=opens.isoformat(), due=turn.now):
        _send(turn, seen, opens, left)


def left_of(seen: Seen) -> list[PlanTask]:
    """Return the once-tasks of the phases before the opening that are still to be done."""
    last = max((phase.n for phase in seen.plan.preparing_phases), default=0)
    return [task for task in seen.tasks if task.is_once and task.is_open and task.phase <= last]


def _send(turn: Turn, seen: Seen, opens: date, left: list[PlanTask]) -> None:
    minutes = open_minutes(seen.plan, seen.tasks)
    fits = new_opening(minutes, seen.profile.hours_per_week or HOURS, seen.today)
    ids = [task.task_id for task in left]
    tell(
        turn,
        seen,
        "coaching.later.replan" if len(left) > 1 else "coaching.later.replan_one",
        opens=short_day(turn, opens.isoformat()),
        count=len(left),
        hours=-(-minutes // 60),
        fits=short_day(turn, fits.isoformat()),
        tasks=", ".join(ids[:_SHOWN]) + (", ..." if len(ids) > _SHOWN else ""),
    )
