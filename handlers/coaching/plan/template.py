"""Plans as files: read and checked at the start, so that a broken one stops the program (C04).

An operator adds a plan by adding a file of the same shape. Every id, reference, total, cadence and amount is checked;
what is wrong is named.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError

from bot.core.errors import Misconfigured
from storage.coaching.decisions import VALUE_TYPES
from storage.coaching.tasks import PlanTask

Cadence = Literal["once", "daily", "weekly", "monthly", "quarterly", "per_stream"]
Count = Annotated[StrictInt, Field(ge=0)]
_ID = re.compile(r"([1-9]\d?)\.([1-9]\d?)")


class _Stated(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Totals(_Stated):
    """What the rest of the file must add up to."""

    phases: Count
    tasks: Count
    decisions: Count
    once_tasks: Count
    recurring_tasks: Count
    once_minutes_before_launch: Count


class Weights(_Stated):
    """How much planning and execution count, in percent of the whole."""

    planning: Count
    execution: Count


class Span(_Stated):
    """A range of whole numbers."""

    min: Count
    max: Count


class Window(_Stated):
    """When a phase is planned, in weeks or months from the start; open at the end when `to` is missing."""

    unit: Literal["week", "month"]
    from_: Annotated[StrictInt, Field(ge=1, alias="from")]
    to: StrictInt | None = None


class Option(_Stated):
    """A value that is offered, with what it costs and whom it fits."""

    value: str
    monthly_cost_minor: Count = 0
    fits: str = ""


class DecisionPoint(_Stated):
    """What has to be decided, at which task, and what is recommended."""

    category: str
    order: Count
    question: str
    value_type: str
    task: str
    options: tuple[Option, ...] = ()
    also_accepted: tuple[str, ...] = ()
    recommended: str = ""
    recommended_min_minor: Count | None = None
    recommended_max_minor: Count | None = None
    sanity_min_minor: Count | None = None
    sanity_max_minor: Count | None = None
    founding_discount_percent: Span | None = None


class TaskPoint(_Stated):
    """A task as the file states it."""

    id: str
    title: str
    detail: str
    cadence: Cadence
    minutes_per_occurrence: Count
    cost_minor_per_occurrence: Count
    counts_after: Annotated[StrictInt, Field(ge=1)]
    decisions: tuple[str, ...] = ()
    done_phrases: tuple[tuple[str, ...], ...] = ()


class Phase(_Stated):
    """A stretch of the plan with its tasks, tips and pitfalls."""

    n: Count
    key: str
    title: str
    window: Window
    tips: tuple[str, ...] = ()
    pitfalls: tuple[str, ...] = ()
    tasks: tuple[TaskPoint, ...]


class Reason(_Stated):
    """A sentence for the person; it is left out unless all that it needs is known (PR-1)."""

    id: str
    text: str
    needs: tuple[str, ...] = ()


class Assumption(_Stated):
    """A figure without a source: shown as such, never computed with (TP-1)."""

    id: str
    text: str
    kind: str
    min_minor: Count | None = None
    max_minor: Count | None = None
    min: Count | None = None
    max: Count | None = None
    sourced: bool
    show_as: Literal["assumption", "benchmark"]


class Template(_Stated):
    """A whole plan."""

    schema_: Annotated[StrictInt, Field(alias="schema")]
    id: str
    version: Annotated[StrictInt, Field(ge=1)]
    title: str
    category: str
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    launch_window_weeks: Span
    weights_percent: Weights
    totals: Totals
    assumptions: tuple[Assumption, ...] = ()
    reasons: tuple[Reason, ...] = ()
    decisions: tuple[DecisionPoint, ...]
    phases: tuple[Phase, ...]

    @property
    def points(self) -> Iterator[tuple[Phase, int, TaskPoint]]:
        """Yield every task with its phase and its place in it."""
        for phase in self.phases:
            for place, task in enumerate(phase.tasks, 1):
                yield phase, place, task

    @property
    def preparing_phases(self) -> tuple[Phase, ...]:
        """Return the phases before the opening: those that end with the one in which the date is decided."""
        last = next((int(one.task.split(".")[0]) for one in self.decisions if one.value_type == "date"), 0)
        return tuple(phase for phase in self.phases if phase.n <= last)

    @property
    def preparing_weeks(self) -> int:
        """Return how many weeks the phases before the opening take as the file states them."""
        return max((phase.window.to or phase.window.from_ for phase in self.preparing_phases), default=0)

    def point_of(self, category: str) -> DecisionPoint | None:
        """Return the decision of a category."""
        return next((one for one in self.decisions if one.category == category), None)

    def phase(self, n: int) -> Phase | None:
        """Return the phase of a number."""
        return next((one for one in self.phases if one.n == n), None)

    def tasks(self) -> list[PlanTask]:
        """Return the plan's tasks as a project begins with them (PJ-2)."""
        return [
            PlanTask(
                task.id, phase.n, place, task.title, task.detail, task.cadence, task.minutes_per_occurrence,
                task.cost_minor_per_occurrence, task.counts_after, task.decisions, task.done_phrases,
            )
            for phase, place, task in self.points
        ]  # fmt: skip


