"""Answering one ticket after the other without a forum: what the operator writes goes to the person (TB-6).

> /ticket reply T-1042
< REPLY MODE: what you write here goes to T-1042 (sms). /menu leaves.
> It was mailed on Friday.
< T-1042: on its way by sms, 1 segment and our heading. REPLY MODE: T-1042. /menu leaves.

The banner stands under every answer. /menu ends the mode, and so does the end of the session or of the ticket.
"""

from __future__ import annotations

from pydantic import BaseModel

from bot.core.errors import Refusal, Spoken
from bot.core.prompts import Answer, Ask
from bot.engine import steps
from bot.engine.flow import End, Flow, Goto, Next
from bot.engine.registry import Registry
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers.support import acting
from handlers.support.naming import asked
from handlers.support.states import LIVE
from handlers.support.tickets import ticket_of
from storage import operators
from storage.support import tickets

FLOW = "support_reply"


class Replying(BaseModel):
    """Which ticket the words go to."""

    ticket: int = 0


replying = Flow(FLOW, Replying, version=1, first="words")


def register(registry: Registry) -> None:
    """Register the mode; its words are heard before those of any service."""
    registry.add_flow(replying)
    registry.words.setdefault("text", []).insert(0, heard)


def reply(turn: Turn, argument: str, member: Member) -> str:
    """Send words to the person; without words, let all that follows go to them."""
    row, words = asked(turn, argument)
    if words or member.operator_id is None or turn.person_id != member.person_id or row.state not in LIVE:
        return acting.reply(turn, argument, member)
    acting.reachable(turn, row)
    for _ in range(len(turn.conversation.frames)):
        steps.leave(turn)
    steps.open_flow(turn, FLOW, draft={"ticket": row.id}, step="words")
    return turn.text("support.reply_mode", code=tickets.code(row.number), channel=row.channel)


@replying.ask("words", free_text=True, effort=False)
def ask_words(turn: Turn) -> Ask:
    """Show the banner."""
    row = ticket_of(turn, turn.draft.ticket)
    return Ask("support.reply_mode", args={"code": tickets.code(row.number), "channel": row.channel})


@replying.take("words")
def take_words(turn: Turn, answer: Answer) -> Next:
    """Send what was written, as long as the operator may answer; words that are not theirs are left out."""
    row = ticket_of(turn, turn.draft.ticket)
    operator = operators.by_person(turn.work, turn.person.id)
    try:
        acting.allowed(turn, "ticket reply")
    except Refusal as refused:
        turn.say(refused.key)
        return Goto("words", forget=True) if turn.event.payload.get("forwarded") else End()
    if operator is None:
        return End()
    member = Member(f"operator:{operator.name}", operator.role, frozenset(), operator.id, turn.person_id)
    try:
        turn.say("support.plain", text=acting.reply(turn, f"{row.number} {answer.text}", member))
    except Spoken as spoken:
        turn.say(spoken.key, **spoken.args_)
    return Goto("words", forget=True) if ticket_of(turn, row.id).state in LIVE else End()


def heard(turn: Turn, text: str) -> bool:
    """Take every plain word while the mode is on."""
    top = turn.conversation.top
    if top is None or top.flow != FLOW or not text.strip() or text.startswith("/"):
        return False
    steps.follow(turn, take_words(turn, Answer(text=text.strip())))
    return True
