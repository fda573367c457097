"""The ticket by photo: what was read on it is shown, and each part of it is confirmed.

    B> 1 of 6, the ticket. Send a photo of it, or type the number (10 digits).
    U> (photo)
    B> I read: number 9000000021, issued Tue Nov 10, 2026, "No standing". Right? [All right] [Fix number] [Fix date]
    U> [All right]

Place and plate wait for their own lines of the check. Without a reader the number is typed at once; a reader that fails
costs a line saying so, and nothing else (rules NUM-3, CONV-6).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.workshop import TextFound
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import Call, Goto, Next, Stay
from bot.engine.turn import Turn
from handlers.appeals import ticket_photo
from handlers.appeals.flow.flow import TicketMeant, ask, calling, draft_of, onward, result, take
from handlers.appeals.flow.issued import set_issued
from handlers.appeals.flow.number import MOST_CHOICES, accept_number, ask_number, set_number, swaps, take_number
from handlers.appeals.flow.rules import city_of, today
from handlers.appeals.flow.shown import day
from handlers.appeals.flow.words_meant import OK
from handlers.appeals.numbers import NumberStatus, check_number
from handlers.appeals.settings import settings_of

_READING = timedelta(seconds=40)
_AS_PRINTED = ("format_unknown", "weak_format", "unconfirmed_format")
_TROUBLES = {
    "not_configured": "off",
    "unreadable": "unreadable",
    "too_large": "too_large",
    "unsupported": "unsupported",
    "gone": "unreadable",
    "model_limit": "enough",
}
"""Why nothing was read, in the words of the texts; anything else is `failed`."""


def read_photo(turn: Turn, answer: Answer) -> Next:
    """Have photos of the ticket read."""
    return read_blobs(turn, [m.blob for m in answer.pictures if m.blob])


def read_blobs(turn: Turn, blobs: Sequence[int]) -> Next:
    """Have kept pictures read; where no reader is configured, ask to type at once."""
    draft = draft_of(turn)
    draft.photos, draft.tickets_read, draft.ticket_meant = [], [], None
    if not settings_of(turn.registry).has_model:
        turn.say("appeals.photo.off")
        return Goto("number")
    if len(blobs) > ticket_photo.MOST_PICTURES:
        turn.say("appeals.photo.first", most=ticket_photo.MOST_PICTURES)
    person = turn.work.seal.digest("model", str(turn.person_id)).hex()
    return calling(turn, Call(ticket_photo.question(blobs, person=person), then="ticket_read", limit=_READING))


def keep_photo(turn: Turn, answer: Answer) -> Next:
    """Keep a photo that came before the city is known; it is read as soon as that is (rules NUM-1, CONV-4)."""
    draft = draft_of(turn)
    if not settings_of(turn.registry).has_model:
        turn.say("appeals.photo.off_yet")
        return Stay()
    draft.photos = [*draft.photos, *(m.blob for m in answer.pictures if m.blob)][: ticket_photo.MOST_PICTURES]
    turn.say("appeals.photo.kept")
    return Stay()


@result("ticket_read")
def ticket_read(turn: Turn, outcome: Outcome) -> Next:
    """Propose what was read on a photo of the ticket, or say why nothing was and ask to type."""
    draft, city = draft_of(turn), city_of(turn)
    found = outcome.result if isinstance(outcome, Done) else None
    if not isinstance(found, TextFound) or city is None:
        code = outcome.code if isinstance(outcome, Refused) else ""
        turn.say(f"appeals.photo.{_TROUBLES.get(code, 'failed')}")
        return Goto("number")
    tickets = ticket_photo.tickets(found, city, today(turn))
    if not tickets:
        _say_unread(turn, found)
        return Goto("number")
    draft.tickets_read = [_meant(ticket) for ticket in tickets[: MOST_CHOICES - 1]]
    if len(draft.tickets_read) > 1:
        draft.candidates = [ticket.number for ticket in draft.tickets_read]
        return Goto("number_which")
    draft.ticket_meant = draft.tickets_read[0]
    return Goto("ticket_meant")


def _say_unread(turn: Turn, found: TextFound) -> None:
    city = city_of(turn)
    other = ticket_photo.other_number(found, city, today(turn)) if city else None
    if other is None:
        turn.say("appeals.number.photo_unread")
        return
    hint = next((shape.hint for shape in city.citation_formats if shape.hint), None) if city else None
    turn.say("appeals.photo.no_match", number=other, hint=hint or turn.text("appeals.number.any_hint"))


def _meant(ticket: ticket_photo.TicketRead) -> TicketMeant:
    return TicketMeant(
        number=ticket.number,
        substitutions=[(s.read, s.means) for s in ticket.substitutions],
        issued=ticket.issued,
        violation=ticket.violation,
        place=ticket.place,
        plate=ticket.plate,
        plate_state=ticket.plate_state,
    )


@ask("ticket_meant")
def ask_ticket_meant(turn: Turn) -> Ask:
    """Show what was read on the photo."""
    meant = draft_of(turn).ticket_meant
    if meant is None:
        return ask_number(turn)
    said = turn.text("appeals.photo.swapped", swaps=swaps(turn, meant.substitutions)) if meant.substitutions else ""
    issued = turn.text("appeals.photo.issued", day=day(meant.issued)) if meant.issued else ""
    violation = turn.text("appeals.photo.violation", violation=meant.violation) if meant.violation else ""
    choices = (
        Choice("ok", key="appeals.photo.right", words=OK),
        Choice("number", key="appeals.photo.fix_number"),
        *((Choice("date", key="appeals.photo.fix_date"),) if meant.issued else ()),
        Choice("type", key="appeals.photo.type"),
    )
    args = {"number": meant.number, "swaps": said, "issued": issued, "violation": violation}
    return Ask("appeals.photo.ask", args, choices=choices, expects=("choice", "text", "picture"))


@take("ticket_meant")
def take_ticket_meant(turn: Turn, answer: Answer) -> Next:
    """Take over what was read, or the corrected part of it; another photo is read instead."""
    draft = draft_of(turn)
    meant = draft.ticket_meant
    if meant is None or answer.pictures or (answer.choice is None and answer.text):
        return take_number(turn, answer)
    if answer.choice == "type":
        draft.ticket_meant = None
        return Goto("number")
    if answer.choice != "date" and meant.issued:
        set_issued(turn, meant.issued)
    if answer.choice == "number":
        return Goto("number")
    _take_number(turn, meant.number)
    return onward(turn)


def _take_number(turn: Turn, number: str) -> None:
    """Keep a number that was confirmed as it is printed; one that looks like something else is still asked about."""
    city = city_of(turn)
    checked = check_number(city, number, today=today(turn)) if city else None
    if checked is not None and checked.status is NumberStatus.NEEDS_CONFIRM and checked.reason in _AS_PRINTED:
        set_number(turn, number, NumberStatus.USER_CONFIRMED)
    else:
        accept_number(turn, number)


def proposal(turn: Turn, name: str) -> str | None:
    """Return what was read on the photo for a line of the check that has no value yet."""
    meant, facts = draft_of(turn).ticket_meant, draft_of(turn).facts
    if meant is None or getattr(facts, name) is not None:
        return None
    if name == "place":
        return meant.place
    return ", ".join(filter(None, (meant.plate, meant.plate_state))) if meant.plate else None
