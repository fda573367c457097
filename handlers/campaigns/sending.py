"""Bringing a broadcast to everybody: frozen first, then person by person in each one's own queue (BC-1, BC-2, A110).

A tick without a person freezes or queues the next few and sets the next tick; each person's turn claims its row in the
commit that writes the message. So a crash anywhere repeats nobody and misses nobody, and a stop is obeyed by the next
turn. Consent, opt-out and quiet hours are judged again when the message leaves (`jobs/gate.py`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson

from bot.core.errors import Refusal
from bot.engine.house import house
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Address, Outgoing, Turn
from handlers.campaigns import drafting, segments
from storage import addresses, timers
from storage.campaigns import broadcasts, recipients
from storage.campaigns.broadcasts import Broadcast

TICK, BATCH = timedelta(seconds=2), 50
"""Fifty in two seconds: below what Telegram takes in a second; texts are paced further by the sender's own limits."""
FROZEN_AT_ONCE = 500
FARTHEST = timedelta(days=90)
_HOUR = re.compile(r"(?:at|on)?\s*(\d{4}-\d{2}-\d{2})[ T]+(?:at\s+)?(\d{1,2}:\d{2})", re.IGNORECASE)
_TICK, _DELIVER = "campaigns.tick", "campaigns.deliver"


def register(registry: Registry) -> None:
    """Register the rows, and what falls due."""
    target = "broadcast"
    send_usage = "/broadcast send B-1 [at 2026-12-01 09:00]: to everybody whom /broadcast count counts then"
    registry.staff_command(
        StaffCommand("broadcast send", Risk.GRAVE, "broadcast.send", send_usage, send, target, foresee=foresee)
    )
    stop_usage = "/broadcast stop B-1: nobody else gets it"
    registry.staff_command(StaffCommand("broadcast stop", Risk.REVERSIBLE, "broadcast.send", stop_usage, stop, target))
    report_usage = "/broadcast report B-1"
    registry.staff_command(
        StaffCommand("broadcast report", Risk.COUNTERS, "broadcast.draft", report_usage, report, target)
    )
    registry.on(f"timer:{_TICK}")(tick)
    registry.on(f"timer:{_DELIVER}")(deliver)


