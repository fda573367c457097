"""PLAN EXPORT: plan, decisions with their history, what happened, and the conversation, as two files (rule NG-6, C72).

    U> plan export
    B> Your plan: 22 tasks, 3 decisions with their history, 9 events, 41 messages. ... (plan.md, plan.json)

EXPORT alone stays the export of all one's data. On Telegram the files come; on SMS a link, and a code for its page.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from bot.core.fold import fold
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.coaching.export_file import (
    DecisionLine,
    EventLine,
    ProjectFile,
    SaidLine,
    TaskLine,
    as_json,
    as_markdown,
)
from handlers.coaching.flow.seen import Seen, look
from storage import blobs
from storage.coaching import decisions, messages, profiles, projects, tasks
from storage.links import make_link
from storage.receipts import exports
from storage.receipts.exports import LIFE, File, Wanted

KIND = "plan"
CODE_DIGITS = 6
_WORDS = re.compile(
    r"/?(?:plan export|(?:export|download|send me)(?: me)?(?: my| the)? (?:plan|coaching|project)(?: data)?)"
    r"|/?(?:exporta(?:r)?)(?: mi| el)? plan"
)
_ARGUMENTS = frozenset({"plan", "my plan", "the plan", "coaching", "project", "my project"})
_FILES = (("plan.md", "text/plain", as_markdown), ("plan.json", "application/json", as_json))


def register(registry: Registry) -> None:
    """Register the words; `/export plan` is heard before any other export of that word."""
    registry.words.setdefault("export", []).insert(0, asked)
    registry.word("text")(heard)


def asked(turn: Turn, argument: str) -> bool:
    """Take `/export plan`, whose asker was not doubted; False for every other export."""
    if fold(argument) not in _ARGUMENTS:
        return False
    export(turn)
    return True


def heard(turn: Turn, text: str) -> bool:
    """Take PLAN EXPORT, unless a service doubts who asks (SEC rules of exports)."""
    if len(text) > 60 or _WORDS.fullmatch(fold(text).strip(" .!")) is None:
        return False
    if not any(doubts(turn, "export") for doubts in turn.registry.words.get("prove", ())):
        turn.audit("privacy.export.asked", f"person:{turn.person_id}", of=KIND)
        export(turn)
    return True


def export(turn: Turn) -> None:
    """Make both files in this turn and hand them over."""
    found = [project_file(turn, look(turn, row)) for row in projects.of_person(turn.work, turn.person.id)]
    if not found:
        turn.say("coaching.care.export_nothing")
        return
    export_id = exports.begin(turn.work, turn.person.id, Wanted(KIND))
    if export_id is None:
        turn.say("coaching.care.export_waits")
        return
    files = [_kept(turn, found, name, media_type, write) for name, media_type, write in _FILES]
    exports.made(turn.work, turn.person.id, export_id, files, mark_blob=None)
    _hand_over(turn, export_id, files, _told(turn, found))


def project_file(turn: Turn, seen: Seen) -> ProjectFile:
    """Return all that is stored of a project."""
    work, person_id, project = turn.work, turn.person.id, seen.project
    return ProjectFile(
        code=project.code,
        title=seen.plan.title,
        currency=seen.plan.currency,
        status=project.status,
        started_on=project.started_on,
        opening=seen.opening,
        progress=asdict(seen.progress),
        tasks=[
            TaskLine(
                one.task_id, one.phase, one.title, one.detail, one.cadence, one.minutes, one.cost_minor, one.state,
                one.is_removed, one.due_on, list(one.days),
            )
            for one in seen.tasks
        ],
        decisions=[
            DecisionLine(
                one.category, one.value, one.state, one.saved_at, one.undone_at, one.rationale, one.quote, one.how
            )
            for one in decisions.history(work, person_id, seen.id)
        ],
        events=sorted((_event(turn, row) for row in tasks.events(work, person_id, seen.id)), key=lambda one: one.at),
        transcript=[
            SaidLine(row.number, row.role, row.channel, row.at, messages.words_of(work, row))
            for row in messages.whole(work, person_id, seen.id)
        ],
    )  # fmt: skip


def _event(turn: Turn, row: sa.Row[Any]) -> EventLine:
    note = turn.work.seal.open(row.note).decode() if row.note else ""
    return EventLine(
        row.task_id, row.kind, row.day, row.at, row.who.partition(":")[0], row.how, note, row.evidence is not None
    )


def _kept(turn: Turn, found: list[ProjectFile], name: str, media_type: str, write: Any) -> File:
    profile = profiles.load(turn.work, turn.person.id)
    told = {} if profile is None else asdict(profile)
    data: bytes = write(found, profile=told, at=turn.now)
    blob_id = turn.work.new_id()
    blobs.keep(
        turn.work, blob_id=blob_id, data=data, media_type=media_type, person_id=turn.person.id,
        delete_after=turn.now + LIFE,
    )  # fmt: skip
    return File(blob_id, name, media_type, len(data))


def _told(turn: Turn, found: list[ProjectFile]) -> str:
    return turn.text(
        "coaching.care.exported",
        tasks=sum(not task.is_removed for one in found for task in one.tasks),
        decisions=sum(len(one.decisions) for one in found),
        events=sum(len(one.events) for one in found),
        messages=sum(len(one.transcript) for one in found),
    )


def _hand_over(turn: Turn, export_id: int, files: list[File], told: str) -> None:
    if turn.channel == "telegram":
        turn.lines.append(told)
        for one in files:
            turn.show(one.blob_id, one.name)
        return
    code = turn.work.ids.digits(CODE_DIGITS)
    exports.lock(turn.work, turn.person.id, export_id, code)
    token = make_link(
        turn.work, kind="d", target=export_id, name="export", expires=turn.now + LIFE, person_id=turn.person.id
    )
    link = ("coaching.care.export_open", f"{turn.registry.public_url}/d/{token}")
    turn.notify("coaching.care.export_link", purpose="reply", ttl=LIFE, link=link, told=told)
    turn.notify("coaching.care.export_code", purpose="code", policy="ask_first", ttl=LIFE, code=code)
    turn.silent = True
