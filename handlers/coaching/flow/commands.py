"""Words that the coach obeys: PLAN, TASK 1.3, DONE 1.2, SKIP, REOPEN, DECISIONS, PROGRESS, PAUSE (OC-2, DD-10).

A command is the person's explicit word: it acts at once, is no proposal, and counts against no limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from bot.core.errors import Mistake
from bot.engine import steps
from bot.engine.turn import Turn
from handlers.coaching import wording
from handlers.coaching.decisions import recognise
from handlers.coaching.flow import changes, phrases, profile, projects, shown
from handlers.coaching.flow.asked import NOTE
from handlers.coaching.flow.asking import ask, what_of
from handlers.coaching.flow.questions import ask_next
from handlers.coaching.flow.record import heard_id, with_reply
from handlers.coaching.flow.seen import Seen, again, context, see
from handlers.coaching.flow.ticking import Pen, Ticked, progress_words, say_ticked
from storage.coaching import profiles, proposals
from storage.coaching import projects as stored
from storage.coaching.profiles import Profile
from storage.coaching.proposals import Proposal
from storage.coaching.tasks import PlanTask

_ONE = re.compile(phrases.ID, re.I)
_LOOKS = re.compile(r"/?(?:(?:my )?progress|(?:my )?plan|(?:all )?decisions)", re.I)
_PLANS_OWN = frozenset({"plan", "task", "done", "skip", "reopen"})
"""Commands that name the plan or a task of it."""
_OF_A_PLAN = _PLANS_OWN | {"next", "progress", "decisions"}
Command = Callable[[Turn, Seen, "re.Match[str]"], None]


def names_the_plan(text: str) -> bool:
    """Tell whether words can mean nothing but the coach's plan, whatever else is asked: PLAN, DONE 1.2, SKIP 3.5."""
    return _named(phrases.plain(text)) in _PLANS_OWN


def opens(plain: str) -> bool:
    """Tell whether plain words ask for the coach by name, or for a project."""
    return any(pattern.fullmatch(plain) for pattern in (phrases.COACH, phrases.START, phrases.PROJECTS))


def is_of_a_plan(plain: str) -> bool:
    """Tell whether plain words are a command that needs a plan."""
    return _named(plain) in _OF_A_PLAN


def needs_a_plan(plain: str) -> bool:
    """Tell whether plain words look into a plan, or name a task of it by its number."""
    named = _named(plain)
    return named in ("progress", "decisions") or (named in _PLANS_OWN and _ONE.search(plain) is not None)


def _named(plain: str) -> str | None:
    return next((name for pattern, name in phrases.COMMANDS if pattern.fullmatch(plain)), None)


def obeyed(turn: Turn, seen: Seen | None, text: str) -> bool:
    """Do what a command asks for; False when the words are none."""
    plain = phrases.plain(text)
    if _opened(turn, seen, plain, text):
        return True
    if seen is None:
        return _is_resting(turn, plain)
    for pattern, name in phrases.COMMANDS:
        found = pattern.fullmatch(plain)
        if found is not None:
            _told(turn, seen, lambda found=found, name=name: _COMMANDS[name](turn, seen, found))  # type: ignore[misc]
            return True
    return _changed(turn, seen, text)


def _is_resting(turn: Turn, plain: str) -> bool:
    """Say that the plan rests to whoever asks for it meanwhile; a menu would be no answer."""
    if not is_of_a_plan(plain) or NOTE not in turn.conversation.notes:
        return False
    resting = any(row.status == "paused" for row in stored.of_person(turn.work, turn.person.id))
    if resting:
        welcome_back(turn, None)
    return resting


def _told(turn: Turn, seen: Seen, act: Callable[[], None]) -> None:
    """Store the person's words, act, and store what the coach said to it."""
    if turn.event.text:
        heard_id(turn, seen, turn.event.text)
    with_reply(turn, seen, act)


# -- with and without a project ----------------------------------------------------------------------------------------


def _opened(turn: Turn, seen: Seen | None, plain: str, text: str) -> bool:
    """Open the coach, a project or the profile, for whoever asks by name."""
    if phrases.COACH.fullmatch(plain):
        welcome_back(turn, seen)
    elif phrases.START.fullmatch(plain):
        projects.begin(turn)
    elif seen is None and turn.conversation.top is None and phrases.wants_coach(plain):
        welcome_back(turn, seen)
    elif phrases.PROJECTS.fullmatch(plain) and (seen is not None or stored.of_person(turn.work, turn.person.id, 1)):
        projects.show_all(turn)
    elif (code := phrases.PROJECT.fullmatch(plain)) is not None:
        projects.show_one(turn, code[1])
    elif phrases.UNPAUSE.fullmatch(plain):
        return _unpaused(turn)
    elif seen is None and phrases.PAUSE.fullmatch(plain) and stored.of_person(turn.work, turn.person.id, 1):
        welcome_back(turn, seen)
    elif (found := phrases.MODEL.fullmatch(plain)) is not None and _has_profile(turn):
        _model(turn, is_on=found["way"] == "on")
    elif (found := phrases.PROFILE.fullmatch(plain)) is not None and _has_profile(turn):
        _profile(turn, text[-len(found["rest"]) :] if found["rest"] else "")
    else:
        return False
    return True


