"""A project as a turn sees it: its rows, and all that is computed from them and never stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from bot.core.quiet.places import place_of_number
from bot.engine.turn import Turn
from handlers.coaching import wording
from handlers.coaching.decisions import Category, Context, Task
from handlers.coaching.plan import dates, next_step, progress, rhythm
from handlers.coaching.plan.template import Template, of_body
from storage.coaching import decisions, profiles, projects, tasks
from storage.coaching.decisions import Decision
from storage.coaching.profiles import Profile
from storage.coaching.tasks import PlanTask

DEFAULT_ZONE = "America/Los_Angeles"
_LOCALES = {"en": "en-US", "es": "es-US"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A project of this person."""

    project: sa.Row[Any]
    plan: Template
    profile: Profile
    tasks: Sequence[PlanTask]
    decisions: dict[str, Decision]
    pauses: Sequence[rhythm.Pause]
    today: date

    @property
    def id(self) -> int:
        """The project's row id."""
        return int(self.project.id)

    @property
    def opening(self) -> date | None:
        """The day of the opening, once it is decided."""
        found = next((one for one in self.decisions.values() if one.value_type == "date"), None)
        return wording.parsed(found.value) if found else None

    @property
    def begins(self) -> date:
        """The day from which recurring tasks are due: the opening, or when the plan expects it."""
        found = dates.phase_dates(self.plan, self.project.started_on, self.opening)
        preparing = {phase.n for phase in self.plan.preparing_phases}
        return next((one.starts for one in found if one.n not in preparing), self.project.started_on)

    @property
    def progress(self) -> progress.Progress:
        """How far it is (PG-1)."""
        weights = self.plan.weights_percent
        decided = sum(one.category in self.decisions for one in self.plan.decisions)
        return progress.progress(
            self.tasks, decided, decisions=len(self.plan.decisions), planning_weight=weights.planning,
            execution_weight=weights.execution,
        )  # fmt: skip

    @property
    def next(self) -> next_step.NextStep:
        """What is to be done next (TK-4)."""
        return next_step.next_step(self.plan, self.tasks, self.decisions, self.begins)

    @property
    def phase(self) -> int | None:
        """The present phase."""
        return next_step.current_phase(self.tasks)

    @property
    def is_complete(self) -> bool:
        """Whether its end may be proposed: every once-task is done or skipped, and the opening has passed (PJ-3)."""
        closed = all(not task.is_open for task in self.tasks if task.is_once)
        return closed and self.opening is not None and self.opening < self.today

    def task(self, task_id: str) -> PlanTask | None:
        """Return a task of the plan, None for an unknown or a removed one."""
        wanted = task_id.casefold()
        return next((one for one in self.tasks if one.task_id == wanted and not one.is_removed), None)

    def streak(self, task: PlanTask) -> int:
        """Return how many periods in a row a recurring task has happened (TK-2)."""
        return rhythm.streak(task.cadence, task.days, self.today, self.pauses)


def today(turn: Turn) -> date:
    """Return the person's civil date."""
    return turn.today(zone(turn))


def zone(turn: Turn) -> str:
    """Return the person's zone: told, else that of their number."""
    if turn.person.zone:
        return turn.person.zone
    place = place_of_number(turn.address.handle) if turn.address is not None and turn.channel == "sms" else None
    return place.zones[0] if place is not None and place.state is not None else DEFAULT_ZONE


def see(turn: Turn) -> Seen | None:
    """Return the project that the person works on, None when there is none."""
    person_id = turn.person.id
    row = turn.work.once(("coaching", "active", person_id), lambda: projects.active(turn.work, person_id))
    return None if row is None else look(turn, row)


def look(turn: Turn, row: sa.Row[Any]) -> Seen:
    """Return a project with all that belongs to it, read once in a turn; `again` reads anew after a change."""
    return turn.work.once(("coaching", "seen", row.id), lambda: _look(turn, row))


def again(turn: Turn, seen: Seen) -> Seen:
    """Return the project as it is after what this turn has written."""
    turn.work.forget(("coaching", "active", turn.person.id))
    turn.work.forget(("coaching", "seen", seen.id))
    row = projects.load(turn.work, turn.person.id, seen.id)
    if row is None:
        raise LookupError("the project is gone")
    return turn.work.once(("coaching", "seen", row.id), lambda: _look(turn, row, seen.plan))


def _look(turn: Turn, row: sa.Row[Any], plan: Template | None = None) -> Seen:
    work, person_id = turn.work, turn.person.id
    held = decisions.current(work, person_id, row.id)
    listed = tasks.load_all(work, person_id, row.id)
    repeats = any(one.days for one in listed if not one.is_once)
    return Seen(
        project=row,
        plan=plan or _plan_of(turn, row.template_digest),
        profile=profiles.load(work, person_id) or Profile(),
        tasks=listed,
        decisions={one.category: one for one in held},
        pauses=projects.pauses(work, person_id, row.id) if repeats else (),  # of use to streaks alone
        today=today(turn),
    )


_PLANS: dict[str, Template] = {}
"""By the digest of their content, which never changes under it."""


def _plan_of(turn: Turn, digest: str) -> Template:
    """Return the plan that a project was started from, read once in a process."""
    found = _PLANS.get(digest)
    if found is None:
        body = projects.template_body(turn.work, digest)
        if body is None:
            raise LookupError("the plan of a project is gone")
        found = _PLANS[digest] = of_body(body)
    return found


def context(
    turn: Turn, seen: Seen, *, pending: str = "", options: Sequence[str] = (), forwarded: bool = False
) -> Context:
    """Return what a message of this person is read with."""
    named = [one for one in seen.tasks if not one.is_removed]
    return Context(
        today=seen.today,
        locale=seen.profile.locale or _LOCALES.get(turn.locale, turn.locale),
        currency=seen.profile.currency or seen.plan.currency,
        pending=Category(pending) if pending in {str(one) for one in Category} else None,
        options=tuple(options),
        is_forwarded=forwarded,
        tasks=tuple(Task(one.task_id, one.title, one.done_phrases, one.decisions) for one in named),
        done=frozenset(one.task_id for one in named if one.is_once and one.state == "done"),
        saved={category: one.value for category, one in seen.decisions.items()},
    )
