"""From what a turn said to outbox rows: one reply for one inbound message, plus notices of their own.

The open question gets a prompt id; its buttons carry it, so a button of an older question is known as such.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.calls.channels import EditTelegram, SendTelegram
from bot.core.prompts import Ask, Choice
from bot.engine import render
from bot.engine.state import Prompt
from bot.engine.turn import Address, CallRow, Outgoing, Turn
from storage import outbox, transcript
from storage.schema import micros

TTL = {
    "code": timedelta(minutes=5),
    "reply": timedelta(minutes=10),
    "notice": timedelta(hours=24),
    "nudge": timedelta(hours=12),
    "offer": timedelta(hours=12),
}
"""How long a message stays worth sending (rule SMS-45)."""

_MICROSECOND = timedelta(microseconds=1)
_TTL_US = {purpose: lifetime // _MICROSECOND for purpose, lifetime in TTL.items()}
_GAPS = {"telegram": "\n\n", "sms": "\n"}
_DRAFT_IDS = 2**31 - 1
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
Row = dict[str, Any]
_BLANK: Row = {**dict.fromkeys(outbox.COLUMNS), "attempts": 0, "state": "ready"}


def _short(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _ALPHABET[rest] + digits
        if not number:
            return digits


def may_answer(turn: Turn, call: object) -> bool:
    """Tell whether a message may leave in the webhook response: plain text to the chat that wrote."""
    return (
        isinstance(call, SendTelegram)
        and call.photo is None
        and call.document is None
        and call.replaces is None
        and turn.event.channel == "telegram"
        and call.chat_id == turn.event.payload.get("chat_id")
    )


def label(turn: Turn, choice: Choice) -> str:
    """Return a choice's words in the person's language."""
    return turn.text(choice.key) if choice.key else choice.text


def open_prompt(turn: Turn, ask: Ask) -> Prompt:
    """Give the question an id and remember its choices at the address it goes to."""
    conversation = turn.conversation
    conversation.counter += 1
    choices = [[c.value, label(turn, c), list(c.words)] for c in ask.choices]
    for choice, entry in zip(ask.choices, choices, strict=True):
        if choice.quiet and turn.channel == "sms":
            entry[1:] = ["", [str(entry[1]), *choice.words]]
    address_id = turn.address.id if turn.address else 0
    conversation.prompt = Prompt(
        id=_short(conversation.counter), address_id=address_id, choices=choices, many=ask.many, at=turn.work.now_us,
        in_place=ask.in_place,
    )  # fmt: skip
    return conversation.prompt


def compose(turn: Turn, ask: Ask | None) -> list[Row]:
    """Return the outbox rows of this turn, with every column: its reply, its notices, its calls."""
    rows: list[Row] = []
    if turn.address is not None and (turn.lines or ask or turn.files):
        prompt = open_prompt(turn, ask) if ask else None
        text = "\n".join(turn.lines)
        rows += _messages(turn, turn.address, Outgoing(text, turn.purpose, "repeat_ok", tuple(turn.files)), ask, prompt)
    if ask is not None and ask is turn.offer:
        turn.conversation.prompt = None  # nothing is asked: its buttons act by themselves
    if turn.tapped is not None and not _takes_the_place(turn, turn.tapped, rows, ask):
        turn.call(EditTelegram(*turn.tapped))
    if turn.address is not None:
        for outgoing in turn.outgoing:
            rows += _messages(turn, turn.address, outgoing, None, None)
    rows += [_call_row(turn, c) for c in turn.calls]
    return rows


def _takes_the_place(turn: Turn, tapped: tuple[int, int], rows: list[Row], ask: Ask | None) -> bool:
    """Let the reply change the message that was tapped, when both questions are of one place and it is one message."""
    if ask is None or not (ask.in_place and turn.tapped_in_place) or len(rows) != 1:
        return False
    call = rows[0]["body"]["call"]
    if not isinstance(call, SendTelegram) or call.chat_id != tapped[0] or call.photo or call.document:
        return False
    rows[0]["body"]["call"] = replace(call, replaces=tapped[1])
    return True


def _messages(turn: Turn, address: Address, outgoing: Outgoing, ask: Ask | None, prompt: Prompt | None) -> list[Row]:
    text, files = outgoing.text, list(outgoing.files)
    if ask:
        asked = turn.text(ask.key, **ask.args)
        text = f"{text}{_GAPS[address.channel]}{asked}" if text and asked else text or asked
        files += ask.files
    sends = render.render(turn, address, text=text, files=files, ask=ask, prompt=prompt, outgoing=outgoing)
    if text:
        _note(turn, address, text)
    rows = [_message_row(turn, address, send, outgoing) for send in sends]
    if outgoing.then and rows:
        rows[-1]["body"] |= {"then": outgoing.then, "context": dict(outgoing.context)}
    return rows


def _note(turn: Turn, address: Address, text: str) -> None:
    turn.work.put(
        transcript.ADD,
        {
            "id": turn.work.new_id(),
            "person_id": turn.person_id,
            "address_id": address.id,
            "direction": "out",
            "body": turn.work.seal.seal(turn.kept(text).encode()),
            "at": turn.work.now_us,
        },
    )


def _message_row(turn: Turn, address: Address, send: Any, outgoing: Outgoing) -> Row:
    """Return the outbox row of one message to an address; its body is the call, not yet packed."""
    work = turn.work
    lifetime = _TTL_US[outgoing.purpose] if outgoing.ttl is None else outgoing.ttl // _MICROSECOND
    return {
        **_BLANK,
        "id": work.new_id(),
        "lane": address.id,
        "person_id": turn.person_id,
        "address_id": address.id,
        "inbox_id": turn.inbox_id,
        "kind": "message",
        "purpose": outgoing.purpose,
        "policy": outgoing.policy,
        "body": {"call": send},
        "due_at": work.now_us,
        "expires_at": work.now_us + lifetime,
        "at": work.now_us,
    }


def _call_row(turn: Turn, c: CallRow) -> Row:
    body: dict[str, Any] = {"call": c.call, "then": c.then, "context": dict(c.context)}
    if c.typing and turn.address is not None and turn.address.channel == "telegram":
        body["typing"] = int(turn.event.payload.get("chat_id") or turn.address.handle.split(":")[-1])
        body |= {"draft": c.id % _DRAFT_IDS + 1} if c.draft else {}
    due = c.due or turn.now
    return {
        **_BLANK,
        "id": c.id,
        "lane": c.id,
        "person_id": turn.person_id,
        "address_id": turn.address.id if turn.address else None,
        "inbox_id": turn.inbox_id,
        "kind": "call",
        "purpose": "call",
        "policy": c.policy,
        "key": c.key,
        "body": body,
        "due_at": micros(due),
        "expires_at": micros(c.expires) if c.expires else None,
        "at": turn.work.now_us,
    }
