"""What is to be done next, chosen by code and never by a model (rule TK-4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from handlers.coaching.plan.rhythm import due
from handlers.coaching.plan.template import DecisionPoint, Template
from storage.coaching.tasks import PlanTask


@dataclass(frozen=True, slots=True)
class NextStep:
    """A decision to make, or a task to do, with the day on which a recurring one is due; neither when all is done."""

    decision: DecisionPoint | None = None
    task: PlanTask | None = None
    due_on: date | None = None


def current_phase(tasks: Sequence[PlanTask]) -> int | None:
    """Return the lowest phase with an open once-task, None when there is none any more."""
    return min((task.phase for task in tasks if task.is_once and task.is_open), default=None)


def open_decisions(plan: Template, decided: Collection[str]) -> list[DecisionPoint]:
    """Return what is still to be decided, in the order of the plan."""
    return [one for one in plan.decisions if one.category not in decided]


def next_step(plan: Template, tasks: Sequence[PlanTask], decided: Collection[str], opening: date) -> NextStep:
    """Return the next step; `opening` is when recurring tasks begin, decided or as the plan has it."""
    phase = current_phase(tasks)
    for one in open_decisions(plan, decided):
        if phase is None or int(one.task.split(".")[0]) == phase:
            return NextStep(decision=one)
    for task in tasks:
        if task.phase == phase and task.is_once and task.is_open:
            return NextStep(task=task)
    recurring = [task for task in tasks if not task.is_once and task.is_open]
    if not recurring:
        return NextStep()
    soonest = min(recurring, key=lambda task: due(task.cadence, task.days, opening))
    return NextStep(task=soonest, due_on=due(soonest.cadence, soonest.days, opening))
