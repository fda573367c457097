"""The appeal: one conversation from "got a ticket" to the approved letter, in six parts.

    U> got a ticket in SF and the meter was broken
    B> Is it a San Francisco, CA ticket? Reply OK or name the city.
    U> ok
    B> 1 of 6: the ticket. What is the citation number (9 digits, starts with 9)? ...
    U> (questions about ticket, reason, proof, words, check, sender)
    B> Your letter, 4 pages: ... Read it. Reply OK to approve or EDIT to change.

No step names the next one: each fills slots, and `onward` asks for the first slot that is still empty. So several
answers in one message, EDIT, BACK and a corrected city need no rules of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from pydantic import Field

from bot.core.calls import Outcome
from bot.core.prompts import Answer, Ask, Choice
from bot.core.sms import normalise, size
from bot.engine import steps
from bot.engine.flow import AskFunction, Call, Flow, Goto, Next, ResultFunction, Stay, TakeFunction
from bot.engine.turn import Turn
from handlers.appeals.citation_text import groups_of
from handlers.appeals.facts import Facts, Kept
from handlers.appeals.flow.words_meant import KEEP
from handlers.appeals.numbers import last_four


class PlaceMeant(Kept):
    """A place that the words may mean; without `city_id` it has no record."""

    label: str
    name: str
    state: str
    city_id: str | None = None
    clocks: bool = False


class NumberMeant(Kept):
    """A number that waits for the person's confirmation, and why."""

    number: str
    reason: str
    substitutions: list[tuple[str, str]] = Field(default_factory=list)


class DateMeant(Kept):
    """A date that waits for confirmation, with what else it could be."""

    day: date
    others: list[date] = Field(default_factory=list)


class TicketMeant(Kept):
    """A ticket as it was read on a photo; each part waits for the person's confirmation."""

    number: str
    substitutions: list[tuple[str, str]] = Field(default_factory=list)
    issued: date | None = None
    violation: str | None = None
    place: str | None = None
    plate: str | None = None
    plate_state: str | None = None


class Clip(Kept):
    """A voice clip that waits for its transcript."""

    blob: int
    media_type: str


class Words(Kept):
    """How the statement came about: what was heard, and what was offered in its place."""

    clips: list[Clip] = Field(default_factory=list)
    heard: list[str] = Field(default_factory=list)
    is_typed: bool = False
    """What was heard was typed, before the statement was asked for."""
    confirmed: bool = True
    offered: str | None = None
    offered_by: str | None = None
    version: str | None = None
    refinements: int = 0
    violations: list[str] = Field(default_factory=list)


class AddressMeant(Kept):
    """The post office's form of a return address, waiting for OK."""

    line1: str
    line2: str = ""
    city: str
    state: str
    zip: str
    verdict: str = "as_typed"


class Preview(Kept):
    """The letter as it was typeset and shown."""

    pdf: int
    sha256: str
    pages: int
    pictures: list[int] = Field(default_factory=list)
    dropped: str = ""
    record_version: str = ""
    document: dict[str, Any] = Field(default_factory=dict)
    draft_id: int | None = None


class AppealDraft(Kept):
    """Everything of an appeal under way: the facts, and where the conversation about them stands."""

    facts: Facts = Field(default_factory=Facts)
    case_id: int | None = None
    kept: str = ""
    places: list[PlaceMeant] = Field(default_factory=list)
    elsewhere: PlaceMeant | None = None
    number_meant: NumberMeant | None = None
    candidates: list[str] = Field(default_factory=list)
    later_numbers: list[str] = Field(default_factory=list)
    waits: str = ""
    photos: list[int] = Field(default_factory=list)
    tickets_read: list[TicketMeant] = Field(default_factory=list)
    ticket_meant: TicketMeant | None = None
    date_meant: DateMeant | None = None
    reasons_page: int = 0
    reasons_picked: list[str] = Field(default_factory=list)
    asked: list[str] = Field(default_factory=list)
    proof_asked: list[str] = Field(default_factory=list)
    proof_done: bool = False
    captioned: list[int] = Field(default_factory=list)
    suggested: dict[int, str] = Field(default_factory=dict)
    beside: str = ""
    held: list[str] = Field(default_factory=list)
    limits_shown: bool = False
    words: Words = Field(default_factory=Words)
    checked: list[str] = Field(default_factory=list)
    telephone: str | None = None
    violation_code: str | None = None
    address_meant: AddressMeant | None = None
    unit_asked: bool = False
    undeliverable: int = 0
    route: str | None = None
    preview: Preview | None = None
    page_break: bool = False
    informed: str | None = None
    informed_said: str = ""


_SHORT_MESSAGE, _NUMBER_DIGITS = 80, 7
SMS_TEXT = 306
_LINK, _BRAND = len("\n/d/") + 22, len("Parley: ")
_AWAY = timedelta(days=2)
Due = Callable[[Turn], str | None]
"""Names the step of a part that is still open, or None when the part is complete."""

_parts: dict[int, Due] = {}
_kept: dict[str, Callable[[Turn], str | None]] = {}
_refused: list[Callable[[Turn], Next | None]] = []


def looks_like_number(text: str) -> bool:
    """Tell whether a message to nobody in particular holds a citation number: it opens the appeal (AC-1)."""
    if len(text) > _SHORT_MESSAGE:
        return False
    return any(not one.looks_like and sum(c.isdigit() for c in one.raw) >= _NUMBER_DIGITS for one in groups_of(text))


def _say_where(turn: Turn) -> None:
    """Tell who comes back to a parked draft where it stands, in two lines (rule UX-8)."""
    from handlers.appeals.flow.shown import summary

    draft = draft_of(turn)
    if draft.waits and draft.case_id is None:
        turn.say("appeals.later.now", number=last_four(draft.waits))
    else:
        summary(turn)


