"""Answers that a model proposes to staff: one asks for it, reads it, and sends, edits or discards it (SP-5).

> /ticket draft T-1042
< Asked. The draft comes here in a moment; nothing is sent without you.
< DRAFT for T-1042, not sent: It was mailed on Friday. ... [Send] [Edit] [Discard]

The call counts against the allowance of the one who asks. What goes to the model is the public conversation, with
numbers of cards and accounts masked and mail addresses and phone numbers taken out; no note, no name, no address.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from bot.core.calls.outcome import Done
from bot.core.calls.workshop import AskModel, ModelAnswer
from bot.core.errors import Refusal, Spoken
from bot.core.masking import mask
from bot.core.prompts import Ask, Choice
from bot.engine import allowance
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers.support import acting
from handlers.support.naming import asked, audit
from handlers.support.settings import SupportSettings
from handlers.support.states import Did, State, move
from handlers.support.tickets import Ticket, ticket_of
from storage import operators
from storage.support import drafts, messages, tickets

BUTTON, PROMPT_VERSION = "support_draft", "support-draft-1"
_MOST_TOKENS, _READ = 600, 10
_SYSTEM = (
    "You help the staff of a small service that mails parking-ticket appeals, keeps receipts and coaches projects. "
    "Propose a short, friendly answer to the person's last message, in the language of that message, in plain text. "
    "Promise nothing, state no fact that the conversation does not hold, and ask when something is missing. "
    "One of the staff reads it before it is sent."
)
_SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE = re.compile(r"(?<!\w)\+?\d[\d\s().-]{7,}\d(?!\w)")


def register(registry: Registry) -> None:
    """Register the model's answer and the buttons under it."""
    registry.on("call:support.drafted")(drafted)
    registry.button(BUTTON)(pressed)


def ask(turn: Turn, argument: str, member: Member) -> str:
    """Ask the model for an answer to a ticket; it comes to whoever asked, and nowhere else."""
    row, _ = asked(turn, argument)
    settings: SupportSettings = turn.registry.settings.get(SupportSettings, SupportSettings())
    if not settings.drafts or member.operator_id is None:
        raise Refusal("support.no_drafts")
    call = question(turn, row)
    if call is None:
        raise Refusal("support.no_drafts_yet", code=tickets.code(row.number))
    refused = allowance.refusal(turn, call)
    if refused is not None:
        raise Refusal("support.draft_limit")
    context = {"ticket": row.id, "operator": member.operator_id}
    turn.call(call, then="support.drafted", context=context)
    audit(turn, "draft", row, member)
    return "Asked. The draft comes here in a moment; nothing is sent without you."


def question(turn: Turn, row: Ticket) -> AskModel | None:
    """Return what the model is asked; None while the person said nothing in words."""
    said = [one for one in messages.of_ticket(turn.work, row.id, _READ) if one.text]
    last = next((one.text for one in reversed(said) if one.author == "person"), None)
    if last is None:
        return None
    talk = "\n".join(f"{one.author}: {without_private(one.text)}" for one in said)
    person = turn.work.seal.digest("model person", str(row.person_id)).hex()[:32]
    data = {"conversation": talk, "message": without_private(last)}
    return AskModel("support_draft", PROMPT_VERSION, "classify", _SYSTEM, data, _SCHEMA, _MOST_TOKENS, person)


def without_private(text: str) -> str:
    """Return words without mail addresses and phone numbers, card and account numbers masked (TXT-4)."""
    return _PHONE.sub("[number]", _MAIL.sub("[mail]", mask(text).text))


def drafted(turn: Turn) -> None:
    """Show the proposal to whoever asked, with what may be done with it."""
    turn.silent, turn.purpose = True, "reply"
    context = turn.event.payload["context"]
    row, outcome = tickets.load(turn.work, int(context["ticket"])), outcome_of(turn)
    if row is None:
        return
    answer = outcome.result if isinstance(outcome, Done) else None
    words = _words(answer)
    if not isinstance(answer, ModelAnswer) or not words:
        turn.notify("support.draft_failed", purpose="reply", code=tickets.code(row.number))
        return
    made = drafts.add(turn.work, row, operator_id=int(context["operator"]), text=words, model=answer.model)
    code = tickets.code(row.number)
    if turn.conversation.top is None:
        turn.offer = Ask("support.draft", args={"code": code, "text": words}, choices=_ways(made))
    else:
        turn.notify("support.draft_beside", purpose="reply", code=code, text=words)


def _words(answer: object) -> str:
    text = answer.answer.get("answer") if isinstance(answer, ModelAnswer) else None
    return " ".join(text.split(" "))[: acting.LONGEST_REPLY].strip() if isinstance(text, str) else ""


def _ways(draft_id: int) -> tuple[Choice, ...]:
    return tuple(
        Choice(name, key=f"support.draft_{name}", quiet=True, standing=f"{BUTTON}:{name}:{draft_id}")
        for name in ("send", "edit", "discard")
    )


def pressed(turn: Turn, argument: str) -> None:
    """Do what the button says, once, for whoever asked for the draft and is logged in."""
    name, _, rest = argument.partition(":")
    row = drafts.load(turn.work, int(rest)) if rest.isdigit() else None
    operator = operators.by_person(turn.work, turn.person.id)
    if row is None or operator is None or operator.id != row.operator_id:
        who = f"operator:{operator.name}" if operator is not None else f"person:{turn.person_id}"
        acting.denied(turn, "ticket reply", who, "not the author" if operator is not None else "stranger")
        turn.say("engine.old_button")
        return
    try:
        acting.allowed(turn, "ticket reply")
        _decide(turn, row, name, operator)
    except Spoken as spoken:
        turn.say(spoken.key, **spoken.args_)


def _decide(turn: Turn, row: sa.Row[Any], name: str, operator: sa.Row[Any]) -> None:
    ended = {"send": "sent", "edit": "edited", "discard": "discarded"}.get(name)
    ticket, words = ticket_of(turn, row.ticket_id), drafts.text_of(turn.work, row)
    if name == "send":
        acting.reachable(turn, ticket)
        move(State(ticket.state), Did.REPLIED)  # refuses a ticket that takes no answer, before the draft counts as sent
    if ended is None or not drafts.decide(turn.work, row.id, ended):
        turn.say("engine.old_button")
        return
    code = tickets.code(ticket.number)
    if name == "send":
        member = Member(f"operator:{operator.name}", operator.role, frozenset(), operator.id, turn.person_id)
        acting.answer(turn, ticket, words, member)
        turn.say("support.draft_sent", code=code, channel=ticket.channel)
    elif name == "edit":
        turn.say("support.draft_copy", code=code, text=words)
    else:
        turn.say("support.draft_gone", code=code)