def reads(turn: Turn, text: str) -> bool:
    """Tell whether a message only looks at a project: its plan, how far it is, what was decided."""
    return _LOOKS.fullmatch(text.strip().rstrip(".!?")) is not None


def privacy(turn: Turn, argument: str) -> bool:
    """Name the model's provider to whoever is coached, before what PRIVACY says to everybody (SF-1)."""
    if NOTE in turn.conversation.notes and (known := profiles.load(turn.work, turn.person.id)) is not None:
        turn.say("coaching.model_on" if known.model_allowed else "coaching.model_off")
    return False


def open_coach(turn: Turn, argument: str) -> bool:
    """Open the coach for a person who chose it from the menu."""
    welcome_back(turn, see(turn))
    return True


def begin_project(turn: Turn, argument: str) -> bool:
    """Begin the project for which the profile was asked."""
    projects.begin(turn)
    return True


def welcome_back(turn: Turn, seen: Seen | None) -> None:
    """Say where the project stands, offer one that rests, or begin."""
    if seen is not None:
        _told(turn, seen, lambda: _where(turn, seen))
        return
    resting = [row for row in stored.of_person(turn.work, turn.person.id) if row.status == "paused"]
    if resting:
        turn.say("coaching.rests", code=resting[0].code)
        return
    projects.begin(turn)


def _where(turn: Turn, seen: Seen) -> None:
    turn.say("coaching.on_with", title=seen.plan.title, overall=seen.progress.overall)
    ask_next(turn, seen)


def _unpaused(turn: Turn) -> bool:
    resting = [row for row in stored.of_person(turn.work, turn.person.id) if row.status == "paused"]
    if not resting:
        return False
    projects.show_one(turn, resting[0].code)
    return True


def _model(turn: Turn, *, is_on: bool) -> None:
    """Let a model answer this person, or nobody but the scripted coach (SF-1, C55)."""
    known = profiles.load(turn.work, turn.person.id) or Profile()
    profiles.put(turn.work, turn.person.id, replace(known, model_allowed=is_on))
    turn.say("coaching.model_on" if is_on else "coaching.model_off")


def _has_profile(turn: Turn) -> bool:
    return profiles.load(turn.work, turn.person.id) is not None


def _profile(turn: Turn, rest: str) -> None:
    if not rest:
        profile.show(turn)
        return
    try:
        wanted = profile.change(turn, rest)
    except Mistake as mistake:
        turn.say(mistake.key, **mistake.args_)
        return
    if wanted is not None:
        draft = profile.ProfileDraft(field=wanted, starts=False).model_dump(mode="json")
        steps.open_flow(turn, profile.profile_flow.name, draft=draft)


# -- tasks -------------------------------------------------------------------------------------------------------------


def _ids(found: re.Match[str]) -> list[str]:
    return list(dict.fromkeys(_ONE.findall(found["ids"])))


