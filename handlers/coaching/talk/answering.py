"""What a turn's result does: cost, reply, proposals and one message, all in one commit (rules CT-4 to CT-6).

A result that nobody waits for any more changes nothing. Whatever failed, the person gets an answer: the scripted coach
takes the turn, says so, and it does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.core.calls.coach import CoachSaid
from bot.core.calls.outcome import Done, Outcome, Refused
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.coaching.decisions import Context
from handlers.coaching.flow import seen as views
from handlers.coaching.flow.asked import asked
from handlers.coaching.flow.questions import option_words
from handlers.coaching.flow.record import with_reply
from handlers.coaching.flow.seen import Seen
from handlers.coaching.safety import danger
from handlers.coaching.settings import Said
from handlers.coaching.talk import asking, costs, extraction, lost, replies, rights, summarising, taking
from handlers.coaching.talk.ports import Found, ports_of
from handlers.coaching.talk.settings import settings_of
from storage.coaching import ledger, projects, talk
from storage.coaching.ledger import Booked

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
    result = outcome.result if isinstance(outcome, Done) else None
    came = result if isinstance(result, CoachSaid) else None
    tries = came.tries if came is not None else lost.tries(turn, of, outcome)
    said = came if came is not None and _says_something(turn, came) else None
    nano = costs.log(turn, of, tries)
    project = projects.load(turn.work, of.person_id, of.project_id) if of.project_id else None
    told = [
        Said(text, int(row.id), project, bool(row.is_forwarded))
        for row, text in talk.of_turn(turn.work, of.person_id, of.id)
        if project is not None
    ]
    thresholds = settings_of(turn).thresholds
    if project is None or not told or not asking.answerable(turn) or danger.spoke_after(turn, told[-1].message_id):
        ledger.settle(turn.work, of, state="released", nano_usd=nano, thresholds=thresholds)
        rights.settle(turn, of.id, was_answered=False)
        talk.mark(turn.work, of.person_id, of.id, "failed")
    else:
        turn.purpose = "reply"
        taking.recall(turn)
        seen = views.look(turn, project)
        state: Literal["answered", "fallback"] = "answered" if said is not None else "fallback"
        ledger.settle(turn.work, of, state=state, nano_usd=nano, thresholds=thresholds)
        rights.settle(turn, of.id, was_answered=said is not None)
        talk.mark(turn.work, of.person_id, of.id, state)
        with_reply(turn, seen, lambda: _speak(turn, seen, said, outcome, told))
        summarising.fold(turn, of, seen)
    waiting = ledger.open_turn(turn.work, of.person_id, "waiting")
    if waiting is not None:
        asking.begin_now(turn, waiting)


def _says_something(turn: Turn, said: CoachSaid) -> bool:
    """Tell whether anything is left of a reply that a person may see; a refusal is told in words of our own."""
    return said.stop_reason == "refusal" or bool(replies.seen_of(turn, said.text, said.stop_reason))


def _speak(turn: Turn, seen: Seen, said: CoachSaid | None, outcome: Outcome, told: Sequence[Said]) -> None:
    if said is not None:
        _reply(turn, seen, said, told)
    else:
        _fall_back(turn, seen, outcome, told)


def _reply(turn: Turn, seen: Seen, said: CoachSaid, told: Sequence[Said]) -> None:
    """Say the model's reply, and let what the person decided wait for a yes: then that is the one question (CT-7)."""
    ports, found, unclear = ports_of(turn), [], list[str]()
    for one in told:
        known = ports.read(turn, seen, one)
        what, quotes = known, list[str]()
        if not one.is_forwarded:
            what, quotes = extraction.confirmed(said.facts, one, known, heard_as(turn, seen))
        unclear += quotes
        if what.decisions or what.completions:
            found.append(Found(one, what, "rules" if what == known else "model"))
    if said.stop_reason == "refusal":
        turn.say("coaching.talk.refused")
    else:
        text = replies.without_question(said.text) if found or unclear else said.text
        replies.say(turn, text, said.stop_reason)
    for quote in unclear[:1]:
        turn.say("coaching.talk.unclear", quote=quote)
    if found:
        ports.propose(turn, seen, found)


def heard_as(turn: Turn, seen: Seen) -> Context:
    """Return what the person's messages are read with: what the coach asked before them."""
    last = asked(turn)
    return views.context(turn, seen, pending=last.category, options=[option_words(turn, one) for one in last.options])


def _fall_back(turn: Turn, seen: Seen, outcome: Outcome, told: Sequence[Said]) -> None:
    """Let the scripted coach answer, and say that it does (rule CT-5)."""
    reason = outcome.reason if isinstance(outcome, Refused) else ""
    if reason in _KEYS or reason.startswith(("status_401", "status_403", "status_404")):
        turn.alert("coach_model_refused", key=f"coach_model:{turn.now:%Y-%m-%d}", reason=reason)
    last = told[-1]
    text = "\n".join(one.text for one in told)
    ports_of(turn).outage(turn, Said(text, last.message_id, seen.project, last.is_forwarded))
