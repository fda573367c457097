"""The texts that a model is given: the stable part with the plan, and the pinned facts of a person (rules CX-3, SF-6).

The stable part holds nothing of a person. The facts are built anew for each turn from what is stored, so that a price
that was superseded is nowhere in them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from handlers.coaching.plan.next_step import NextStep, current_phase
from handlers.coaching.plan.template import DecisionPoint, Template
from handlers.coaching.safety.delimiting import Kind, contained
from handlers.coaching.talk.window import FACTS, SYSTEM, tokens
from storage.coaching.profiles import Profile
from storage.coaching.tasks import PlanTask


@cache
def prompts() -> Mapping[str, str]:
    """Return the texts of the data file."""
    text = resources.files("handlers.coaching.talk").joinpath("data/prompts.toml").read_text("utf-8")
    found: Mapping[str, str] = {name: value.strip() for name, value in tomllib.loads(text).items()}
    return found


@cache
def system(plan: Template) -> str:
    """Return the stable part for a plan, without its tasks' details if they would be too much."""
    whole = "\n\n".join([prompts()["reply"], "\n".join(_plan(plan, details=True))])
    return whole if tokens(whole) <= SYSTEM else "\n\n".join([prompts()["reply"], "\n".join(_plan(plan))])


def _plan(plan: Template, *, details: bool = False) -> Iterator[str]:
    yield f"The plan: {plan.title}. Money in {plan.currency}."
    yield "Decisions, in order:"
    for one in sorted(plan.decisions, key=lambda point: point.order):
        yield f"- {one.category} (task {one.task}): {one.question} Recommended: {_recommended(one, plan.currency)}"
    for phase in plan.phases:
        yield f"Phase {phase.n}, {phase.title}:"
        for task in phase.tasks:
            every = "" if task.cadence == "once" else f", {task.cadence.replace('_', ' ')}"
            detail = f". {task.detail}" if details and task.detail else ""
            yield f"- {task.id} {task.title} ({_hours(task.minutes_per_occurrence)}{every}){detail}"


def _recommended(one: DecisionPoint, currency: str) -> str:
    low, high = one.recommended_min_minor, one.recommended_max_minor
    span = f"{low // 100}-{high // 100} {currency} a month; " if low is not None and high is not None else ""
    return f"{span}{one.recommended}"


def _hours(minutes: int) -> str:
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"


@dataclass(frozen=True, slots=True)
class Known:
    """All that the pinned facts are made of."""

    today: date
    plan: Template
    profile: Profile
    tasks: Sequence[PlanTask]
    decisions: Sequence[tuple[str, str, date]]
    """Current ones: category, canonical text, the day of saving."""
    next_step: NextStep
    opening: date | None
    percent: int


def facts(known: Known) -> str:
    """Return the pinned facts; what matters least stands last and gives way when there is too much."""
    lines = list(_facts(known))
    while tokens("\n".join(lines)) > FACTS:
        lines.pop()
    return "\n".join(lines)


def _facts(known: Known) -> Iterator[str]:
    decided = {category: f"{value} (saved {day})" for category, value, day in known.decisions}
    yield f"Today: {known.today:%A} {known.today}"
    yield "Decisions: " + (
        _joined(f"{name} = {contained(Kind.DECISION, text)}" for name, text in decided.items()) or "none yet"
    )
    missing = [one.category for one in known.plan.decisions if one.category not in decided]
    yield "Not decided yet: " + (", ".join(missing) or "nothing")
    yield f"Next step, chosen by the program: {_step(known.next_step)}"
    yield f"Opening date: {known.opening or 'not set'}"
    yield f"Progress: {known.percent} percent"
    yield "Tasks done: " + (", ".join(t.task_id for t in known.tasks if not t.is_removed and t.counts) or "none")
    yield "Tasks skipped: " + (", ".join(t.task_id for t in known.tasks if t.state == "skipped") or "none")
    phase = current_phase(known.tasks)
    here = [task.task_id for task in known.tasks if task.is_open and task.phase == phase]
    yield f"Open in phase {phase}: {', '.join(here) or 'none'}"
    yield from _profile(known.profile)
    shipped = {task.id for _, _, task in known.plan.points}
    own = [task for task in known.tasks if task.task_id not in shipped and not task.is_removed]
    if own:
        yield "The person's own tasks: " + _joined(f"{task.task_id} {contained(Kind.NAME, task.title)}" for task in own)


def _step(step: NextStep) -> str:
    if step.decision is not None:
        return f"decide {step.decision.category} (task {step.decision.task}): {step.decision.question}"
    if step.task is None:
        return "nothing is open"
    due = f", next on {step.due_on}" if step.due_on else ""
    return f"task {step.task.task_id}, {contained(Kind.NAME, step.task.title)}{due}"


def _profile(profile: Profile) -> Iterator[str]:
    told: dict[str, Any] = {
        "makes things on": profile.primary_platform,
        "followers": profile.follower_count,
        "about": contained(Kind.NICHE, profile.niche or ""),
        "hours a week": profile.hours_per_week,
        "engagement in percent": profile.engagement_bps / 100 if profile.engagement_bps is not None else None,
        "engagement compared with others": profile.engagement_comparison,
        "people who comment again and again": profile.repeat_commenters,
        "average views": profile.avg_views,
        "posts a week": profile.posts_per_week,
    }
    for name, value in told.items():
        if value not in (None, ""):
            yield f"The person, {name}: {value}"
    yield f"Tone: {profile.tone}"


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(parts)