def _done(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    tick(turn, seen, _ids(found), note=(found["note"] or "").strip(" :,-") or None)


def tick(turn: Turn, seen: Seen, ids: Sequence[str], note: str | None = None) -> None:
    """Tick tasks by their ids at the person's word (C21, C23, C24)."""
    known = _known(turn, seen, ids)
    pen = Pen(turn, seen)
    results: list[tuple[PlanTask, Ticked]] = [(task, pen.tick(task, note)) for task in known]
    pen.keep("tick")
    if results:
        say_ticked(turn, seen, results)
        now = again(turn, seen)
        if now.is_complete:
            turn.say("coaching.may_finish")
        elif turn.channel != "sms":
            ask_next(turn, now)


def _known(turn: Turn, seen: Seen, ids: Sequence[str]) -> list[PlanTask]:
    found = []
    for one in ids:
        task = seen.task(one)
        if task is None:
            turn.say("coaching.unknown_task", id=one)
        else:
            found.append(task)
    return found


def _done_next(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    """Ask which task is meant by a bare DONE: the next one, if it is a task."""
    step = seen.next
    task = step.task or (seen.task(step.decision.task) if step.decision else None)
    if task is None:
        turn.say("coaching.nothing_left")
        return
    message_id = _word(turn, seen)
    made = Proposal("tick", task.task_id, task.task_id, turn.event.text, message_id, "answer", "person")
    ask(turn, seen, [proposals.open_one(turn.work, turn.person.id, seen.id, made)])


def _skip(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    _acted(
        turn, seen, _ids(found), "skip", lambda pen, task: pen.skip(task, (found["note"] or "").strip(" :,-") or None)
    )


def _reopen(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    _acted(turn, seen, _ids(found), "reopen", lambda pen, task: pen.reopen(task))


def _started(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    _acted(turn, seen, _ids(found), "start", lambda pen, task: pen.start(task))


def _acted(turn: Turn, seen: Seen, ids: Sequence[str], act: str, do: Callable[[Pen, PlanTask], bool]) -> None:
    pen = Pen(turn, seen)
    told = [(task, do(pen, task)) for task in _known(turn, seen, ids)]
    pen.keep("tick" if act == "start" else act)
    now = again(turn, seen)
    for task, changed in told:
        key = f"coaching.did_{act}" if changed else f"coaching.was_{act}"
        turn.say(key, id=task.task_id, **progress_words(turn, now))


def _task(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    for task in _known(turn, seen, _ids(found)[:1]):
        shown.task(turn, seen, task)
        shown.photos(turn, seen, task)


def _explain(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    """Explain the next step: the task of the decision that is open, or the task itself."""
    step = seen.next
    wanted = step.task or (seen.task(step.decision.task) if step.decision else None)
    if wanted is None:
        turn.say("coaching.nothing_left")
    else:
        shown.task(turn, seen, wanted)


# -- the plan ----------------------------------------------------------------------------------------------------------


def _plan(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    shown.plan(turn, seen, int(found["n"]) if found["n"] else None)


def _progress(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    shown.show_progress(turn, seen)


def _decisions(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    shown.show_decisions(turn, seen, whole=bool(found["all"]))


def _next(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    ask_next(turn, seen)


def _pause(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    if not found["length"]:
        projects.rest(turn, seen, None)
        return
    until = projects.read_length(found["length"], seen.today)
    if until is None:
        turn.say("coaching.no_length")
    else:
        projects.rest(turn, seen, until)


def _end(act: str) -> Command:
    def command(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
        projects.ask_to_end(turn, seen, act)

    return command


def _drop(turn: Turn, seen: Seen, found: re.Match[str]) -> None:
    """Offer to drop a saved decision (DD-10)."""
    category = _CATEGORIES[found["what"]]
    held = seen.decisions.get(category)
    if held is None:
        turn.say("coaching.none_saved", what=what_of(turn, category))
        return
    value = wording.in_sentence(turn, category, held.value, held.text)
    more = {"what": what_of(turn, category), "title": value}
    made = Proposal("drop", category, held.value, turn.event.text, _word(turn, seen), "explicit", "person", more=more)
    ask(turn, seen, [proposals.open_one(turn.work, turn.person.id, seen.id, made)])


def _changed(turn: Turn, seen: Seen, text: str) -> bool:
    """Ask for a yes to a change of the plan (PJ-4)."""
    change = changes.read(turn, seen, text, lambda day: _read_day(turn, seen, day))
    if change is None:
        return False
    if isinstance(change, str):
        ids = _ONE.findall(text)
        _told(turn, seen, lambda: turn.say(change, id=ids[0] if ids else ""))
        return True
    made = Proposal(
        change.kind, change.subject, change.value, change.quote, _word(turn, seen), change.certainty, change.source,
        change.trigger, change.more,
    )  # fmt: skip
    _told(turn, seen, lambda: ask(turn, seen, [proposals.open_one(turn.work, turn.person.id, seen.id, made)]))
    return True


def _read_day(turn: Turn, seen: Seen, text: str) -> date | None:
    """Read a day as that of an opening is read (DD-7)."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        found = recognise(f"We open on {text}", context(turn, seen)).decisions
    days = [wording.parsed(one.value) for one in found if one.category == "timeline"]
    return days[0] if days else None


def _word(turn: Turn, seen: Seen) -> int:
    """Store the person's own words and return their message's id."""
    return heard_id(turn, seen, turn.event.text) or 0


_CATEGORIES = {
    "price": "pricing", "pricing": "pricing", "platform": "platform", "tiers": "structure", "structure": "structure",
    "tier": "structure", "benefits": "content", "content": "content", "perks": "content", "date": "timeline",
    "opening date": "timeline", "launch date": "timeline", "timeline": "timeline", "opening": "timeline",
}  # fmt: skip
_COMMANDS: dict[str, Command] = {
    "plan": _plan, "task": _task, "explain": _explain, "done": _done, "done_next": _done_next, "skip": _skip,
    "reopen": _reopen, "started": _started, "decisions": _decisions, "progress": _progress, "next": _next,
    "pause": _pause, "finish": _end("finish"), "abandon": _end("abandon"), "delete": _end("delete"), "drop": _drop,
}  # fmt: skip