def _greet_back(turn: Turn) -> None:
    """Tell who answers after days where the draft stands."""
    last = turn.address.last_in_at if turn.address else None
    if last is not None and turn.event.channel and turn.work.now_us - last > _AWAY // timedelta(microseconds=1):
        _say_where(turn)


def _edit(turn: Turn, field: str) -> Next | None:
    from handlers.appeals.flow.corrections import correct

    return correct(turn, field or turn.event.text.strip().partition(" ")[2])


appeal = Flow(
    "appeal",
    AppealDraft,
    version=1,
    first="city",
    entry=("ticket", "tickets", "citation", "citations", "parking", "meter", "appeal", "towed", "multa"),
    on_resume=_say_where,
    recognises=looks_like_number,
    editor=_edit,
)


def draft_of(turn: Turn) -> AppealDraft:
    """Return the draft of this turn."""
    draft: AppealDraft = turn.draft
    return draft


def part(number: int) -> Callable[[Due], Due]:
    """Register a part of the conversation, in the order of its number."""

    def register(due: Due) -> Due:
        _parts[number] = due
        return due

    return register


def before_each(function: Callable[[Turn], Next | None]) -> Callable[[Turn], Next | None]:
    """Register what is judged before every next question: the gates."""
    _refused.append(function)
    return function


def onward(turn: Turn) -> Next:
    """Go to the first question whose slot is empty, unless a gate refuses."""
    for judge in _refused:
        stop = judge(turn)
        if stop is not None:
            return stop
    for number in sorted(_parts):
        step = _parts[number](turn)
        if step is not None:
            return Goto(step)
    return Goto("pay")


def ask(
    name: str, *, kept: Callable[[Turn], str | None] | None = None, free_text: bool = False
) -> Callable[[AskFunction], AskFunction]:
    """Register a question; `kept` returns what its slot holds, offered again by BACK and EDIT (rule UX-22)."""

    def register(function: AskFunction) -> AskFunction:
        def with_kept(turn: Turn) -> Ask:
            asked = function(turn)
            value = kept(turn) if kept else None
            return _fitted(turn, _offer_kept(turn, asked, value) if value else asked)

        appeal.ask(name, free_text=free_text)(with_kept)
        return function

    return register


def fits(turn: Turn, asked: Ask) -> bool:
    """Tell whether a question fits one text together with what is said before it (rule CONV-2)."""
    labels = [turn.text(c.key) if c.key else c.text for c in asked.choices if not c.quiet]
    numbered = [f"{number} {words}" for number, words in enumerate(labels, 1)]
    body = "\n".join([*turn.lines, turn.text(asked.key, **asked.args), *numbered])
    link = len(turn.registry.public_url) + _LINK if asked.files or turn.files else 0
    brand = _BRAND if turn.conversation.notes.get("sms_branded") is None else 0
    return size(normalise(body)).units + link + brand <= SMS_TEXT


def _fitted(turn: Turn, asked: Ask) -> Ask:
    """Ask in fewer words where the whole question does not fit a text behind what is said before it."""
    short = f"{asked.key}.short"
    if turn.channel != "sms" or not turn.registry.catalogue.has(short) or fits(turn, asked):
        return asked
    return Ask(
        short,
        asked.args,
        choices=asked.choices,
        expects=asked.expects,
        many=asked.many,
        open_choices=asked.open_choices,
        files=asked.files,
    )


def _offer_kept(turn: Turn, asked: Ask, value: str) -> Ask:
    question = turn.text(asked.key, **asked.args)
    keep = Choice("keep", key="appeals.keep.button", words=KEEP, quiet=True)
    expects = asked.expects if "choice" in asked.expects else (*asked.expects, "choice")
    return Ask(
        "appeals.keep",
        {"question": question, "value": excerpt(value, 60)},
        choices=(*asked.choices, keep),
        expects=expects,
        many=asked.many,
        open_choices=asked.open_choices,
        files=asked.files,
    )


def excerpt(text: str, most: int) -> str:
    """Return the beginning of a text on one line, cut at a word."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 3].rsplit(" ", 1)[0][: most - 3] + "..."


def take(name: str) -> Callable[[TakeFunction], TakeFunction]:
    """Register what becomes of a step's answer; "keep" and a Back button mean the same everywhere."""

    def register(function: TakeFunction) -> TakeFunction:
        def guarded(turn: Turn, answer: Answer) -> Next:
            _greet_back(turn)
            if answer.choice == "keep":
                return onward(turn)
            if answer.choice == "back":
                if not steps.back(turn):
                    turn.say("engine.first_step")
                return Stay()
            return function(turn, answer)

        appeal.take(name)(guarded)
        return function

    return register


def result(name: str) -> Callable[[ResultFunction], ResultFunction]:
    """Register what becomes of a call's outcome; what was said before the call comes with it (rule CONV-6)."""

    def register(function: ResultFunction) -> ResultFunction:
        def with_held(turn: Turn, outcome: Outcome) -> Next:
            draft = draft_of(turn)
            turn.lines[:0] = draft.held
            draft.held = []
            return function(turn, outcome)

        appeal.result(name)(with_held)
        return function

    return register


def calling(turn: Turn, call: Call) -> Call:
    """Keep what was said in this turn for the one reply that brings the result (rule CONV-2)."""
    draft_of(turn).held += turn.lines
    turn.lines.clear()
    return call


def changed(turn: Turn, *lines: str) -> None:
    """Note that slots changed: their lines are checked again, and what was approved no longer is (rule ST-6)."""
    draft = draft_of(turn)
    draft.checked = [line for line in draft.checked if line not in lines]
    draft.preview = None
