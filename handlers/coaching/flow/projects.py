"""Projects: begun, rested, ended, deleted; at most one is active (rules PJ-1, PJ-3).

U> new project
B> You work on Premium Community (9%). First: 1 Pause it 2 Finish it 3 Abandon it 4 Keep it
U> 1
B> Paused. ...
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.flow import End, Flow, Next
from bot.engine.turn import Turn
from handlers.coaching import wording
from handlers.coaching.flow.profile import ProfileDraft, profile_flow
from handlers.coaching.flow.questions import ask_next
from handlers.coaching.flow.seen import Seen, look, see, today
from handlers.coaching.flow.welcome import welcome
from handlers.coaching.later.schedule import renew
from handlers.coaching.plan.rhythm import months_after
from handlers.coaching.plan.template import digest
from handlers.coaching.settings import settings_of
from storage.coaching import privacy, profiles, projects, proposals, tasks

RESUME = "coaching.resume"
_LENGTH = re.compile(r"(?:for )?(\d{1,3}|a|an|one|two|three|four) (day|week|month)s?", re.I)
_WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4}
LONGEST_DAYS = 366


class Standing(BaseModel):
    """Which project is asked about, and what is asked: whether to start another, or how to end this one."""

    act: str = "start"
    project_id: int = 0
    plan: str = ""


project_flow = Flow("coach_project", Standing, version=1, first="present")


# -- starting ----------------------------------------------------------------------------------------------------------


def begin(turn: Turn, plan: str = "") -> None:
    """Begin a project: the profile first, then the question what becomes of the present one (PJ-1)."""
    if profiles.load(turn.work, turn.person.id) is None:
        steps.open_flow(turn, profile_flow.name, draft=ProfileDraft().model_dump(mode="json"))
        return
    present = see(turn)
    if present is not None:
        _open(turn, "start", present.id, plan)
        return
    plans = settings_of(turn).plans.templates
    if len(plans) > 1 and not plan:
        _open(turn, "choose", 0)
        return
    start(turn, plan or next(iter(plans)))


def _open(turn: Turn, act: str, project_id: int, plan: str = "") -> None:
    step = "which" if act == "choose" else "present" if act == "start" else "sure"
    draft = Standing(act=act, project_id=project_id, plan=plan).model_dump(mode="json")
    steps.open_flow(turn, project_flow.name, draft=draft, step=step)


def start(turn: Turn, plan: str) -> None:
    """Copy the plan into a project of this person and welcome them; whoever comes second finds it active (C01)."""
    shelf, work, person_id = settings_of(turn).plans, turn.work, turn.person.id
    template, body = shelf.templates[plan], shelf.bodies[plan]
    name = digest(body)
    projects.keep_template(work, digest=name, template_id=template.id, version=template.version, body=body)
    row = projects.start(
        work, person_id, template_id=template.id, version=template.version, digest=name, started_on=today(turn)
    )
    work.forget(("coaching", "active", person_id))
    if row is None:
        turn.say("coaching.active_already")
        return
    tasks.add_all(work, person_id, row.id, template.tasks())
    renew(turn)
    welcome(turn, look(turn, row))


@project_flow.ask("which", effort=False)
def ask_which(turn: Turn) -> Ask:
    """Ask which plan to begin."""
    plans = settings_of(turn).plans.templates
    choices = tuple(Choice(one, text=template.title) for one, template in plans.items())
    return Ask("coaching.which_plan", choices=choices, expects=("choice",))


@project_flow.take("which")
def take_which(turn: Turn, answer: Answer) -> Next:
    """Begin it."""
    start(turn, str(answer.choice))
    return End()


@project_flow.ask("present", effort=False)
def ask_present(turn: Turn) -> Ask:
    """Ask what becomes of the present project."""
    seen = _seen(turn)
    choices = (
        Choice("pause", key="coaching.pause_button", words=("pause", "pause it")),
        Choice("finish", key="coaching.finish_button", words=("finish", "finish it", "complete")),
        Choice("abandon", key="coaching.abandon_button", words=("abandon", "abandon it", "give it up")),
        Choice("keep", key="coaching.keep_button", words=("keep", "keep it", "no", "back to it")),
    )
    args = {"title": seen.plan.title, "overall": seen.progress.overall} if seen else {"title": "", "overall": 0}
    return Ask("coaching.present", args, choices=choices, expects=("choice",))


@project_flow.take("present")
def take_present(turn: Turn, answer: Answer) -> Next:
    """Put the present project aside as told, and begin the other one."""
    draft: Standing = turn.draft
    seen = _seen(turn)
    if seen is None or answer.choice == "keep":
        turn.say("coaching.kept")
        return End()
    if answer.choice == "pause":
        rest(turn, seen, None)
    else:
        close(turn, seen, "completed" if answer.choice == "finish" else "abandoned")
    start(turn, draft.plan or next(iter(settings_of(turn).plans.templates)))
    return End()


def _seen(turn: Turn) -> Seen | None:
    """Return the project that is asked about, if it still stands as it did."""
    row = projects.load(turn.work, turn.person.id, turn.draft.project_id)
    return None if row is None else look(turn, row)


# -- resting -----------------------------------------------------------------------------------------------------------


def rest(turn: Turn, seen: Seen, until: date | None) -> None:
    """Let a project rest: nothing is sent, streaks stand still; with a day it goes on by itself (NG-4)."""
    person_id = turn.person.id
    if not projects.move(turn.work, person_id, seen.id, was=("active",), to="paused"):
        return
    projects.begin_pause(turn.work, person_id, seen.id, day=seen.today, until=until)
    turn.work.forget(("coaching", "active", person_id))
    if until is None:
        turn.say("coaching.paused")
        return
    turn.timer(RESUME, f"{RESUME}:{seen.id}", turn.now + (until - seen.today), project=seen.id)
    turn.say("coaching.paused_until", day=wording.short_day(turn, until.isoformat()))


def read_length(text: str, day: date) -> date | None:
    """Return the day on which a rest of this length ends, None for words that state none."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        return None
    number = int(found[1]) if found[1].isdigit() else _WORDS[found[1].casefold()]
    unit = found[2].casefold()
    if not 0 < number <= LONGEST_DAYS:
        return None
    until = (
        months_after(day, number) if unit == "month" else day + timedelta(days=number * (7 if unit == "week" else 1))
    )
    return until if (until - day).days <= LONGEST_DAYS else None


