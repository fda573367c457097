"""The opening date has passed with work left: one message with three ways on (rule NG-4, C64).

B> Your opening date, May 3, has passed with 3 tasks open (6 h). LAUNCH MAY 24 is a date that fits; SKIP and a task
   cuts the list (1.3, 2.2, 2.6); PAUSE 2 WEEKS rests it all.
"""

from __future__ import annotations

from datetime import date

from bot.engine.turn import Turn
from handlers.coaching.later import schedule, slots
from handlers.coaching.later.standing import Standing, consents, free_at, is_resting, stand
from handlers.coaching.later.wording import day_told
from handlers.coaching.plan.dates import new_opening, open_minutes
from storage.coaching import checkins
from storage.coaching.tasks import PlanTask

HOURS = 5
"""Hours a week of a person who told none, for the new date."""
_SHOWN = 6


def due(turn: Turn) -> None:
    """Offer a new date, fewer tasks or a pause, once for each date that passed."""
    turn.silent = True
    standing = stand(turn)
    if standing is None or is_resting(turn, standing.project.id) or standing.opening is None:
        return
    opens = standing.opening
    if opens.isoformat() != turn.event.payload["day"] or opens >= standing.today:
        schedule.plan_opening(turn, standing)
        return
    left = left_of(standing)
    if not left or not consents(turn):
        return
    free = slots.opening(standing.rhythm, free_at(turn))
    if free > turn.now:
        schedule.put_off(turn, schedule.OPENING, free, day=opens.isoformat())
        return
    if checkins.claim(
        turn.work, turn.person.id, standing.project.id, kind="replan", period=opens.isoformat(), due=turn.now
    ):
        _send(turn, standing, opens, left)


def left_of(standing: Standing) -> list[PlanTask]:
    """Return the once-tasks of the phases before the opening that are still to be done."""
    last = max((phase.n for phase in standing.plan.preparing_phases), default=0)
    return [task for task in standing.tasks if task.is_once and task.is_open and task.phase <= last]


def _send(turn: Turn, standing: Standing, opens: date, left: list[PlanTask]) -> None:
    minutes = open_minutes(standing.plan, standing.tasks)
    fits = new_opening(minutes, standing.profile.hours_per_week or HOURS, standing.today)
    ids = [task.task_id for task in left]
    turn.notify(
        "coaching.later.replan" if len(left) > 1 else "coaching.later.replan_one",
        opens=day_told(opens, standing.today),
        count=len(left),
        hours=-(-minutes // 60),
        fits=day_told(fits, standing.today),
        tasks=", ".join(ids[:_SHOWN]) + (", ..." if len(ids) > _SHOWN else ""),
    )
