"""Changes of a running plan: proposed, confirmed, undone (rule PJ-4).

U> add task Film a trailer
B> Add task c1 "Film a trailer" to phase 1? Reply OK.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.core.model_text import clean
from bot.engine.turn import Turn
from handlers.coaching import wording
from handlers.coaching.flow.seen import Seen
from storage.coaching import tasks
from storage.coaching.proposals import Proposal
from storage.coaching.tasks import PlanTask

Change = dict[str, Any]
LONGEST_TITLE = 80
OWN_MINUTES = 60
"""What a task of one's own is taken for, until it is told otherwise."""

_ADD = re.compile(
    r"(?:please )?add (?:a |an |my )?(?:own )?task:?\s+(?P<title>.+?)(?:\s+to phase (?P<phase>\d))?", re.I | re.S
)
_REMOVE = re.compile(r"(?:remove|delete|cut|drop) (?:the )?task #?(?P<id>c?\d+(?:\.\d+)?)", re.I)
_REWORD = re.compile(
    r"(?:reword|rename|rephrase) (?:task )?#?(?P<id>c?\d+(?:\.\d+)?)(?: to|:)?\s+(?P<title>.+)", re.I | re.S
)
_MOVE = re.compile(
    r"(?:move|reorder|put) (?:task )?#?(?P<id>c?\d+(?:\.\d+)?) (?P<where>before|after) "
    r"(?:task )?#?(?P<other>c?\d+(?:\.\d+)?)",
    re.I,
)
_DAY = re.compile(r"(?:reschedule|schedule|move) (?:task )?#?(?P<id>c?\d+(?:\.\d+)?) (?:to|for|on) (?P<day>.+)", re.I)
ReadDay = Callable[[str], date | None]


def read(turn: Turn, seen: Seen, text: str, read_day: ReadDay) -> Proposal | str | None:
    """Return the change that a text asks for, the key of what is wrong with it, or None when it asks for none."""
    plain = text.strip().rstrip(".!")
    for pattern, make in (
        (_ADD, _add), (_REMOVE, _remove), (_REWORD, _reword), (_MOVE, _move),
    ):  # fmt: skip
        found = pattern.fullmatch(plain)
        if found is not None:
            return make(seen, found, text)
    found = _DAY.fullmatch(plain)
    return _reschedule(seen, found, text, read_day) if found is not None else None


def _add(seen: Seen, found: re.Match[str], text: str) -> Proposal | str:
    title = _title(found["title"])
    phase = int(found["phase"] or seen.phase or len(seen.plan.phases))
    if not title:
        return "coaching.no_title"
    if seen.plan.phase(phase) is None:
        return "coaching.no_phase"
    number = 1 + max((int(one.task_id[1:]) for one in seen.tasks if one.task_id.startswith("c")), default=0)
    return _proposal("add_task", f"c{number}", text, title=title, phase=phase)


def _remove(seen: Seen, found: re.Match[str], text: str) -> Proposal | str:
    task = seen.task(found["id"])
    return _proposal("remove_task", task.task_id, text, title=task.title) if task else "coaching.unknown_task"


def _reword(seen: Seen, found: re.Match[str], text: str) -> Proposal | str:
    task, title = seen.task(found["id"]), _title(found["title"])
    if task is None:
        return "coaching.unknown_task"
    return _proposal("reword", task.task_id, text, title=title, was=task.title) if title else "coaching.no_title"


def _move(seen: Seen, found: re.Match[str], text: str) -> Proposal | str:
    task, other = seen.task(found["id"]), seen.task(found["other"])
    if task is None or other is None or task is other:
        return "coaching.unknown_task"
    if task.phase != other.phase:
        return "coaching.other_phase"
    where = found["where"].casefold()
    return _proposal("reorder", task.task_id, text, title=task.title, where=where, other=other.task_id)


def _reschedule(seen: Seen, found: re.Match[str], text: str, read_day: ReadDay) -> Proposal | str:
    task, day = seen.task(found["id"]), read_day(found["day"])
    if task is None:
        return "coaching.unknown_task"
    if day is None or day < seen.today:
        return "coaching.no_day"
    return _proposal("reschedule", task.task_id, text, title=task.title, day=day.isoformat())