def go_on(turn: Turn, row: sa.Row[Any]) -> bool:
    """Let a resting project go on; False when another one is active."""
    person_id = turn.person.id
    if not projects.move(turn.work, person_id, row.id, was=("paused", "abandoned", "completed"), to="active"):
        return False
    projects.end_pause(turn.work, person_id, row.id, day=today(turn))
    turn.cancel_timers(f"{RESUME}:{row.id}")
    renew(turn)
    return True


def rested_enough(turn: Turn) -> None:
    """Take the timer of a rest: the project goes on, and says so once."""
    row = projects.load(turn.work, turn.person.id, int(turn.event.payload.get("project") or 0))
    turn.silent = True
    if row is not None and row.status == "paused" and go_on(turn, row):
        turn.notify("coaching.goes_on", title=look(turn, row).plan.title, purpose="nudge")


# -- ending ------------------------------------------------------------------------------------------------------------


def close(turn: Turn, seen: Seen, status: str) -> None:
    """End a project as completed or abandoned; what waits for a yes expires (PP-4)."""
    person_id = turn.person.id
    if not projects.move(turn.work, person_id, seen.id, was=("active", "paused"), to=status):
        return
    proposals.close_all(turn.work, person_id, seen.id, state="expired")
    projects.end_pause(turn.work, person_id, seen.id, day=seen.today)
    turn.cancel_timers(f"{RESUME}:{seen.id}")
    turn.work.forget(("coaching", "active", person_id))
    turn.say(f"coaching.{status}", title=seen.plan.title, overall=seen.progress.overall)


def ask_to_end(turn: Turn, seen: Seen, act: str) -> None:
    """Ask once more before a project ends or is deleted."""
    _open(turn, act, seen.id)


@project_flow.ask("sure", effort=False)
def ask_sure(turn: Turn) -> Ask:
    """Say what ending means, and ask."""
    seen, act = _seen(turn), turn.draft.act
    choices = (
        Choice(act, key=f"coaching.{act}_button", words=(act,), quiet=True),
        Choice("keep", key="coaching.keep_button", words=("keep", "no"), quiet=True),
    )
    left = sum(one.is_open for one in seen.tasks if one.is_once) if seen else 0
    args = {"title": seen.plan.title if seen else "", "left": left, "overall": seen.progress.overall if seen else 0}
    return Ask(f"coaching.sure_{act}", args, choices=choices, expects=("choice",))


@project_flow.take("sure")
def take_sure(turn: Turn, answer: Answer) -> Next:
    """End it, or keep it."""
    draft: Standing = turn.draft
    seen = _seen(turn)
    if answer.choice not in (draft.act, "keep"):
        raise Mistake("engine.no_such_choice")
    if seen is None or answer.choice == "keep":
        turn.say("coaching.kept")
    elif draft.act == "delete":
        privacy.erase_project(turn.work, turn.person.id, seen.id)
        turn.cancel_timers(f"{RESUME}:{seen.id}")
        turn.work.forget(("coaching", "active", turn.person.id))
        turn.say("coaching.deleted")
    else:
        close(turn, seen, "completed" if draft.act == "finish" else "abandoned")
    return End()


# -- all of them -------------------------------------------------------------------------------------------------------


def show_all(turn: Turn) -> None:
    """List a person's projects with their codes."""
    found = projects.of_person(turn.work, turn.person.id)
    if not found:
        turn.say("coaching.no_projects")
    for row in found:
        seen = look(turn, row)
        turn.say(
            "coaching.project_line", code=row.code, title=seen.plan.title, overall=seen.progress.overall,
            status=turn.text(f"coaching.status_{row.status}"),
        )  # fmt: skip


def show_one(turn: Turn, code: str) -> None:
    """Go on with the project of a code; another person's answers like an unknown one (C03)."""
    row = projects.by_code(turn.work, turn.person.id, code.upper())
    if row is None:
        turn.say("coaching.unknown_project", code=code.upper())
        return
    if row.status != "active" and not go_on(turn, row):
        present = see(turn)
        turn.say("coaching.other_active", title=present.plan.title if present else "")
        return
    seen = look(turn, row)
    turn.say("coaching.on_with", title=seen.plan.title, overall=seen.progress.overall)
    ask_next(turn, seen)
