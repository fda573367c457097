"""What a turn's result does: cost, reply, proposals and one message, all in one commit (rules CT-4 to CT-6).

A result that nobody waits for any more changes nothing. Whatever failed, the person gets an answer: the scripted coach
takes the turn, says so, and it does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import sqlalchemy as sa

from bot.core.calls.coach import CoachSaid
from bot.core.calls.outcome import Done, Outcome, Refused
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.coaching.flow import seen as views
from handlers.coaching.flow.seen import Seen
from handlers.coaching.settings import Said
from handlers.coaching.settings import settings_of as service_of
from handlers.coaching.talk import asking, costs, extraction, lost, replies, summarising
from handlers.coaching.talk.ports import Candidate, ports_of
from handlers.coaching.talk.settings import settings_of
from storage.coaching import ledger, messages, projects, talk
from storage.coaching.ledger import Booked

Messages = Sequence[tuple[sa.Row[Any], str]]
_KEYS = ("unauthorized", "forbidden", "unpaid", "unknown_model", "bad_request")


def ended(turn: Turn) -> None:
    """Take the result of a turn's call."""
    of = ledger.booked(turn.work, turn.person.id, int((turn.event.payload.get("context") or {}).get("turn") or 0))
    turn.silent = True
    if of is None or of.state != "running":
        return
    turn.cancel_timers(f"{asking.WATCH}:{turn.person.id}")
    _finish(turn, of, outcome_of(turn))


def watch(turn: Turn) -> None:
    """Give up a turn whose result never came, as after a crash that took it (rule LI-1)."""
    of = ledger.overdue(turn.work, turn.person.id)
    turn.silent = True
    if of is not None:
        _finish(turn, of, Refused("lost", "no result"))


def _finish(turn: Turn, of: Booked, outcome: Outcome) -> None:
    asking.speak_at(turn, of)
    said = outcome.result if isinstance(outcome, Done) else None
    tries = said.tries if isinstance(said, CoachSaid) else lost.tries(turn, of, outcome)
    nano = costs.log(turn, of, tries)
    person_messages = talk.of_turn(turn.work, of.person_id, of.id)
    project = projects.load(turn.work, of.person_id, of.project_id) if of.project_id else None
    thresholds = settings_of(turn).thresholds
    if project is None or not person_messages or not asking.answerable(turn):
        ledger.settle(turn.work, of, state="released", nano_usd=nano, thresholds=thresholds)
        talk.mark(turn.work, of.person_id, of.id, "failed")
    else:
        turn.purpose = "reply"
        seen = views.look(turn, project)
        state: Literal["answered", "fallback"] = "answered" if isinstance(said, CoachSaid) else "fallback"
        ledger.settle(turn.work, of, state=state, nano_usd=nano, thresholds=thresholds)
        talk.mark(turn.work, of.person_id, of.id, state)
        if isinstance(said, CoachSaid):
            _reply(turn, seen, said, person_messages, of)
        else:
            _fall_back(turn, seen, outcome, person_messages)
        summarising.fold(turn, of, seen)
    waiting = ledger.open_turn(turn.work, of.person_id, "waiting")
    if waiting is not None:
        asking.begin_now(turn, waiting)


def _reply(turn: Turn, seen: Seen, said: CoachSaid, told: Messages, of: Booked) -> None:
    """Say the model's reply, and let what the person decided wait for a yes."""
    if said.stop_reason == "refusal":
        turn.say("coaching.talk.refused")
        words = turn.lines[-1]
    else:
        words = replies.say(turn, said.text, said.stop_reason)
    messages.add(
        turn.work,
        of.person_id,
        seen.id,
        role="coach",
        channel=turn.channel,
        text=words,
        state="answered",
        turn_id=of.id,
    )
    candidates = _candidates(turn, seen, said, told)
    for one in candidates:
        if one.asks:
            turn.say("coaching.talk.unclear", quote=one.quote)
    certain = [one for one in candidates if not one.asks]
    if certain:
        ports_of(turn).propose(turn, seen, certain)


def _candidates(turn: Turn, seen: Seen, said: CoachSaid, told: Messages) -> list[Candidate]:
    """Return what the model found and the rules confirm, and what the rules alone find beside it."""
    found: dict[str, Candidate] = {}
    for row, text in told:
        found |= {one.subject: one for one in read(turn, seen, text, row)}
    words = [(int(row.id), text) for row, text in told if not row.is_forwarded]
    seen_by_model = extraction.candidates(said.facts, words, lambda quote: _values(turn, seen, quote))
    for one in seen_by_model or ():
        known = found.get(one.subject)
        if known is None or not one.asks:
            found[one.subject] = one if known is None else known
    return list(found.values())


def read(turn: Turn, seen: Seen, text: str, row: sa.Row[Any]) -> list[Candidate]:
    """Return what the rules read out of a message."""
    hearing = views.hearing(turn, seen, forwarded=bool(row.is_forwarded))
    found = service_of(turn).recognise(text, hearing)
    message_id = int(row.id)
    decided = [Candidate(one.category, one.value, one.quote, message_id, one.certainty) for one in found.decisions]
    return [*decided, *(Candidate(f"done {one.task}", one.task, one.quote, message_id) for one in found.completions)]


def _values(turn: Turn, seen: Seen, quote: str) -> dict[str, str]:
    found = service_of(turn).recognise(quote, views.hearing(turn, seen))
    values = {one.category: one.value for one in found.decisions}
    return values | {f"done {one.task}": one.task for one in found.completions}


def _fall_back(turn: Turn, seen: Seen, outcome: Outcome, told: Messages) -> None:
    """Let the scripted coach answer, and say that it does (rule CT-5)."""
    reason = outcome.reason if isinstance(outcome, Refused) else ""
    if reason in _KEYS or reason.startswith(("status_401", "status_403", "status_404")):
        turn.alert("coach_model_refused", key=f"coach_model:{turn.now:%Y-%m-%d}", reason=reason)
    turn.say("coaching.talk.unavailable")
    row, _ = told[-1]
    text = "\n".join(words for _, words in told)
    ports_of(turn).scripted(turn, Said(text, int(row.id), seen.project, bool(row.is_forwarded)))
