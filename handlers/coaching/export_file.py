"""A person's plans as files: all that is stored of them, as JSON for programs and as Markdown for people (rule NG-6).

Pure. Words of the person stand as they were written; in Markdown none of them can become a heading or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

import orjson

_MARKS = re.compile(r"([\\`*_\[\]<>#|])")


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task of a plan, as it stands."""

    id: str
    phase: int
    title: str
    detail: str
    cadence: str
    minutes: int
    cost_minor: int
    state: str
    is_removed: bool
    due_on: date | None
    days: list[date]


@dataclass(frozen=True, slots=True)
class EventLine:
    """What happened to a task."""

    task: str
    kind: str
    day: date
    at: datetime
    who: str
    how: str
    note: str
    has_photo: bool = False


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision that was saved once, with what became of it."""

    category: str
    value: str
    state: str
    saved_at: datetime | None
    undone_at: datetime | None
    rationale: str
    quote: str
    how: str


@dataclass(frozen=True, slots=True)
class SaidLine:
    """One message of the conversation."""

    number: int
    who: str
    channel: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """One project with all that belongs to it."""

    code: str
    title: str
    currency: str
    status: str
    started_on: date
    opening: date | None
    progress: dict[str, int]
    tasks: list[TaskLine] = field(default_factory=list)
    decisions: list[DecisionLine] = field(default_factory=list)
    events: list[EventLine] = field(default_factory=list)
    transcript: list[SaidLine] = field(default_factory=list)


def as_json(projects: Iterable[ProjectFile], *, profile: dict[str, Any], at: datetime) -> bytes:
    """Return the export for programs."""
    body = {"exported_at": at, "profile": profile, "projects": [asdict(one) for one in projects]}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)


def as_markdown(projects: Iterable[ProjectFile], *, profile: dict[str, Any], at: datetime) -> bytes:
    """Return the export for people."""
    lines = [f"# Your plan, {at:%Y-%m-%d %H:%M} UTC", "", "## Profile", ""]
    lines += [
        f"- {name.replace('_', ' ')}: {_plain(str(value))}" for name, value in profile.items() if value is not None
    ]
    for one in projects:
        lines += ["", *_project(one)]
    return ("\n".join(lines) + "\n").encode()


def _project(one: ProjectFile) -> Iterator[str]:
    yield f"## {_plain(one.title)} ({one.code}, {one.status})"
    yield ""
    yield f"Started {one.started_on}, opening {one.opening or 'not set'}, progress {one.progress['overall']} %"
    yield from ("", "### Decisions", "")
    for decision in one.decisions:
        why = f", because {_plain(decision.rationale)}" if decision.rationale else ""
        saved = f"{decision.saved_at:%Y-%m-%d}" if decision.saved_at else ""
        value = f"{_plain(decision.value)} ({decision.state})"
        yield f'- {saved} {decision.category}: {value}{why}; "{_plain(decision.quote)}"'
    yield from ("", "### Tasks", "")
    for task in one.tasks:
        box = "x" if task.state == "done" else " "
        gone = ", removed" if task.is_removed else ""
        times = f", {len(task.days)} times" if task.cadence != "once" and task.days else ""
        yield f"- [{box}] {task.id} {_plain(task.title)} ({task.state}, {task.cadence}{times}{gone})"
    yield from ("", "### What happened", "")
    for event in one.events:
        note = f": {_plain(event.note)}" if event.note else ""
        note += ", with a photo" if event.has_photo else ""
        yield f"- {event.day} {event.task} {event.kind} ({event.how}){note}"
    yield from ("", "### Conversation", "")
    for said in one.transcript:
        yield f"- {said.at:%Y-%m-%d %H:%M} {said.who} ({said.channel}): {_plain(said.text)}"


def _plain(text: str) -> str:
    """Return text on one line in which nothing is markup."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
