"""When a community can open, and when the phases of its plan end (rules TP-2, TP-3, NG-4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from handlers.coaching.plan.rhythm import months_after
from handlers.coaching.plan.template import Template
from storage.coaching.tasks import PlanTask

_WEEK = timedelta(days=7)


def weeks_for(minutes: int, hours_per_week: int) -> int:
    """Return how many whole weeks this much work takes."""
    return -(-minutes // (60 * hours_per_week))


def earliest_opening(plan: Template, hours_per_week: int, today: date) -> date:
    """Return the first sensible day to open (TP-2)."""
    return today + weeks_for(plan.totals.once_minutes_before_launch, hours_per_week) * _WEEK


def is_usual(plan: Template, weeks: int) -> bool:
    """Tell whether so many weeks lie within what the plan calls usual."""
    return plan.launch_window_weeks.min <= weeks <= plan.launch_window_weeks.max


def new_opening(open_minutes: int, hours_per_week: int, today: date) -> date:
    """Return the day to propose when the opening has passed with work left (NG-4)."""
    return today + max(1, weeks_for(open_minutes, hours_per_week)) * _WEEK


def open_minutes(plan: Template, tasks: Iterable[PlanTask]) -> int:
    """Return the minutes of the once-tasks before the opening that are still to be done."""
    last = max((phase.n for phase in plan.preparing_phases), default=0)
    return sum(task.minutes for task in tasks if task.is_once and task.is_open and task.phase <= last)


def steady_minutes(tasks: Iterable[PlanTask]) -> int:
    """Return the minutes a week of the work that goes on after the opening (TP-2): daily, weekly and monthly tasks."""
    times: Mapping[str, Fraction] = {"daily": Fraction(7), "weekly": Fraction(1), "monthly": Fraction(12, 52)}
    going_on = (task for task in tasks if not task.is_removed and task.state != "skipped")
    return int(sum((task.minutes * times.get(task.cadence, Fraction(0)) for task in going_on), Fraction(0)))


@dataclass(frozen=True, slots=True)
class PhaseDates:
    """When a phase begins and ends; the last one is open."""

    n: int
    starts: date
    ends: date | None


def phase_dates(plan: Template, start: date, opening: date | None) -> list[PhaseDates]:
    """Return the days of all phases; those before the opening stretch linearly so as to end on it (TP-3)."""
    weeks = plan.preparing_weeks
    planned = start + weeks * _WEEK
    opens = opening if opening is not None and opening > start else planned
    stretch = Fraction((opens - start).days, (planned - start).days or 1)
    preparing = {phase.n for phase in plan.preparing_phases}
    found = []
    for phase in plan.phases:
        starts, ends = _window(start, phase.window.unit, phase.window.from_, phase.window.to)
        if phase.n in preparing:
            starts = start + _stretched(starts - start, stretch)
            ends = start + _stretched(ends - start, stretch) if ends else None
        else:
            starts, ends = starts + (opens - planned), ends + (opens - planned) if ends else None
        found.append(PhaseDates(phase.n, starts, ends))
    return found


def _window(start: date, unit: str, first: int, last: int | None) -> tuple[date, date | None]:
    if unit == "week":
        return start + (first - 1) * _WEEK, start + last * _WEEK if last is not None else None
    return months_after(start, first - 1), months_after(start, last) if last is not None else None


def _stretched(length: timedelta, stretch: Fraction) -> timedelta:
    return timedelta(days=round(length.days * stretch))
