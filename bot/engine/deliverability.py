"""What became of messages: Twilio's status callbacks and final refusals, and what they say of an address.

States only move forward, in whatever order the callbacks come (rule SMS-20). A blocked bot or a dead number makes the
address unreachable and cancels its queue; the case stays (rules TG-9, SMS-21 and chat rules, section 5.4).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.events import Event
from bot.core.twilio_codes import QUEUE_PAUSE, Act, act_of
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from storage import addresses, timers
from storage.outbox import cancel, outbox
from storage.people import address
from storage.schema import micros
from storage.switches import turn_switch
from storage.work import Work

RANKS = {
    "accepted": 0, "scheduled": 0, "queued": 0, "sending": 1, "sent": 2, "delivered": 3, "read": 4,
    "undelivered": 3, "failed": 3, "canceled": 3, "partially_delivered": 3,
}  # fmt: skip
BLOCKED = frozenset({"blocked", "gone"})
"""Telegram's refusals that mean nobody is there."""

EARLY = timedelta(seconds=5)
EARLY_TRIES = 3
"""A callback may overtake our own commit of the message's number; it is looked at again so often."""

FREEZES_AT = 2
PROACTIVE_SMS = "sms.proactive"
"""The switch that holds proactive texts back when the sender is not registered."""


def register(registry: Registry) -> None:
    """Register the handlers of delivery's news."""
    registry.on("twilio:status")(status)
    registry.on("timer:twilio_status")(status)
    registry.on("delivery:refused")(refused)
    registry.finders["twilio"] = person_of


def _message(work: Work, sid: str) -> sa.Row[Any] | None:
    columns = (outbox.c[n] for n in ("id", "address_id", "person_id", "state", "vendor_state", "attempts"))
    return work.row(sa.select(*columns).where(outbox.c.vendor_id == sid))


def person_of(work: Work, event: Event) -> int | None:
    """Return the person to whom the message of a status callback went."""
    found = _message(work, str(event.payload.get("sid") or ""))
    return None if found is None else found.person_id


def status(turn: Turn) -> None:
    """Take a status callback; the key is message and status, so repeats never come here."""
    payload, turn.silent = turn.event.payload, True
    sid, word = str(payload.get("sid") or ""), str(payload.get("status") or "")
    message = _message(turn.work, sid)
    if message is None:
        _look_later(turn, dict(payload), sid, word)
        return
    if word not in RANKS or not _advance(turn.work, message.id, word):
        return
    if word in ("delivered", "read") and message.address_id is not None:
        turn.work.claim(
            address.update().where(address.c.id == message.address_id, address.c.failures > 0).values(failures=0)
        )
    code = payload.get("code")
    if isinstance(code, int) and code:
        trouble(turn, code, address_id=message.address_id, outbox_id=message.id, attempts=message.attempts)


def _advance(work: Work, outbox_id: int, word: str) -> bool:
    """Move a message's state forward by rank; False when it already was as far."""
    lower = [known for known, rank in RANKS.items() if rank < RANKS[word]]
    moved = work.claim(
        outbox.update()
        .where(outbox.c.id == outbox_id, outbox.c.vendor_state.is_(None) | outbox.c.vendor_state.in_(lower))
        .values(vendor_state=word)
    )
    return moved.rowcount == 1


def _look_later(turn: Turn, payload: dict[str, Any], sid: str, word: str) -> None:
    tries = int(payload.get("tries") or 0) + 1
    if sid and tries <= EARLY_TRIES:
        timers.set_timer(
            turn.work,
            kind="twilio_status",
            key=f"twilio_status:{sid}:{word}",
            due=turn.now + EARLY * tries,
            body=orjson.dumps({**payload, "tries": tries}),
        )


