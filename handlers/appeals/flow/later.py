"""The other tickets of one message: a case each, one after the other (rule NUM-9, AC-13).

U> 900000417 and 900000418
B> I see more than one number. Which one is on this ticket? One ticket at a time. 1 900000417 2 900000418
U> 1
B> One ticket at a time. I keep the other one (...0418) and ask for it when this one is done. ...
(the first case is paid, saved, dropped or done the free way)
B> The other ticket: number ...0418. Is it a San Francisco, CA ticket? Reply OK or name the city.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine import steps
from bot.engine.flow import Next, Stay
from bot.engine.state import Frame, Parked
from bot.engine.turn import Turn
from handlers.appeals.flow.flow import AppealDraft, PlaceMeant, TicketMeant, appeal, draft_of
from handlers.appeals.flow.rules import city_of
from handlers.appeals.flow.shown import listed
from handlers.appeals.numbers import last_four
from handlers.appeals.waiting import is_waiting
from storage.schema import micros

MOST = 3


def keep_for_later(turn: Turn, numbers: Sequence[str]) -> None:
    """Park a ticket for each number, so that none is lost, and say so."""
    draft = draft_of(turn)
    draft.later_numbers = list(numbers[:MOST])
    for number in draft.later_numbers:
        read = next((ticket for ticket in draft.tickets_read if ticket.number == number), None)
        frame = Frame(
            flow=appeal.name,
            step="city_meant",
            draft=_waiting(turn, number, read).model_dump(mode="json"),
            version=appeal.version,
        )
        turn.conversation.parked.append(Parked(frame, micros(turn.now)))
    one = len(draft.later_numbers) == 1
    key = "appeals.later.kept" if one else "appeals.later.kept_many"
    turn.say(key, numbers=listed([last_four(number) for number in draft.later_numbers]))


def _waiting(turn: Turn, number: str, read: TicketMeant | None) -> AppealDraft:
    city, elsewhere = city_of(turn), draft_of(turn).elsewhere
    place = (
        PlaceMeant(label=f"{city.name}, {city.state}", name=city.name, state=city.state, city_id=city.city_id)
        if (city)
        else elsewhere
    )
    issued = f" issued {read.issued:%m/%d/%Y}" if read and read.issued else ""
    return AppealDraft(waits=number, kept=f"{number}{issued}", places=[place] if place else [], ticket_meant=read)


def ended(turn: Turn, how: Next) -> Next:
    """End or leave this case, and go on with the ticket that waits, if any."""
    if not any(is_waiting(parked) for parked in turn.conversation.parked):
        return how
    steps.follow(turn, how)
    parked = turn.conversation.parked
    at = next((n for n, one in enumerate(parked) if is_waiting(one)), None)
    if at is not None:
        parked.append(parked.pop(at))
        steps.resume(turn)
    return Stay()
