"""Folding talk that fell out of the window into the summary, at most once in ten turns (rule CX-2).

A cheap model makes it, logged and paid like every call; without one it is a template over decisions and tasks.
"""

from __future__ import annotations

from bot.core.calls.coach import ModelTry, SummariseTalk, TalkSummarised, WordsWanted, tries_of
from bot.core.calls.outcome import Done, Refused
from bot.core.model_text import clean
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.coaching.flow.seen import Seen
from handlers.coaching.talk import costs, prompting, window
from handlers.coaching.talk.settings import SUMMARY_OUTPUT, settings_of
from storage.coaching import ledger, talk, usage
from storage.coaching.ledger import Booked

FOLDED = "coach.summary"
EVERY = 20
"""Messages, which are ten turns."""
KEPT = 12
"""The newest messages, which stay as they are."""
_SECONDS, _LONGEST, _MOST = 20, 300, 50
_FOLDED_AT = "coach_folded"


def fold(turn: Turn, of: Booked, seen: Seen) -> None:
    """Ask for a summary when enough talk lies behind it."""
    work, settings = turn.work, settings_of(turn)
    through, earlier = talk.current_summary(work, of.person_id, seen.id)
    told = talk.earlier(work, of.person_id, seen.id, after=through, limit=_MOST + KEPT)
    newest, notes = told[-1][0] if told else 0, turn.conversation.notes
    if len(told) < EVERY + KEPT or newest - int(notes.get(_FOLDED_AT) or 0) < EVERY:
        return
    notes[_FOLDED_AT] = newest
    old = told[:-KEPT]
    spent, reserved = ledger.spent_today(work)
    if not settings.has_model or spent + reserved >= settings.thresholds[1] or not seen.profile.model_allowed:
        text = template(seen)
        talk.put_summary(work, of.person_id, seen.id, through=old[-1][0], text=text, source="template")
        return
    said = [
        window.Said("coach" if role == "coach" else "person", window.plain(words, _LONGEST)) for _, role, words in old
    ]
    made = window.build(
        prompting.prompts()["summary"], facts="", summary=earlier, recent=(), message="\n".join(map(_line, said))
    )
    words = WordsWanted(settings.small_model, prompting.prompts()["summary"], made.lines, SUMMARY_OUTPUT)
    person = usage.person_hash(work, of.person_id).hex()[:32]
    call = SummariseTalk(of.id, person, words, _SECONDS)
    turn.call(call, then=FOLDED, context={"turn": of.id, "project": seen.id, "through": old[-1][0]})


def folded(turn: Turn) -> None:
    """Keep a summary, and what it cost; one that failed is tried again after a later turn."""
    context, outcome = turn.event.payload.get("context") or {}, outcome_of(turn)
    turn.silent = True
    of = ledger.booked(turn.work, turn.person.id, int(context.get("turn") or 0))
    if of is None:
        return
    made = outcome.result if isinstance(outcome, Done) else None
    tries = made.tries if isinstance(made, TalkSummarised) else _tries(outcome)
    ledger.add_cost(turn.work, of, costs.log(turn, of, tries), settings_of(turn).thresholds)
    if isinstance(made, TalkSummarised) and (text := _facts_only(made.text)):
        project_id, through = int(context["project"]), int(context["through"])
        if through > talk.current_summary(turn.work, of.person_id, project_id)[0]:
            talk.put_summary(turn.work, of.person_id, project_id, through=through, text=text, source="model")


def template(seen: Seen) -> str:
    """Return a summary that needs no model: what was decided and done."""
    decided = "; ".join(f"{one.category} {one.value}" for one in seen.decisions.values()) or "nothing"
    done = ", ".join(task.task_id for task in seen.tasks if task.counts) or "none"
    return f"Decided so far: {decided}. Tasks done: {done}."


def _line(said: window.Said) -> str:
    return f"{said.who}: {said.text}"


def _facts_only(text: str) -> str:
    """Return a summary without links, on as many lines as it has sentences at most."""
    return clean(window.plain(text))


def _tries(outcome: object) -> list[ModelTry]:
    return tries_of(outcome.details) if isinstance(outcome, Refused) else []