def foresee(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell who would get what."""
    one, rest = drafting.asked(turn, argument)
    if one.state != "draft":
        raise Refusal("campaigns.no_draft", code=one.code)
    counted, when = drafting.counted(turn, one), _when(turn, rest)
    hour = "" if when is None else f" at {drafting.hour(turn, when)}"
    later = "" if when is None else " (counted again then)"
    said = f"SEND {one.code}{hour} to {segments.told(one.segment)}{later}:\n{counted}\n\n{one.texts['en']}"
    return Effect(said, f"broadcast {one.code}", f"{one.id}:{one.version}:{hour}:{counted}")


def send(turn: Turn, argument: str, member: Member) -> str:
    """Begin, now or at its hour: everybody who is meant then is frozen, then told."""
    one, rest = drafting.asked(turn, argument)
    at = _when(turn, rest) or turn.now
    if not broadcasts.move(turn.work, one, "freezing", among=("draft",), sent_at=at):
        raise Refusal("campaigns.no_draft", code=one.code)
    told, target = segments.told(one.segment), f"broadcast:{one.number}"
    turn.audit("broadcast.send", target, actor=member.name, segment=told, at=at.isoformat())
    _next_tick(turn, one.id, at - turn.now)
    begins = "is on its way" if at == turn.now else f"waits for {drafting.hour(turn, at)}"
    return f"{one.code} {begins}. /broadcast stop {one.code} halts it."


def _when(turn: Turn, words: str) -> datetime | None:
    """Return the hour that is named, in the organisation's zone; None for none, Refusal for one that cannot be."""
    if not words:
        return None
    found = _HOUR.fullmatch(words)
    try:
        there = datetime.fromisoformat(f"{found[1]} {found[2]:0>5}") if found else None
    except ValueError:
        there = None
    at = there.replace(tzinfo=ZoneInfo(house(turn).zone)) if there else None
    if at is None or not turn.now < at <= turn.now + FARTHEST:
        raise Refusal("campaigns.how_when")
    return at.astimezone(UTC)


def stop(turn: Turn, argument: str, member: Member) -> str:
    """Halt: whoever has not got it yet gets nothing, and what waits to leave is cancelled."""
    one, _ = drafting.asked(turn, argument)
    if not broadcasts.move(turn.work, one, "stopped", among=("freezing", "sending", "done"), ended_at=turn.now):
        raise Refusal("campaigns.not_under_way", code=one.code)
    skipped = recipients.drop_rest(turn.work, one.id)
    turn.audit("broadcast.stop", f"broadcast:{one.number}", actor=member.name, spared=skipped)
    return f"{one.code} is stopped. {skipped} persons do not get it."


def report(turn: Turn, argument: str, member: Member) -> str:
    """Tell what became of it."""
    one, _ = drafting.asked(turn, argument)
    rows, sent = recipients.states(turn.work, one.id), recipients.deliveries(turn.work, one.id)
    waits = sum(rows.get(name, 0) for name in ("waiting", "queued")) + sent.get("ready", 0) + sent.get("sending", 0)
    failed = sum(sent.get(name, 0) for name in ("dead", "unknown", "expired"))
    blocked = sent.get("cancelled", 0) + sum(n for name, n in rows.items() if name.startswith("skipped"))
    left = recipients.left_after(turn.work, one.id, one.sent_at) if one.sent_at else 0
    state = drafting.standing(turn, one)
    return (
        f"{one.code} {state}: {sent.get('sent', 0)} sent, {waits} waiting, {failed} failed, {blocked} blocked or "
        f"stopped, {left} ended offers after it."
    )


# -- what falls due ----------------------------------------------------------------------------------------------------


def tick(turn: Turn) -> None:
    """Freeze or queue the next few."""
    turn.silent = True
    one = broadcasts.load(turn.work, int(turn.event.payload["broadcast"]))
    if one is None or one.state not in broadcasts.UNDER_WAY:
        return
    (_freeze if one.state == "freezing" else _queue)(turn, one)


def _freeze(turn: Turn, one: Broadcast) -> None:
    last = recipients.freeze(
        turn.work, one.id, one.segment, asked_at=one.sent_at, after=one.cursor, most=FROZEN_AT_ONCE
    )  # fmt: skip
    state, cursor = ("sending", one.cursor) if last is None else ("freezing", last)
    if broadcasts.move(turn.work, one, state, among=("freezing",), cursor=cursor):
        _next_tick(turn, one.id, timedelta())


def _queue(turn: Turn, one: Broadcast) -> None:
    taken = recipients.take(turn.work, one.id, BATCH)
    body = orjson.dumps({"broadcast": one.id})
    for person_id in taken:
        key = f"broadcast:{one.id}:{person_id}"
        timers.set_timer(turn.work, kind=_DELIVER, key=key, due=turn.now, person_id=person_id, body=body)
    if taken:
        _next_tick(turn, one.id, TICK)
    else:
        broadcasts.move(turn.work, one, "done", among=("sending",), ended_at=turn.now)


def _next_tick(turn: Turn, broadcast_id: int, after: timedelta) -> None:
    body = orjson.dumps({"broadcast": broadcast_id})
    key, due = f"broadcast:{broadcast_id}:tick", turn.now + after
    timers.set_timer(turn.work, kind=_TICK, key=key, due=due, body=body)


def deliver(turn: Turn) -> None:
    """Write the message to one person, unless it was stopped or they are not to be reached any more."""
    turn.silent = True
    one = broadcasts.load(turn.work, int(turn.event.payload["broadcast"]))
    if one is None or one.state == "stopped":
        return
    why = _speak(turn, one)
    state = "sent" if why is None else "skipped"
    mine = recipients.settle(turn.work, one.id, turn.person.id, state, inbox_id=turn.inbox_id, why=why)
    if mine and why is None:
        told = turn.text("campaigns.offer", text=one.text(turn.locale))
        turn.outgoing.append(Outgoing(told, "offer", "ask_first"))


def _speak(turn: Turn, one: Broadcast) -> str | None:
    """Turn to the address that was frozen; return why nothing may be sent there."""
    wanted = recipients.address_of(turn.work, one.id, turn.person.id)
    known = next((row for row in addresses.of_person(turn.work, turn.person.id) if row.id == wanted), None)
    if known is None or known.state != "active":
        return "unreachable" if known is None else str(known.state)
    handle = turn.work.seal.open(known.handle).decode()
    full = f"{known.channel}:{handle}"
    if not addresses.has_consent(turn.work, person_id=turn.person.id, kind=recipients.KIND, handle=full):
        return "no consent"
    if turn.address is None or turn.address.id != known.id:
        turn.address = Address(known.id, known.channel, handle, known.state, queued=True)
    return None
