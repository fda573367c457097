"""The citation number: typed (or read from a photo, see `photo`), and only ever a check of the chosen city.

    B> 1 of 6: the ticket. What is the citation number (9 digits, starts with 9)? ...
    U> 9OO 000 417
    B> I read that as 900000417, with zeros for the letter O. Reply OK or type it again.
    U> ok

Nothing is corrected silently: substitutions and look-alikes are shown and confirmed (rules NUM-3 to NUM-6).
"""

from __future__ import annotations

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import Goto, Next
from bot.engine.turn import Turn
from handlers.appeals.facts import ReadAs
from handlers.appeals.flow.flow import NumberMeant, ask, changed, draft_of, onward, take
from handlers.appeals.flow.issued import take_date_too
from handlers.appeals.flow.later import keep_for_later
from handlers.appeals.flow.rules import city_of, today
from handlers.appeals.flow.shown import listed
from handlers.appeals.flow.words_meant import NO, means, ok_choice
from handlers.appeals.numbers import NumberCheck, NumberStatus, check_number
from handlers.appeals.settings import settings_of

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MOST_CHOICES = 6


@ask("number", kept=lambda turn: draft_of(turn).facts.number)
def ask_number(turn: Turn) -> Ask:
    """Ask for the number in the city's own shape."""
    city = city_of(turn)
    hint = next((shape.hint for shape in city.citation_formats if shape.hint), None) if city else None
    shape = turn.text("appeals.number.shape", hint=hint) if hint else ""
    back = Choice("back", key="appeals.back.button", quiet=True)
    key = "appeals.number.ask" if settings_of(turn.registry).has_model else "appeals.number.ask_typed"
    return Ask(key, {"shape": shape}, choices=(back,), expects=("text", "picture"))


@take("number")
def take_number(turn: Turn, answer: Answer) -> Next:
    """Take a typed number, or read one from a photo of the ticket."""
    if answer.pictures:
        from handlers.appeals.flow.photo import read_photo

        return read_photo(turn, answer)
    accept_number(turn, answer.text)
    take_date_too(turn, answer.text)
    return onward(turn)


def accept_number(turn: Turn, text: str) -> None:
    """Check a number against the chosen city; raise Mistake when it has to be typed again."""
    draft, city = draft_of(turn), city_of(turn)
    if city is None:
        raise Mistake("appeals.city.first")
    draft.number_meant, draft.candidates = None, []
    own = turn.address.handle if turn.address and turn.channel == "sms" else None
    found = check_number(city, text, own_phone=own, today=today(turn), earlier=draft.facts.earlier_numbers)
    if found.normalized is None and found.status is not NumberStatus.SEVERAL:
        raise Mistake(f"appeals.number.{found.reason}", hint=found.hint or turn.text("appeals.number.any_hint"))
    _use(turn, found)


def _use(turn: Turn, found: NumberCheck) -> None:
    draft = draft_of(turn)
    number = found.normalized or ""
    match found.status:
        case NumberStatus.SEVERAL:
            draft.candidates = list(found.candidates[: MOST_CHOICES - 1])
        case NumberStatus.NEEDS_CONFIRM:
            pairs = [(s.read, s.means) for s in found.substitutions]
            draft.number_meant = NumberMeant(number=number, reason=found.reason or "", substitutions=pairs)
            draft.facts.substitutions = [
                ReadAs(position=s.position, read=s.read, means=s.means) for s in found.substitutions
            ]
        case NumberStatus.ASK_AGAIN:
            draft.facts.earlier_numbers = [*draft.facts.earlier_numbers, number][-5:]
            raise Mistake(f"appeals.number.{found.reason}", hint=found.hint or turn.text("appeals.number.any_hint"))
        case _:
            set_number(turn, number, found.status)


def set_number(turn: Turn, number: str, status: NumberStatus) -> None:
    """Keep the number with what is known of it."""
    facts = draft_of(turn).facts
    facts.number, facts.number_status = number, status.value
    changed(turn, "ticket")


@ask("number_meant", kept=None)
def ask_number_meant(turn: Turn) -> Ask:
    """Ask whether the number was read as it is printed."""
    meant = draft_of(turn).number_meant
    if meant is None:
        return ask_number(turn)
    args = {"number": meant.number, "swaps": swaps(turn, meant.substitutions), "look": _look(turn, meant.reason)}
    key = {"confusions": "swapped"}.get(
        meant.reason, "looks_like" if meant.reason.startswith("looks_like") else "as_printed"
    )
    return Ask(f"appeals.number.{key}", args, choices=(ok_choice(),), expects=("text", "choice", "picture"))


def swaps(turn: Turn, substitutions: list[tuple[str, str]]) -> str:
    """Say which letters were read as digits ("zeros for the letter O")."""
    words = []
    for read, digit in dict.fromkeys(substitutions):
        many = substitutions.count((read, digit)) > 1
        name = _DIGITS[int(digit)]
        name = (f"{name}es" if name == "six" else f"{name}s") if many else f"a {name}"
        words.append(turn.text("appeals.number.swap", digit=name, letter=read))
    return listed(words)


def _look(turn: Turn, reason: str) -> str:
    return turn.text(f"appeals.look.{reason.removeprefix('looks_like_')}") if reason.startswith("looks_like") else ""


@take("number_meant")
def take_number_meant(turn: Turn, answer: Answer) -> Next:
    """Take OK, or the number typed again."""
    draft = draft_of(turn)
    meant = draft.number_meant
    if meant is None:
        return take_number(turn, answer)
    if answer.choice == "ok":
        draft.number_meant = None
        printed = meant.reason in ("format_unknown", "weak_format", "unconfirmed_format") or meant.reason.startswith(
            "looks"
        )
        set_number(turn, meant.number, NumberStatus.USER_CONFIRMED if printed else NumberStatus.OK)
        return onward(turn)
    if means(answer.text, NO):
        draft.number_meant = None
        return Goto("number")
    return take_number(turn, answer)


@ask("number_which")
def ask_number_which(turn: Turn) -> Ask:
    """Ask which of several numbers it is."""
    numbers = draft_of(turn).candidates
    choices = tuple(Choice(n, text=n) for n in numbers)
    return Ask("appeals.number.which", choices=choices, expects=("choice", "text", "picture"))


@take("number_which")
def take_number_which(turn: Turn, answer: Answer) -> Next:
    """Take the picked number; the others wait for a case of their own (rule NUM-9)."""
    draft = draft_of(turn)
    picked = answer.choice
    others = [n for n in draft.candidates if n != picked]
    if picked is None:
        return take_number(turn, answer)
    keep_for_later(turn, others)
    read = next((ticket for ticket in draft.tickets_read if ticket.number == picked), None)
    if read is not None:
        draft.ticket_meant, draft.candidates = read, []
        return Goto("ticket_meant")
    accept_number(turn, picked)
    return onward(turn)
