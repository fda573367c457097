"""Proposals: asked for, confirmed by an explicit yes, saved as one act, and taken back as one (rules PP-1 to PP-7).

U> ok 29.99 a month it is
B> Save price $29.99/month? Reply OK, or send another price.
U> ok
B> Saved. Tick task 1.2 too? Reply OK. Still open there: one tier or several?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bot.engine import ages
from bot.engine.turn import Turn
from handlers.coaching import wording
from handlers.coaching.decisions import Decision as Decided
from handlers.coaching.decisions import Recognition
from handlers.coaching.decisions.quotes import is_quoted
from handlers.coaching.flow import changes
from handlers.coaching.flow.asked import update
from handlers.coaching.flow.asking import ask, ask_ticks, say_still_open, what_of
from handlers.coaching.flow.buttons import offer
from handlers.coaching.flow.questions import ask_next, ask_short, open_points
from handlers.coaching.flow.seen import Seen, again
from handlers.coaching.flow.ticking import Pen, Ticked, say_ticked, take_back
from handlers.coaching.later.schedule import renew
from handlers.coaching.plan.template import DecisionPoint
from storage.coaching import acts, decisions, proposals
from storage.coaching.decisions import Decision
from storage.coaching.proposals import Proposal
from storage.coaching.tasks import PlanTask


def propose(turn: Turn, seen: Seen, found: Recognition, *, message_id: int, text: str, source: str = "rules") -> bool:
    """Let what was read out of a message wait for a yes, and ask for it; False when nothing of it can be asked."""
    place = len(turn.lines)
    made = let_wait(turn, seen, found, message_id=message_id, text=text, source=source)
    if made:
        ask(turn, seen, made)
    return bool(made) or len(turn.lines) > place


def let_wait(
    turn: Turn, seen: Seen, found: Recognition, *, message_id: int, text: str, source: str = "rules"
) -> list[int]:
    """Let what was read out of a message wait for a yes, and return the ids of what is to be asked.

    A quote that is not in the message drops its proposal (PP-1); what is saved already is said, not asked.
    """
    made: list[int] = []
    for one in found.decisions:
        if seen.plan.point_of(one.category) is not None and is_quoted(one.quote, text):
            made += _decision(turn, seen, one, message_id, source)
    for done in found.completions:
        task = seen.task(done.task)
        if task is not None and is_quoted(done.quote, text):
            made += _tick(turn, seen, task, done.quote, message_id, source)
    if made:
        _hint_of_guardian(turn, found)
    return made


def _hint_of_guardian(turn: Turn, found: Recognition) -> None:
    """Tell a minor, before their own price is saved, with whom to agree on it (SF-4)."""
    if not ages.may_pay(turn) and any(one.category == "pricing" for one in found.decisions):
        turn.say("coaching.safety.guardian")


def propose_option(turn: Turn, seen: Seen, point: DecisionPoint, value: str, quote: str, *, message_id: int) -> None:
    """Ask for a yes to an option that was taken."""
    more: dict[str, Any] = {
        "text": None,
        "rationale": "",
        "discount_percent": None,
        "assumed": [],
        "value_type": point.value_type,
    }
    made = Proposal("decision", point.category, value, quote, message_id, "answer", more=more)
    ids = _opened(turn, seen, made)
    if ids:
        ask(turn, seen, ids)


def _decision(turn: Turn, seen: Seen, one: Decided, message_id: int, source: str) -> list[int]:
    point = seen.plan.point_of(one.category)
    if point is None:
        return []
    if point.value_type == "date" and wording.parsed(one.value) is None:
        turn.say("coaching.which_day", month=wording.month_name(one.value))
        update(turn, category=str(one.category))
        return []
    more = {
        "text": one.text, "rationale": one.rationale[:200], "discount_percent": one.discount_percent,
        "assumed": list(one.assumed), "value_type": point.value_type,
    }  # fmt: skip
    category, certainty = str(one.category), str(one.certainty)
    made = Proposal("decision", category, one.value, one.quote, message_id, certainty, source, more=more)
    return _opened(turn, seen, made)


def _opened(turn: Turn, seen: Seen, made: Proposal) -> list[int]:
    """Let a decision wait, unless it is what is saved already."""
    held, text = seen.decisions.get(made.subject), made.more.get("text")
    if held is not None and (held.value, held.text) == (made.value, text):
        turn.say("coaching.saved_already", value=wording.in_sentence(turn, made.subject, made.value, text))
        return []
    return [proposals.open_one(turn.work, turn.person.id, seen.id, made)]


def _tick(turn: Turn, seen: Seen, task: PlanTask, quote: str, message_id: int, source: str) -> list[int]:
    if task.is_once and task.state == "done":
        turn.say("coaching.tick_already", id=task.task_id)
        return []
    made = Proposal("tick", task.task_id, task.task_id, quote, message_id, "explicit", source)
    return [proposals.open_one(turn.work, turn.person.id, seen.id, made)]


# -- yes and no --------------------------------------------------------------------------------------------------------


def confirm(turn: Turn, seen: Seen, question: int, *, numbers: Iterable[int] | None = None, how: str = "ok") -> None:
    """Save what a question asked for, all of it or the numbers that were picked; the others are declined (C18)."""
    asked = proposals.of_question(turn.work, turn.person.id, seen.id, question)
    wanted = None if numbers is None else set(numbers)
    chosen = [one for one in asked if wanted is None or one.number in wanted]
    for one in asked:
        if one not in chosen:
            proposals.close(turn.work, turn.person.id, one.id, state="declined")
    save(turn, seen, chosen, how=how)


def save(turn: Turn, seen: Seen, chosen: Sequence[Proposal], *, how: str) -> None:
    """Save proposals as one act and say so; those that wait no more, or too long, change nothing."""
    pen = Pen(turn, seen, how="proposal")
    saved: list[Proposal] = []
    ticked: list[tuple[PlanTask, Ticked]] = []
    for one in chosen:
        if _claim(turn, one):
            saved.append(one)
            _write(pen, one, how, ticked)
    if not saved:
        _say_unsaved(turn, chosen)
        return
    pen.keep("save" if any(one.kind == "decision" for one in saved) else "plan" if not ticked else "tick")
    if any(one.kind in ("decision", "drop") for one in saved):
        renew(turn)
    _say_saved(turn, again(turn, seen), saved, ticked)


def _claim(turn: Turn, one: Proposal) -> bool:
    """Take a proposal for saving, once; one that waited too long expires."""
    late = one.expires_at is not None and one.expires_at <= turn.now
    state = "expired" if late else "saved"
    return proposals.close(turn.work, turn.person.id, one.id, state=state) and not late


def _write(pen: Pen, one: Proposal, how: str, ticked: list[tuple[PlanTask, Ticked]]) -> None:
    turn, seen = pen.turn, pen.seen
    pen.proposal_id = one.id
    if one.kind == "decision":
        new = Decision(
            one.subject, one.value, one.more["value_type"], one.quote, one.message_id, one.certainty, how,
            one.more.get("text"), one.more.get("discount_percent"), one.more.get("rationale") or "", one.id,
        )  # fmt: skip
        made, former = decisions.save(turn.work, turn.person.id, seen.id, new, act_id=pen.act_id)
        pen.changes.append({"decision": made, "former": former, "category": one.subject})
    elif one.kind == "tick":
        task = seen.task(one.subject)
        if task is not None:
            ticked.append((task, pen.tick(task)))
    elif one.kind == "drop":
        held = seen.decisions.get(one.subject)
        if held is not None:
            decisions.take_back(turn.work, turn.person.id, held.id, former=None)
            pen.changes.append({"dropped": held.id, "category": one.subject})
    else:
        pen.changes += changes.apply(turn, seen, one)


def _say_unsaved(turn: Turn, chosen: Sequence[Proposal]) -> None:
    late = any(one.state == "expired" or (one.expires_at and one.expires_at <= turn.now) for one in chosen)
    kept = bool(chosen) and all(one.state == "saved" for one in chosen)
    turn.say("coaching.expired" if late else "coaching.saved_before" if kept else "coaching.out_of_date")


def _say_saved(turn: Turn, now: Seen, saved: Sequence[Proposal], ticked: list[tuple[PlanTask, Ticked]]) -> None:
    """Say what was saved, offer to tick the tasks of what was decided, and ask what is open (TK-3)."""
    decided = [one for one in saved if one.kind == "decision"]
    others = [one for one in saved if one.kind not in ("decision", "tick")]
    if decided:
        values = ", ".join(wording.in_sentence(turn, one.subject, one.value, one.more.get("text")) for one in decided)
        turn.say("coaching.saved_several" if len(decided) > 1 else "coaching.saved_one", values=values)
    for one in others:
        turn.say(f"coaching.did_{one.kind}", **changes.words_of(turn, one))
    if ticked:
        say_ticked(turn, now, ticked)
    if decided:
        _go_on(turn, now, decided, many=len(decided) > 1)
    elif ticked or others:
        _close_or_next(turn, now)


def _go_on(turn: Turn, now: Seen, decided: Sequence[Proposal], *, many: bool) -> None:
    """Offer the ticks in the same question as what is open next."""
    tasks = _tickable(now, decided)
    points = open_points(now)
    here = [one for one in points if one.task in {task.task_id for task in tasks}]
    ticks = ask_ticks(turn, now, tasks, decided) if tasks else ()
    if here and turn.channel == "sms":
        say_still_open(turn, here[0])
    elif points:
        ask_short(turn, here[0] if here else points[0], left=many and len(points) == 1)
    elif not tasks:
        _close_or_next(turn, now)
    offer(turn, *ticks)


def _close_or_next(turn: Turn, now: Seen) -> None:
    """Name the next step behind an act, where a message may be that long."""
    if now.is_complete:
        turn.say("coaching.may_finish")
    elif turn.channel != "sms":
        ask_next(turn, now)


def _tickable(now: Seen, decided: Sequence[Proposal]) -> list[PlanTask]:
    """Return the tasks of these decisions that are not done yet, in the order of the plan."""
    points = [now.plan.point_of(one.subject) for one in decided]
    wanted = {point.task for point in points if point is not None}
    return [task for task in now.tasks if task.task_id in wanted and task.is_open]


def decline(turn: Turn, seen: Seen, question: int) -> None:
    """Forget what a question asked for."""
    ended = [
        proposals.close(turn.work, turn.person.id, one.id, state="declined")
        for one in proposals.of_question(turn.work, turn.person.id, seen.id, question)
    ]
    turn.say("coaching.declined" if any(ended) else "coaching.out_of_date")


# -- UNDO --------------------------------------------------------------------------------------------------------------


def undo(turn: Turn, seen: Seen) -> bool:
    """Take the newest act of the last 30 days back as a whole; False when there is none (PP-6)."""
    row = acts.newest(turn.work, turn.person.id, seen.id)
    if row is None or not acts.undone(turn.work, turn.person.id, row.id):
        return False
    categories: list[str] = []
    tasks: list[str] = []
    for change in reversed(acts.changes(turn.work, row)):
        if "decision" in change:
            decisions.take_back(turn.work, turn.person.id, change["decision"], former=change["former"])
            categories.insert(0, change["category"])
        elif "dropped" in change:
            decisions.bring_back(turn.work, turn.person.id, change["dropped"])
            categories.insert(0, change["category"])
        elif "task" in change:
            take_back(turn, seen, change)
            tasks.insert(0, change["task"])
        else:
            changes.take_back(turn, seen, change)
    if categories:
        renew(turn)
    _say_undone(turn, again(turn, seen), categories, tasks)
    return True


def _say_undone(turn: Turn, now: Seen, categories: Sequence[str], tasks: Sequence[str]) -> None:
    told = [_undone_decision(turn, now, one) for one in categories]
    told += [turn.text(f"coaching.undone_{_state(now, one)}", id=one) for one in dict.fromkeys(tasks)]
    turn.say("coaching.undone", what=" ".join(told) or turn.text("coaching.undone_plan"))


def _undone_decision(turn: Turn, now: Seen, category: str) -> str:
    what, held = what_of(turn, category), now.decisions.get(category)
    if held is None:
        return turn.text("coaching.undone_none", what=what)
    return turn.text(
        "coaching.undone_again", what=what, value=wording.in_sentence(turn, category, held.value, held.text)
    )


def _state(now: Seen, task_id: str) -> str:
    task = now.task(task_id)
    if task is None:
        return "todo"
    return "done" if task.state == "done" else "skipped" if task.state == "skipped" else "todo"
