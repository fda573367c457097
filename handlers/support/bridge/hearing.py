"""What staff write and press in their group. Only who is of the staff counts, by their own Telegram id (CM-2).

A reply to a mirrored message, or `/reply words`, goes to the person; anything else in a topic is an internal note
(TB-2, A89). What cannot be delivered is said in the topic, never passed over in silence.
"""

from __future__ import annotations

from typing import Any

from bot.core.calls.channels import FetchedMedia
from bot.core.calls.groups import React
from bot.core.calls.outcome import Done
from bot.core.errors import Refusal, Spoken
from bot.core.events import Event
from bot.core.sms import normalise, size
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.staff import Act, Member
from bot.engine.turn import Turn
from handlers.support import acting
from handlers.support.bridge import albums, cards
from handlers.support.states import LIVE
from handlers.support.targets import PRIORITIES
from handlers.support.tickets import Ticket, pump, ticket_of
from storage import addresses, operators
from storage.support import drafts, messages, pairs, posts, tickets, topics
from storage.work import Work

NOTED = "\N{WRITING HAND}"
_ACTS: dict[str, Act] = {"take": acting.take, "wait": acting.wait, "resolve": acting.resolve}


def register(registry: Registry) -> None:
    """Register the staff's events."""
    registry.finders["staff_group"] = sender_of
    registry.on("staff_group:message")(heard)
    registry.on("staff_group:button")(pressed)
    registry.on("call:support.staff_files")(fetched)


def sender_of(work: Work, event: Event) -> int | None:
    """Return the person behind a sender who is of the staff; nobody else is anybody here."""
    found = addresses.person_at(work, f"telegram:{event.payload.get('handle')}")
    return found if found is not None and operators.by_person(work, found) is not None else None


def member_in(turn: Turn) -> Member | None:
    """Return who acts, None for somebody who is not of the staff."""
    turn.silent = True
    row = operators.by_person(turn.work, turn.person_id) if turn.person_id is not None else None
    return None if row is None else Member(f"operator:{row.name}", row.role, frozenset(), row.id, row.person_id)


GATED = {
    "take": "ticket take", "wait": "ticket wait", "resolve": "ticket resolve", "priority": "ticket prio",
    "card": "user show", "send": "ticket reply", "discard": "ticket reply",
}  # fmt: skip
"""The command of the catalogue that a button in a topic stands for: who may not type it may not press it (CM-1)."""


def heard(turn: Turn) -> None:
    """Take a message of the staff; of anybody else's it is audited what they tried, and they see nothing (A104)."""
    member, topic = member_in(turn), _topic(turn)
    text, answered = str(turn.event.payload.get("text") or "").strip(), _answered(turn)
    if topic is None:
        return
    row = ticket_of(turn, answered.ticket_id) if answered is not None else _newest(turn, topic.person_id)
    command, _, rest = text.partition(" ")
    if row is None:
        return
    by_command = text.startswith("/")
    try:
        if by_command and command.split("@")[0] != "/reply":
            _elsewhere(turn, text, member)
        acting.allowed(turn, "ticket reply" if answered is not None or by_command else "ticket note")
        if member is None:
            return
        if answered is None and not by_command:
            _note(turn, row, text, member)
        else:
            _answer(turn, row, rest.strip() if by_command else text, member)
    except Spoken as spoken:
        explain(turn, row, member, spoken)


def _elsewhere(turn: Turn, text: str, member: Member | None) -> None:
    """Refuse a command that is typed in a topic; a stranger's is audited under its name."""
    if member is not None:
        raise Refusal("support.not_here")
    said = text[1:].lower().split()[:2]
    for name in (" ".join(said), " ".join(said[:1])):
        if name in turn.registry.staff:
            acting.allowed(turn, name)
    raise Refusal("support.not_here")


def explain(turn: Turn, row: Ticket, member: Member | None, spoken: Spoken) -> None:
    """Say in the topic why something was not done, to who is of the staff alone."""
    if member is not None:
        say(turn, row, turn.registry.catalogue.text(spoken.key, "en", "telegram", **spoken.args_))


def _topic(turn: Turn) -> Any:
    payload = turn.event.payload
    thread = payload.get("thread_id")
    return topics.of_thread(turn.work, int(payload["chat_id"]), int(thread)) if thread else None


def _answered(turn: Turn) -> messages.PublicMessage | None:
    """Return the mirrored message that is replied to; a topic's own first message is none."""
    payload = turn.event.payload
    number = payload.get("reply_to")
    if not number or number == payload.get("thread_id"):
        return None
    found = pairs.message_at(turn.work, "group", int(payload["chat_id"]), int(number))
    return messages.load(turn.work, found) if found is not None else None


def _newest(turn: Turn, person_id: int) -> Ticket | None:
    rows = tickets.of_person(turn.work, person_id)
    return next((row for row in rows if row.state in LIVE), rows[0] if rows else None)


def _note(turn: Turn, row: Ticket, text: str, member: Member) -> None:
    count = len(turn.event.payload.get("media") or ())
    acting.remark(turn, row, text or f"[{count} files in the topic]", member)
    turn.call(React(int(turn.event.payload["chat_id"]), int(turn.event.payload["message_id"]), NOTED))


