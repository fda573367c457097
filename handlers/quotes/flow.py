"""Asking for what is missing, showing what was understood, pricing it (QT-1).

U> quote 300x200x150 mm 3ply B
B> How many pieces?
U> 1000
B> Box 300 x 200 x 150 mm, 3-ply B, 1,000 pieces. Papers KRA150/18, KRA120/16, KRA150/18. Right?
U> ok
B> Q-1001 version 1: ... Total 12,600.00 INR.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from bot.core.errors import Mistake
from bot.core.fold import fold, trim
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.flow import End, Flow, Goto, Next
from bot.engine.turn import Turn
from handlers.quotes import making, shown
from handlers.quotes.calculator import Calculator, Question, Read
from handlers.quotes.settings import settings_of
from storage.quotes import quotes

NAME = "quote"
OK_WORDS = ("ok", "okay", "yes", "right", "price it", "go", "correct", "looks good")
LEAVING = ("drop", "drop it", "forget it")
DROP_WORDS = (*LEAVING, "no")


class QuoteDraft(BaseModel):
    """What is known of the item, and the quote that it is added to; 0 for a new one.

    No `kind` is the usual calculator's: a draft that holds nothing of the person's is left without a question.
    """

    kind: str = ""
    fields: dict[str, Any] = {}
    quote: int = 0


quote_flow = Flow(NAME, QuoteDraft, version=1, first="next")


def begin(turn: Turn, text: str, *, quote_id: int = 0) -> None:
    """Begin with what a line already says."""
    calculator = settings_of(turn.registry).usual
    found = calculator.read(text, {}) if text.strip() else Read({})
    say(turn, found)
    draft = {"fields": found.fields, "quote": quote_id}
    steps.open_flow(turn, NAME, draft=draft, step=_after(calculator, found))


def say(turn: Turn, found: Read) -> None:
    """Say what was not taken."""
    for key, args in found.doubts:
        turn.say(key, **args)


def _after(calculator: Calculator, found: Read) -> str:
    return "next" if calculator.missing(found.fields) else "check"


def _calculator(turn: Turn) -> Calculator:
    known = settings_of(turn.registry)
    return known.of(turn.draft.kind) if turn.draft.kind else known.usual


@quote_flow.ask("next")
def ask_next(turn: Turn) -> Ask:
    """Ask for the first thing that is missing."""
    question = _calculator(turn).missing(turn.draft.fields)
    if question is None:
        return ask_check(turn)
    key, args = question.said
    choices = tuple(Choice(value, text=value, quiet=value.isdigit()) for value in question.choices)
    return Ask(key, args, choices=choices, expects=("text", "choice"), open_choices=True)


@quote_flow.take("next")
def take_next(turn: Turn, answer: Answer) -> Next:
    """Read the answer; it may say more than was asked."""
    calculator = _calculator(turn)
    question = calculator.missing(turn.draft.fields)
    if question is None:
        return take_check(turn, answer)
    if trim(fold(answer.text)) in LEAVING:
        turn.say("quotes.dropped")
        return End()
    return _read(turn, calculator, _meant(answer, question), question.field)


def _meant(answer: Answer, question: Question) -> str:
    """Return what was said; where the answers are numbers themselves, a number is no place in their list."""
    if any(value.isdigit() for value in question.choices):
        return answer.text
    return answer.choice or answer.text


def _read(turn: Turn, calculator: Calculator, text: str, asked: str) -> Next:
    found = calculator.read(text, turn.draft.fields, asked)
    if found.fields == turn.draft.fields and not found.doubts:
        raise Mistake("quotes.not_understood")
    say(turn, found)
    turn.draft.fields = found.fields
    return Goto(_after(calculator, found))


@quote_flow.ask("check")
def ask_check(turn: Turn) -> Ask:
    """Echo everything before it is priced; what a correction took away is asked for first."""
    if _calculator(turn).missing(turn.draft.fields) is not None:
        return ask_next(turn)
    said = " ".join(turn.text(key, **args) for key, args in _calculator(turn).told(turn.draft.fields))
    choices = (
        Choice("ok", key="quotes.ok_button", words=OK_WORDS, quiet=True),
        Choice("drop", key="quotes.drop_button", words=DROP_WORDS, quiet=True),
    )
    return Ask("quotes.check", {"told": said}, choices=choices, expects=("text", "choice"), open_choices=True)


@quote_flow.take("check")
def take_check(turn: Turn, answer: Answer) -> Next:
    """Price it, drop it, or take a correction."""
    if _calculator(turn).missing(turn.draft.fields) is not None:
        return take_next(turn, answer)
    if answer.choice == "drop":
        turn.say("quotes.dropped")
        return End()
    if answer.choice != "ok":
        return _read(turn, _calculator(turn), answer.text, "")
    draft: QuoteDraft = turn.draft
    kind = _calculator(turn).kind
    row = quotes.load(turn.work, draft.quote) if draft.quote else None
    if row is not None and row.person_id == turn.person.id:
        items = [*making.items_of(making.version_of(turn, row)), (kind, draft.fields)]
        shown.version(turn, making.amend(turn, row, items))
    elif (opened := making.open_quote(turn, kind, draft.fields)) is not None:
        shown.version(turn, opened)
    return End()