def _title(text: str) -> str:
    """Return a title without links: what is shown again and again shall lead nowhere (rule CH-2)."""
    return " ".join(clean(text).split()).strip(" \"'")[:LONGEST_TITLE].rstrip()


def _proposal(kind: str, task_id: str, text: str, **more: Any) -> Proposal:
    return Proposal(kind, task_id, task_id, text, 0, "explicit", "person", "user_request", more)


# -- saying ------------------------------------------------------------------------------------------------------------


def words_of(turn: Turn, one: Proposal) -> dict[str, object]:
    """Return what the texts about a change, a tick or a drop may name."""
    more = one.more
    day = wording.short_day(turn, more["day"]) if "day" in more else ""
    return {"id": one.subject, **{name: more.get(name, "") for name in ("title", "phase", "where", "other", "was")},
        "day": day, "what": more.get("what", "")}  # fmt: skip


def item(turn: Turn, one: Proposal) -> str:
    """Write a change as an item of a list."""
    return turn.text(f"coaching.item_{one.kind}", **words_of(turn, one))


# -- doing -------------------------------------------------------------------------------------------------------------


def apply(turn: Turn, seen: Seen, one: Proposal) -> list[Change]:
    """Change the plan as confirmed, and return what was before."""
    task = next((task for task in seen.tasks if task.task_id == one.subject), None)
    if one.kind == "add_task":
        return [] if task is not None else _added(turn, seen, one)
    if task is None or task.is_removed:
        return []
    more = one.more
    if one.kind == "remove_task":
        return _put(turn, seen, [(task, tasks.removed(task))], "removed")
    if one.kind == "reword":
        return _put(turn, seen, [(task, replace(task, title=more["title"]))])
    if one.kind == "reschedule":
        return _put(turn, seen, [(task, replace(task, due_on=date.fromisoformat(more["day"])))])
    return _reordered(turn, seen, task, more["where"], more["other"])


def _added(turn: Turn, seen: Seen, one: Proposal) -> list[Change]:
    phase = int(one.more["phase"])
    last = max((task.position for task in seen.tasks if task.phase == phase), default=0)
    new = PlanTask(one.subject, phase, last + 1, one.more["title"], "", "once", OWN_MINUTES)
    of = (turn.person.id, seen.id)
    tasks.add_all(turn.work, *of, [new])
    tasks.record(turn.work, *of, task_id=new.task_id, kind="added", day=seen.today, how="proposal", proposal_id=one.id)
    return [{"plan": new.task_id, "added": True}]


def _reordered(turn: Turn, seen: Seen, task: PlanTask, where: str, other_id: str) -> list[Change]:
    rest = [one for one in seen.tasks if one.phase == task.phase and one.task_id != task.task_id]
    at = next((n for n, one in enumerate(rest) if one.task_id == other_id), None)
    if at is None:
        return []
    order = [*rest[: at + (where == "after")], task, *rest[at + (where == "after") :]]
    moved = [(one, replace(one, position=n)) for n, one in enumerate(order, 1) if one.position != n]
    return _put(turn, seen, moved)


def _put(turn: Turn, seen: Seen, pairs: Sequence[tuple[PlanTask, PlanTask]], kind: str = "changed") -> list[Change]:
    of = (turn.person.id, seen.id)
    for old, new in pairs:
        tasks.change(turn.work, *of, new)
        tasks.record(turn.work, *of, task_id=old.task_id, kind=kind, day=seen.today, how="proposal")
    return [
        {
            "plan": old.task_id, "title": old.title, "position": old.position, "is_removed": old.is_removed,
            "due_on": old.due_on.isoformat() if old.due_on else None,
        }
        for old, _ in pairs
    ]  # fmt: skip


def take_back(turn: Turn, seen: Seen, change: Change) -> None:
    """Undo one change of the plan."""
    of = (turn.person.id, seen.id)
    task = next((one for one in seen.tasks if one.task_id == change["plan"]), None)
    if task is None:
        return
    if change.get("added"):
        before = tasks.removed(task)
    else:
        due = date.fromisoformat(change["due_on"]) if change["due_on"] else None
        before = replace(
            task, title=change["title"], position=change["position"], is_removed=change["is_removed"], due_on=due
        )
    tasks.change(turn.work, *of, before)
    tasks.record(turn.work, *of, task_id=task.task_id, kind="changed", day=seen.today, how="undo")
