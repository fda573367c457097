"""What became of messages after they left: sent, refused, changed by who wrote them (TB-2, TB-4, A90).

By SMS nothing can be changed any more; staff are told so. Telegram tells bots of no deletion, so none is mirrored.
"""

from __future__ import annotations

import html

from bot.core.calls.channels import EditTelegram, SentTelegram
from bot.core.calls.groups import React
from bot.core.calls.outcome import Done, Refused
from bot.core.errors import Refusal, Spoken
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers.support import acting
from handlers.support.bridge.hearing import explain, member_in
from handlers.support.tickets import Ticket, has_group, post, ticket_of
from storage import addresses
from storage.support import bans, messages, pairs, tickets

DELIVERED = "\N{THUMBS UP SIGN}"


def register(registry: Registry) -> None:
    """Register what delivery tells, and changes of messages on both sides."""
    registry.on("call:support.answered")(answered)
    registry.on("staff_group:edited")(changed_by_staff)
    registry.word("edited")(changed_by_person)


def answered(turn: Turn) -> None:
    """Take what became of an answer: a reaction in the topic when it arrived, words when it did not."""
    turn.silent = True
    message = messages.load(turn.work, int(turn.event.payload["context"]["message"]))
    if message is None:
        return
    row, outcome = ticket_of(turn, message.ticket_id), outcome_of(turn)
    if isinstance(outcome, Refused):
        refused(turn, row, message, outcome.code)
        return
    if isinstance(outcome, Done) and isinstance(outcome.result, SentTelegram):
        number = outcome.result.message_id
        pairs.add(turn.work, row.person_id, message.id, place="person", chat=row.address_id, number=number)
    for place in pairs.numbers(turn.work, message.id, "group")[:1]:
        turn.call(React(place.chat, place.number, DELIVERED))


def refused(turn: Turn, row: Ticket, message: messages.PublicMessage, code: str) -> None:
    """Tell staff that an answer did not arrive, in the topic under it, and by an alert."""
    if not messages.settle(turn.work, message.id, "refused"):
        return
    there = pairs.numbers(turn.work, message.id, "group")
    why = {"blocked": "they blocked the bot", "gone": "their account is gone"}.get(code, code)
    text = f"NOT DELIVERED ({why}): {message.text[:200]}"
    post(turn, row, "system", text, reply_to=there[0].number if there else None)
    turn.alert("ticket_undelivered", key=f"undelivered:{message.id}", ticket=tickets.code(row.number))


def changed_by_person(turn: Turn, text: str) -> bool:
    """Take a person's change of a message that staff have; from whom they take no words none comes (TB-7)."""
    number, address = turn.event.payload.get("message_id"), turn.address
    found = pairs.message_at(turn.work, "person", address.id, number) if address and isinstance(number, int) else None
    message = messages.load(turn.work, found) if found is not None else None
    if message is None or message.author != "person" or not text.strip():
        return False
    barred = bans.kind_of(turn.work, turn.person.id)
    if barred != bans.BAN:
        messages.reword(turn.work, message.id, text)
    if barred:
        return True
    row = ticket_of(turn, message.ticket_id)
    shown = f"{tickets.code(row.number)}, {row.channel}: {text}\n(edited)"
    for place in pairs.numbers(turn.work, message.id, "group")[-1:] if has_group(turn) else ():
        turn.call(EditTelegram(place.chat, place.number, shown, html=False))
    return True


def changed_by_staff(turn: Turn) -> None:
    """Change an answer in the person's chat when one of the staff changes it in the topic."""
    member, payload = member_in(turn), turn.event.payload
    chat, number = int(payload["chat_id"]), int(payload["message_id"])
    found = pairs.message_at(turn.work, "group", chat, number)
    message = messages.load(turn.work, found) if found is not None else None
    text = str(payload.get("text") or "").strip().removeprefix("/reply ")
    if message is None or message.author != "staff" or not text:
        return
    row = ticket_of(turn, message.ticket_id)
    try:
        acting.allowed(turn, "ticket reply")
        if len(text) > acting.LONGEST_REPLY:
            raise Refusal("support.too_long", most=acting.LONGEST_REPLY)
        if member is not None:
            _change(turn, row, message, text, member)
    except Spoken as spoken:
        explain(turn, row, member, spoken)


def _change(turn: Turn, row: Ticket, message: messages.PublicMessage, text: str, member: Member) -> None:
    """Change an answer where it went, which need not be where its person writes from now."""
    there = pairs.numbers(turn.work, message.id, "person")[-1:]
    reached = [
        one for one in addresses.of_person(turn.work, row.person_id) if one.id in {place.chat for place in there}
    ]
    if message.channel != "telegram" or not reached:
        why = "what left by SMS cannot be changed" if message.channel != "telegram" else "it did not arrive there"
        number = int(turn.event.payload["message_id"])
        post(turn, row, "system", f"That change stays here: {why}.", reply_to=number)
        return
    messages.reword(turn.work, message.id, text)
    handle = turn.work.seal.open(reached[0].handle).decode()
    said = turn.registry.catalogue.text("support.answer", "en", "telegram", code=tickets.code(row.number), text=text)
    turn.call(EditTelegram(int(handle.rpartition(":")[2]), there[-1].number, html.escape(said, quote=False)))
    turn.audit("ticket.edit", f"ticket:{row.number}", actor=member.name, message=message.id)