def refused(turn: Turn) -> None:
    """Take the end of a message that its channel will never deliver."""
    payload, turn.silent = turn.event.payload, True
    address_id, code = payload.get("address"), str(payload.get("code") or "")
    asked = turn.registry.handlers.get(f"call:{payload.get('then')}")
    if asked is not None:
        asked(turn)
    if not isinstance(address_id, int):
        return
    if code in BLOCKED:
        _unreachable(turn, address_id)
    elif code.isdigit():
        trouble(turn, int(code), address_id=address_id, outbox_id=int(turn.event.key), attempts=None)
    elif code in ("unauthorized", "not_configured"):
        turn.alert("channel_down", key=f"channel_down:{code}:{turn.now:%Y-%m-%d-%H}", code=code)


def trouble(turn: Turn, code: int, *, address_id: int | None, outbox_id: int, attempts: int | None) -> None:
    """Do what an error code of Twilio asks for (chat rules, section 5.4)."""
    hour = f"{turn.now:%Y-%m-%d-%H}"
    match act_of(code):
        case Act.OPT_OUT if address_id is not None:
            _opted_out(turn, address_id)
        case Act.UNREACHABLE if address_id is not None:
            _unreachable(turn, address_id)
        case Act.COUNT if address_id is not None:
            _count(turn, address_id)
        case Act.RETRY_ONCE if attempts == 1:
            _send_again(turn, outbox_id, code, after=timedelta())
        case Act.SLOW | Act.BACK_OFF:
            _send_again(turn, outbox_id, code, after=QUEUE_PAUSE)
        case Act.RETRY_ONCE:
            _give_up(turn, outbox_id, code)
        case Act.HOLD_PROACTIVE:
            turn_switch(turn.work, PROACTIVE_SMS, "held", actor="engine")
            turn.alert("sms_unregistered", key=f"sms_unregistered:{hour}", code=code)
        case Act.FILTERED:
            turn.alert("sms_filtered", key=f"sms_filtered:{outbox_id}", outbox=outbox_id, code=code)
        case Act.PAGE:
            turn.alert("sms_refused", key=f"sms_refused:{code}:{hour}", code=code, outbox=outbox_id)
        case _:
            pass


def _send_again(turn: Turn, outbox_id: int, code: int, *, after: timedelta) -> None:
    """Let a message that the carrier dropped leave again; one that is no longer valid by then expires instead."""
    sent = outbox.update().where(outbox.c.id == outbox_id, outbox.c.state == "sent")
    turn.work.claim(
        sent.values(state="ready", vendor_id=None, vendor_state=None, error=str(code), due_at=micros(turn.now + after))
    )


def _give_up(turn: Turn, outbox_id: int, code: int) -> None:
    """Make a message that failed twice a dead letter."""
    sent = outbox.update().where(outbox.c.id == outbox_id, outbox.c.state == "sent")
    turn.work.claim(sent.values(state="dead", error=str(code)))


def _opted_out(turn: Turn, address_id: int) -> None:
    row = turn.work.row(sa.select(address).where(address.c.id == address_id))
    if row is None:
        return
    handle = turn.work.seal.open(row.handle).decode()
    addresses.opt_out(turn.work, address_id=address_id, handle=f"{row.channel}:{handle}", source="carrier", wording="")


def _unreachable(turn: Turn, address_id: int) -> None:
    """Mark an address until its person writes again, and cancel what waits for it."""
    turn.work.claim(
        address.update()
        .where(address.c.id == address_id, address.c.state != "opted_out")
        .values(state="unreachable", failures=0)
    )
    cancel(turn.work, address_id=address_id)


def _count(turn: Turn, address_id: int) -> None:
    """Freeze an address that could not be reached twice in a row (rule SMS-21)."""
    turn.work.claim(address.update().where(address.c.id == address_id).values(failures=address.c.failures + 1))
    frozen = turn.work.claim(
        address.update()
        .where(address.c.id == address_id, address.c.failures >= FREEZES_AT, address.c.state == "active")
        .values(state="frozen")
    )
    if frozen.rowcount == 1:
        cancel(turn.work, address_id=address_id)