def parse(body: bytes, name: str) -> Template:
    """Read a plan and check it; raise Misconfigured with all that is wrong."""
    try:
        found = Template.model_validate_json(body)
    except ValidationError as error:
        raise Misconfigured(name, "; ".join(_told(error))) from error
    wrong = list(_faults(found))
    if wrong:
        raise Misconfigured(name, "; ".join(wrong))
    return found


def _told(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False, include_input=False):
        yield f"{'.'.join(map(str, one['loc']))}: {one['msg']}"


def digest(body: bytes) -> str:
    """Return the name under which this very content is kept."""
    return hashlib.sha256(body).hexdigest()


def _faults(found: Template) -> Iterator[str]:
    if found.schema_ != 1:
        yield f"schema {found.schema_} is unknown"
    if found.weights_percent.planning + found.weights_percent.execution != 100:
        yield "weights_percent do not make 100"
    if found.launch_window_weeks.min > found.launch_window_weeks.max:
        yield "launch_window_weeks ends before it begins"
    yield from _task_faults(found)
    yield from _decision_faults(found)
    yield from _total_faults(found)


def _task_faults(found: Template) -> Iterator[str]:
    for n, phase in enumerate(found.phases, 1):
        if phase.n != n:
            yield f"phase {phase.n} stands at place {n}"
        if phase.window.to is not None and phase.window.to < phase.window.from_:
            yield f"the window of phase {phase.n} ends before it begins"
    ids = [task.id for _, _, task in found.points]
    yield from (f"task {one} stands twice" for one, times in Counter(ids).items() if times > 1)
    for phase, _, task in found.points:
        shape = _ID.fullmatch(task.id)
        if shape is None or int(shape[1]) != phase.n:
            yield f"task {task.id} has no id of phase {phase.n}"
        if task.cadence == "once" and task.counts_after != 1:
            yield f"task {task.id} happens once and counts after {task.counts_after}"


def _decision_faults(found: Template) -> Iterator[str]:
    tasks = {task.id: task for _, _, task in found.points}
    categories = [one.category for one in found.decisions]
    yield from (f"decision {one} stands twice" for one, times in Counter(categories).items() if times > 1)
    for one in found.decisions:
        if one.task not in tasks:
            yield f"decision {one.category} points to task {one.task}, which is not there"
        elif one.category not in tasks[one.task].decisions:
            yield f"task {one.task} does not name decision {one.category}"
        if one.value_type not in VALUE_TYPES:
            yield f"decision {one.category} has the unknown type {one.value_type}"
    if [one.order for one in found.decisions] != list(range(1, len(categories) + 1)):
        yield "decisions do not stand in their order"
    pointing = {(one.category, one.task) for one in found.decisions}
    for task in tasks.values():
        yield from (
            f"task {task.id} names decision {one}, which does not point back"
            for one in task.decisions
            if (one, task.id) not in pointing
        )


def _total_faults(found: Template) -> Iterator[str]:
    tasks = [task for _, _, task in found.points]
    once = sum(task.cadence == "once" for task in tasks)
    preparing = [task for phase in found.preparing_phases for task in phase.tasks if task.cadence == "once"]
    counted = {
        "phases": len(found.phases), "tasks": len(tasks), "decisions": len(found.decisions), "once_tasks": once,
        "recurring_tasks": len(tasks) - once,
        "once_minutes_before_launch": sum(task.minutes_per_occurrence for task in preparing),
    }  # fmt: skip
    for name, number in counted.items():
        stated = getattr(found.totals, name)
        if stated != number:
            yield f"totals.{name} is {stated}, but the file holds {number}"


class Shelf:
    """The plans that a person may start, by id, each with its very content."""

    def __init__(self, bodies: Iterable[tuple[str, bytes]]) -> None:
        self.bodies: dict[str, bytes] = {}
        self.templates: dict[str, Template] = {}
        for name, body in bodies:
            found = parse(body, name)
            if found.id in self.templates:
                raise Misconfigured(name, f"two plans are called {found.id}")
            self.templates[found.id], self.bodies[found.id] = found, body


def shelf(folder: Path | None = None) -> Shelf:
    """Read the plans that ship with the program and those of an operator's folder; raise Misconfigured (C04)."""
    own = resources.files("handlers.coaching").joinpath("data")
    bodies = [(one.name, one.read_bytes()) for one in own.iterdir() if one.name.endswith(".json")]
    more = [(one.name, one.read_bytes()) for one in sorted(folder.glob("*.json"))] if folder else []
    return Shelf([*sorted(bodies), *more])


@cache
def of_body(body: bytes) -> Template:
    """Return the plan that a project was started from; it was checked then."""
    return Template.model_validate_json(body)
