"""UNLINK: an address leaves the account; the last one stays (rule ID-8).

U> UNLINK
B> Which one leaves your account? 1 +1 *** *** 0188  2 Telegram *** 4711  3 None
U> 2
B> Telegram *** 4711 has left. Who writes from there is new to me.
"""

from __future__ import annotations

from pydantic import BaseModel

from bot.core.fold import fold, trim
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.flow import End, Flow, Next
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.people import linking, merging
from handlers.people.masking import masked
from storage import addresses, outbox

_WORDS = frozenset(
    {"unlink", "/unlink", "unlink number", "unlink phone", "unlink telegram", "un link", "desvincular", "desenlazar"}
)


class Nothing(BaseModel):
    """The flow keeps nothing."""


leaving = Flow("people_unlink", Nothing, version=1, first="which")


def register(registry: Registry) -> None:
    """Register the word and its question."""
    registry.add_flow(leaving)
    registry.word("text")(heard)


def heard(turn: Turn, text: str) -> bool:
    """Take UNLINK."""
    if len(text) > 30 or trim(fold(text)) not in _WORDS:
        return False
    if len(linking.live(turn, turn.person.id)) < 2:
        turn.say("people.unlink.last")
    elif turn.conversation.top is None or turn.conversation.top.flow != leaving.name:
        steps.open_flow(turn, leaving.name)
    return True


@leaving.ask("which", effort=False)
def ask_which(turn: Turn) -> Ask:
    """Name the addresses, masked."""
    rows = [(row, turn.work.seal.open(row.handle).decode()) for row in linking.live(turn, turn.person.id)]
    choices = [Choice(str(row.id), text=masked(row.channel, handle)) for row, handle in rows]
    return Ask("people.unlink.ask", choices=(*choices, Choice("none", key="people.unlink.none")), expects=("choice",))


@leaving.take("which")
def take_which(turn: Turn, answer: Answer) -> Next:
    """Let the address go, unless it became the last one meanwhile."""
    rows = {str(row.id): row for row in linking.live(turn, turn.person.id)}
    row = rows.get(answer.choice or "")
    if row is None:
        turn.say("people.unlink.kept")
    elif len(rows) < 2:
        turn.say("people.unlink.last")
    else:
        shown = linking.shown_address(turn, row.id)
        leave(turn, row.id)
        turn.say("people.unlink.done", address=shown)
    return End()


def leave(turn: Turn, address_id: int) -> None:
    """Take an address from its person: nothing that waits for it is sent, and who writes from it is new."""
    outbox.cancel(turn.work, address_id=address_id)
    addresses.cut_off(turn.work, address_id)
    turn.audit("person.unlink", f"person:{turn.person_id}", address=address_id)
    if turn.address is not None and turn.address.id == address_id and turn.event.channel is None:
        left = [row for row in linking.live(turn, turn.person.id) if row.id != address_id]
        if left:
            merging.answer_at(turn, left[0].id)
