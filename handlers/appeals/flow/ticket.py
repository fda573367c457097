"""Part 1, the ticket: the order of its questions; whose ticket it is and what it is for.

    B> Last day to ask for a review: Mon Dec 7 (21 days, San Francisco time; CVC 40215(a)). ...
       Does the ticket name SFSU, UCSF, USF or CCSF? 1 It does 2 It does not
    U> 2
    B> What is it for? 1 Meter or pay station 2 Street cleaning ...
    U> 1

The city comes first: a number sent before it is kept and checked once the city is known (rules NUM-1, CONV-4).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import Goto, Next
from bot.engine.turn import Turn
from handlers.appeals.agency import agency_choices, issued_elsewhere
from handlers.appeals.facts import NOT_ELSEWHERE
from handlers.appeals.flow.flow import ask, changed, draft_of, fits, onward, part, take
from handlers.appeals.flow.rules import city_of, plan_of
from handlers.appeals.flow.shown import deadline_line, listed, order_line
from handlers.appeals.flow.words_meant import NO, OK
from handlers.appeals.grounds import packaged_checklist
from handlers.appeals.letter import fields_asked

_CLASSES = ("meter", "sweeping", "sign", "permit", "registration", "camera", "other")
_MOST_CHOICES = 6


@part(1)
def due_ticket(turn: Turn) -> str | None:
    """Name the first open question about the ticket."""
    draft, city = draft_of(turn), city_of(turn)
    facts = draft.facts
    if facts.city_id is None:
        return "city"
    if facts.number is None:
        return "number_meant" if draft.number_meant else "number_which" if draft.candidates else "number"
    if facts.issue_date is None:
        return "issued_meant" if draft.date_meant else "issued"
    if facts.situation is None:
        return "situation"
    if facts.situation == "late_notice" and facts.notice_date is None:
        return "notice_meant" if draft.date_meant else "notice"
    if facts.agency_answer is None and city is not None and agency_choices(city):
        return "agency"
    if facts.violation_class is None:
        return "violation"
    return "violation_code" if draft.violation_code is None and "violation_code" in fields_wanted(turn) else None


def fields_wanted(turn: Turn) -> tuple[str, ...]:
    """Return the names of what the city wants stated in the letter."""
    city = city_of(turn)
    always = (e.id for e in city.mail.enclosures if e.met_by == "letter_text" and e.when == "always") if city else ()
    return fields_asked(tuple(always))


@ask("agency")
def ask_agency(turn: Turn) -> Ask:
    """Say the last day, and ask whether another office gave the ticket."""
    city, planned = city_of(turn), plan_of(turn)
    dates = " ".join(filter(None, [deadline_line(turn), order_line(turn, planned) if planned else ""]))
    names = agency_choices(city) if city else ()
    if turn.channel != "sms":
        choices = (*(Choice(name, text=name) for name in names), Choice("none", key="appeals.agency.none", words=NO))
        return Ask("appeals.agency.ask", {"dates": dates}, choices=choices, expects=("choice", "text"))
    asked = _ask_names(dates, names)
    return asked if fits(turn, asked) or city is None else _ask_names(dates, agency_choices(city, short=True))


def _ask_names(dates: str, names: Sequence[str]) -> Ask:
    choices = (
        Choice("some", key="appeals.agency.some", words=OK),
        Choice("none", key="appeals.agency.not", words=NO),
    )
    args = {"dates": dates, "names": listed(names, last="or")}
    return Ask("appeals.agency.ask", args, choices=choices, expects=("choice", "text"))


@take("agency")
def take_agency(turn: Turn, answer: Answer) -> Next:
    """Take the heading of the ticket: one of the negative list, or none of it (gate G3)."""
    city, facts = city_of(turn), draft_of(turn).facts
    names = agency_choices(city) if city else ()
    if answer.choice == "none":
        facts.agency_answer = NOT_ELSEWHERE
    elif answer.choice == "some":
        if len(names) > 1:
            return Goto("agency_which")
        facts.agency_answer = names[0]
    elif answer.choice in names:
        facts.agency_answer = answer.choice
    else:
        _typed_agency(turn, answer.text)
    changed(turn)
    return onward(turn)


def _typed_agency(turn: Turn, text: str) -> None:
    city, facts = city_of(turn), draft_of(turn).facts
    other = issued_elsewhere(city, text) if city else None
    if other is None and not _names_own_process(turn, text):
        raise Mistake("appeals.agency.which_one")
    facts.agency_answer = other.names[0] if other else NOT_ELSEWHERE


def _names_own_process(turn: Turn, text: str) -> bool:
    city = city_of(turn)
    own = {name.casefold() for group in (city.issuers_same_process if city else ()) for name in group.names}
    return text.strip().casefold() in own | {city.name.casefold() if city else ""}


@ask("agency_which")
def ask_agency_which(turn: Turn) -> Ask:
    """Ask which other office it is."""
    city = city_of(turn)
    names = agency_choices(city) if city else ()
    choices = tuple(Choice(name, text=name, quiet=at >= _MOST_CHOICES) for at, name in enumerate(names))
    return Ask("appeals.agency.which", choices=choices, expects=("choice", "text"))


@take("agency_which")
def take_agency_which(turn: Turn, answer: Answer) -> Next:
    """Take the office that gave the ticket."""
    if answer.choice:
        draft_of(turn).facts.agency_answer = answer.choice
    else:
        _typed_agency(turn, answer.text)
    return onward(turn)


@ask("violation")
def ask_violation(turn: Turn) -> Ask:
    """Ask what the ticket is for."""
    planned, city = plan_of(turn), city_of(turn)
    dates = "" if city is None or agency_choices(city) or planned is None else f"{deadline_line(turn)}\n"
    if turn.channel == "sms":
        dates = ""
    choices = tuple(Choice(c, key=f"appeals.violation.{c}", words=(c,)) for c in _CLASSES)
    return Ask("appeals.violation.ask", {"dates": dates}, choices=choices, expects=("choice", "text"))


@take("violation")
def take_violation(turn: Turn, answer: Answer) -> Next:
    """Take the class of the violation; reasons that do not fit it any more are asked again."""
    draft = draft_of(turn)
    named = answer.choice or packaged_checklist().class_named(answer.text)
    if named is None:
        raise Mistake("engine.no_such_choice")
    if draft.facts.violation_class != named:
        draft.facts.violation_class = named
        draft.facts.grounds, draft.reasons_picked, draft.reasons_page = [], [], 0
        changed(turn, "grounds", "answers")
    return onward(turn)


@ask("violation_code", kept=lambda turn: draft_of(turn).violation_code)
def ask_violation_code(turn: Turn) -> Ask:
    """Ask for the violation code, where the city wants it in the letter."""
    return Ask("appeals.violation_code.ask")


@take("violation_code")
def take_violation_code(turn: Turn, answer: Answer) -> Next:
    """Take the violation code as printed."""
    code = " ".join(answer.text.split())
    if not code or len(code) > 40 or not any(c.isalnum() for c in code):
        raise Mistake("appeals.violation_code.unread")
    draft_of(turn).violation_code = code
    changed(turn)
    return onward(turn)