def _answer(turn: Turn, row: Ticket, words: str, member: Member) -> None:
    """Let words go to the person; pictures are fetched first, several segments by SMS are asked about (TB-5)."""
    payload = turn.event.payload
    acting.reachable(turn, row)
    if payload.get("media"):
        albums.take(turn, row, words)
        return
    if not words:
        raise Refusal("support.no_words")
    segments = _segments(turn, row, words)
    if row.channel == "sms" and segments > 1:
        _ask_first(turn, row, words, segments, member)
        return
    _send(turn, row, words, member, number=int(payload["message_id"]))


def _segments(turn: Turn, row: Ticket, words: str) -> int:
    """Return what an answer costs by SMS at most; how it ends hangs on what its person does when it arrives."""
    said = (
        turn.registry.catalogue.text(key, "en", "sms", code=tickets.code(row.number), text=words)
        for key in ("support.answer", "support.answer_beside")
    )
    return max(size(normalise(one)).segments for one in said)


def _ask_first(turn: Turn, row: Ticket, words: str, segments: int, member: Member) -> None:
    made = drafts.add(turn.work, row, operator_id=int(member.operator_id or 0), text=words, model="")
    number = turn.event.payload["message_id"]
    ways = [("Send", f"{cards.BUTTON}:send:{made}:{number}"), ("Discard", f"{cards.BUTTON}:discard:{made}:{number}")]
    say(turn, row, f"By SMS this takes {segments} segments. Send it?", ways)


def _send(turn: Turn, row: Ticket, words: str, member: Member, *, number: int, files: tuple[int, ...] = ()) -> None:
    made = acting.answer(turn, row, words, member, files=files, shown=True)
    if made is not None:
        group = int(turn.event.payload.get("chat_id") or turn.event.payload["context"]["chat"])
        pairs.add(turn.work, row.person_id, made, place="group", chat=group, number=number)


def fetched(turn: Turn) -> None:
    """Send the files of a reply on, copied and not linked (TB-4)."""
    member, context, outcome = member_in(turn), turn.event.payload["context"], outcome_of(turn)
    row = tickets.load(turn.work, int(context["ticket"]))
    if member is None or row is None:
        return
    items = outcome.result.items if isinstance(outcome, Done) and isinstance(outcome.result, FetchedMedia) else []
    files = tuple(int(one.blob) for one in items if one.blob)
    try:
        if not files:
            raise Refusal("support.no_file")
        _send(turn, row, str(context["words"]), member, number=int(context["number"]), files=files)
    except Spoken as spoken:
        explain(turn, row, member, spoken)


def say(turn: Turn, row: Ticket, text: str, buttons: list[tuple[str, str]] | None = None) -> None:
    """Say something in the topic, under the message that it is about."""
    number = turn.event.payload.get("message_id") if turn.event.kind in ("message", "edited") else None
    posts.add(
        turn.work, row.person_id, row.id, kind="system", text=text, buttons=buttons or (),
        reply_to=int(number) if number else None,
    )  # fmt: skip
    pump(turn, row)


def pressed(turn: Turn) -> None:
    """Do what a button in the topic says, for somebody of the staff who is logged in; twice is refused in words."""
    member = member_in(turn)
    mark, _, rest = str(turn.event.payload.get("data") or "").partition(":")
    name, _, rest = rest.partition(":")
    number, _, more = rest.partition(":")
    if mark != cards.BUTTON or name not in GATED or not number.isdigit():
        return
    draft = drafts.load(turn.work, int(number)) if name in ("send", "discard") else None
    row = tickets.load(turn.work, draft.ticket_id if draft is not None else int(number))
    if row is None:
        return
    try:
        acting.allowed(turn, GATED[name])
        if member is None:
            return
        if draft is not None:
            _decide(turn, row, draft, member, sends=name == "send", number=int(more or 0))
        else:
            _do(turn, row, name, member, more)
    except Spoken as spoken:
        explain(turn, row, member, spoken)


def _do(turn: Turn, row: Ticket, name: str, member: Member, more: str) -> None:
    code = tickets.code(row.number)
    if name == "card":
        posts.add(turn.work, row.person_id, None, kind="system", text=cards.card(turn, row.person_id))
        pump(turn, row)
    elif name == "priority" and more in PRIORITIES:
        say(turn, row, acting.prio(turn, f"{code} {more}", member))
    elif name == "priority":
        ways = [(one, f"{cards.BUTTON}:priority:{row.id}:{one}") for one in PRIORITIES]
        say(turn, row, f"{code} is {row.priority}. Which priority?", ways)
    elif name in _ACTS:
        say(turn, row, _ACTS[name](turn, code, member))


def _decide(turn: Turn, row: Ticket, draft: Any, member: Member, *, sends: bool, number: int) -> None:
    """Send or drop what several segments were asked about, once, by whoever wrote it."""
    if draft.operator_id != member.operator_id:
        acting.denied(turn, "ticket reply", member.name, "not the author")
        raise Refusal("support.not_yours")
    if sends:
        acting.reachable(turn, row)
    if not drafts.decide(turn.work, draft.id, "sent" if sends else "discarded"):
        raise Refusal("support.decided")
    if sends:
        _send(turn, row, drafts.text_of(turn.work, draft), member, number=number)
