"""Where a person stands when something falls due: project, plan, decisions, rhythm, and whether they may be written to.

`reached` answers the question that every unasked message begins with: now, later, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.quiet.places import place_of_number
from bot.engine.turn import Turn
from handlers.coaching.later.slots import QUIET, Rhythm
from handlers.coaching.plan.next_step import NextStep, next_step
from handlers.coaching.plan.progress import Progress, progress
from handlers.coaching.plan.template import Template, of_body
from storage import addresses
from storage.coaching import cares, decisions, profiles, projects, tasks
from storage.coaching.decisions import Decision
from storage.coaching.profiles import Profile
from storage.coaching.tasks import PlanTask
from storage.schema import moment

DEFAULT_ZONE = "America/New_York"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's active project and what is to be known of it."""

    project: sa.Row[Any]
    profile: Profile
    plan: Template
    tasks: list[PlanTask]
    decisions: list[Decision]
    rhythm: Rhythm
    today: date

    @property
    def opening(self) -> date | None:
        """The day on which the community opens, None before it is decided to the day."""
        found = next((one.value for one in self.decisions if one.category == "timeline"), "")
        return date.fromisoformat(found) if len(found) == len("2026-01-01") else None

    @property
    def progress(self) -> Progress:
        """How far the plan is."""
        weights = self.plan.weights_percent
        return progress(
            self.tasks, len({one.category for one in self.decisions}), decisions=len(self.plan.decisions),
            planning_weight=weights.planning, execution_weight=weights.execution,
        )  # fmt: skip

    @property
    def next(self) -> NextStep:
        """What is to be done next."""
        decided = {one.category for one in self.decisions}
        planned = self.project.started_on + self.plan.preparing_weeks * 7 * _DAY
        return next_step(self.plan, self.tasks, decided, self.opening or planned)

    def done_since(self, day: date) -> int:
        """Return how often a task was done after a day."""
        return sum(day < one <= self.today for task in self.tasks for one in task.days)


def rhythm_of(turn: Turn, profile: Profile) -> Rhythm:
    """Return when a person wants to hear from the coach."""
    quiet = QUIET if profile.quiet_from is None or profile.quiet_to is None else (profile.quiet_from, profile.quiet_to)
    return Rhythm(profile.checkin_every, profile.checkin_day, profile.checkin_hour, zone_of(turn), quiet)


def zone_of(turn: Turn) -> str:
    """Return the zone of a person: told by them, else that of their American number."""
    if turn.person.zone:
        return turn.person.zone
    address = turn.address
    place = place_of_number(address.handle) if address is not None and address.channel == "sms" else None
    return place.zones[0] if place is not None and place.state is not None else DEFAULT_ZONE


def stand(turn: Turn) -> Standing | None:
    """Return where a person stands, None without an active project."""
    person_id = turn.person.id
    project = projects.active(turn.work, person_id)
    profile = profiles.load(turn.work, person_id)
    body = projects.template_body(turn.work, project.template_digest) if project is not None else None
    if project is None or profile is None or body is None:
        return None
    rhythm = rhythm_of(turn, profile)
    return Standing(
        project, profile, of_body(body), tasks.load_all(turn.work, person_id, project.id),
        decisions.current(turn.work, person_id, project.id), rhythm, rhythm.today(turn.now),
    )  # fmt: skip


def is_resting(turn: Turn, project_id: int) -> bool:
    """Tell whether the person paused the project (NG-4)."""
    known = projects.pauses(turn.work, turn.person.id, project_id)
    return any(ended is None for _, ended in known)


def free_at(turn: Turn) -> datetime:
    """Return when a person may be written to: after a human's hold on the chat, and after a week of rest (SF-3)."""
    staffed = turn.person.staffed_until
    held = [cares.load(turn.work, turn.person.id).nudges_paused_until, moment(staffed) if staffed else None]
    return max([turn.now, *(one for one in held if one is not None)])


def consents(turn: Turn) -> bool:
    """Tell whether the address may be written to at all: active, and on SMS with consent in words (SMS-11)."""
    address = turn.address
    if address is None or address.state != "active":
        return False
    handle = f"{address.channel}:{address.handle}"
    return address.channel != "sms" or addresses.has_consent(
        turn.work, person_id=turn.person.id, kind="nudges", handle=handle
    )


def heard_at(turn: Turn) -> datetime | None:
    """Return when the person last wrote, anywhere."""
    heard = [one.last_in_at for one in addresses.of_person(turn.work, turn.person.id) if one.last_in_at is not None]
    return moment(max(heard)) if heard else None
