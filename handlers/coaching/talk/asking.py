"""Asking the model: the turn that waits begins to run, with one row for both of its calls (rules CT-2, CT-3, CX-3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson

from bot.core.calls.coach import AskCoach, WordsWanted
from bot.engine.turn import Address, Turn
from handlers.coaching.flow import seen as views
from handlers.coaching.flow.seen import Seen
from handlers.coaching.safety import danger
from handlers.coaching.talk import extraction, prompting, rights, window
from handlers.coaching.talk.settings import JOIN, MAX_OUTPUT, REPLY_SECONDS, TalkSettings, settings_of
from storage import addresses
from storage.coaching import ledger, projects, talk, usage
from storage.coaching.ledger import Booked

ASKED = "coach.turn"
WATCH = "coach.watch"
_LATE = timedelta(seconds=2)
_LOST = timedelta(seconds=60)
"""How long after its limit a turn without any result is given up (rule LI-1)."""


def begin(turn: Turn) -> None:
    """Let the turn that waits run, unless another one does: that one lets it begin when it ends."""
    work, person_id = turn.work, turn.person.id
    turn.silent = True
    waiting = ledger.open_turn(work, person_id, "waiting")
    if waiting is None or ledger.open_turn(work, person_id, "running") is not None:
        return
    begin_now(turn, waiting)


def begin_now(turn: Turn, waiting: Booked) -> None:
    """Let a turn run; what nobody may answer any more is given back."""
    settings, work, person_id = settings_of(turn), turn.work, turn.person.id
    messages = talk.of_turn(work, person_id, waiting.id)
    project = projects.load(work, person_id, waiting.project_id) if waiting.project_id else None
    if not messages or project is None or not answerable(turn) or danger.spoke_after(turn, int(messages[-1][0].id)):
        ledger.settle(work, waiting, state="released", nano_usd=0, thresholds=settings.thresholds)
        rights.settle(turn, waiting.id, was_answered=False)
        return
    waited = work.now - messages[0][0].at
    seconds = REPLY_SECONDS - round(min(waited, JOIN).total_seconds())
    call = question(turn, waiting.id, views.look(turn, project), settings, seconds)
    limit = timedelta(seconds=seconds) + _LATE
    body = {"address": turn.address.id if turn.address else None}
    ledger.start(
        work, waiting.id, reserve_nano=waiting.reserved_nano, before=waiting, deadline=work.now + limit + _LOST,
        body=work.seal.seal(orjson.dumps(body)),
    )  # fmt: skip
    turn.call(call, then=ASKED, context={"turn": waiting.id}, limit=limit, typing=True, draft=True)
    turn.timer(WATCH, f"{WATCH}:{person_id}", work.now + limit + _LOST, turn=waiting.id)


def answerable(turn: Turn) -> bool:
    """Tell whether the person may be written to: they did not stop us, and no human owns the chat (C41)."""
    staffed = turn.person.staffed_until
    if staffed is not None and turn.work.now_us < staffed:
        return False
    return turn.address is not None and turn.address.state == "active"


def question(turn: Turn, turn_id: int, seen: Seen, settings: TalkSettings, seconds: int) -> AskCoach:
    """Return the call of a turn, built from what is stored at this moment."""
    work, person_id = turn.work, turn.person.id
    messages = talk.of_turn(work, person_id, turn_id)
    text = "\n".join(words for _, words in messages)
    through, summary = talk.current_summary(work, person_id, seen.id)
    earlier = talk.earlier(work, person_id, seen.id, turn_id=turn_id, after=through)
    recent = [window.Said("coach" if role == "coach" else "person", words, number) for number, role, words in earlier]
    system = prompting.system(seen.plan)
    made = window.build(system, facts=facts(seen), summary=summary, recent=recent, message=text)
    spent, _ = ledger.spent_today(work)
    model = settings.degraded_model if spent >= settings.thresholds[1] else settings.reply_model
    return AskCoach(
        turn=turn_id,
        person=usage.person_hash(work, person_id).hex()[:32],
        reply=WordsWanted(model, system, made.lines, MAX_OUTPUT),
        facts=extraction.wanted(
            settings.small_model,
            message=text,
            question=next((said.text for said in reversed(recent) if said.who == "coach"), ""),
            decisions=_decisions(seen),
            tasks=[task.task_id for task in seen.tasks if task.is_open],
        ),
        seconds=seconds,
    )


def facts(seen: Seen) -> str:
    """Return the pinned facts of a project as it stands."""
    return prompting.facts(
        prompting.Known(
            today=seen.today,
            plan=seen.plan,
            profile=seen.profile,
            tasks=seen.tasks,
            decisions=[
                (one.category, one.value, one.saved_at.date() if one.saved_at else seen.today)
                for one in seen.decisions.values()
            ],
            next_step=seen.next,
            opening=seen.opening,
            percent=seen.progress.overall,
        )
    )


def _decisions(seen: Seen) -> Mapping[str, str]:
    return {one.category: one.value for one in seen.decisions.values()}


def speak_at(turn: Turn, of: Booked) -> None:
    """Turn to the address from which a turn's message came, whatever the person wrote from since (rule CH-3)."""
    told: dict[str, Any] = orjson.loads(turn.work.seal.open(of.body)) if of.body else {}
    address_id = told.get("address")
    if address_id is None or (turn.address is not None and turn.address.id == address_id):
        return
    for row in addresses.of_person(turn.work, turn.person.id):
        if row.id == address_id:
            handle = turn.work.seal.open(row.handle).decode()
            turn.address = Address(row.id, row.channel, handle, row.state, queued=True)


__all__ = ["ASKED", "WATCH", "answerable", "begin", "begin_now", "facts", "question", "speak_at"]
