"""How far a plan has come, from exact fractions (rule PG-1); nothing of it is ever stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from storage.coaching.tasks import PlanTask


@dataclass(frozen=True, slots=True)
class Progress:
    """Percentages rounded down, and the counts they come from."""

    planning: int
    execution: int
    overall: int
    decided: int
    decisions: int
    done: int
    tasks: int


def progress(
    tasks: Iterable[PlanTask], decided: int, *, decisions: int, planning_weight: int, execution_weight: int
) -> Progress:
    """Return how far a plan is; skipped and removed tasks leave the denominator.

    Where nothing is left to count (every task was skipped) that part is complete.
    """
    counted = [task for task in tasks if not task.is_removed and task.state != "skipped"]
    done = sum(task.counts for task in counted)
    planned, executed = _share(decided, decisions), _share(done, len(counted))
    return Progress(
        planning=int(100 * planned),
        execution=int(100 * executed),
        overall=int(planning_weight * planned + execution_weight * executed),
        decided=decided,
        decisions=decisions,
        done=done,
        tasks=len(counted),
    )


def _share(part: int, whole: int) -> Fraction:
    return Fraction(part, whole) if whole else Fraction(1)


def time_elapsed(start: date, opening: date | None, today: date) -> int | None:
    """Return the percentage of the days from start to opening that are over; None without a date."""
    if opening is None:
        return None
    days, over = (opening - start).days, (today - start).days
    if over <= 0:
        return 0
    return 100 if over >= days else int(Fraction(100 * over, days))
