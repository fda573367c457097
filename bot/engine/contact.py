"""Whether we may talk at all: opt-out, opt-in, blocked bots, and chats that a human owns.

This layer comes before every other, before quota, flows and models (rule SMS-24). The opt-out, the suppression row and
the cancelling of all that waits for the number are one commit.
"""

from __future__ import annotations

from bot.core.fold import fold, trim
from bot.engine import optout, steps
from bot.engine.turn import Turn
from storage import addresses, outbox


def decide(turn: Turn) -> bool:
    """Take the event if it is about contact itself, or if nothing may be answered; False lets it pass."""
    address, event = turn.address, turn.event
    assert address is not None  # noqa: S101
    if event.kind in ("unreachable", "reachable"):
        _reach(turn, event.kind)
        return True
    if _words(turn):
        return True
    if address.state == "opted_out":
        turn.silent = True
        return True
    if address.state != "active":
        addresses.set_state(turn.work, address.id, "active")
    staffed = turn.person.staffed_until
    if staffed is not None and turn.work.now_us < staffed:
        turn.silent = True
        return True
    return False


def _reach(turn: Turn, kind: str) -> None:
    address = turn.address
    assert address is not None  # noqa: S101
    turn.silent = True
    if kind == "reachable":
        if address.state == "unreachable":
            addresses.set_state(turn.work, address.id, "active")
        return
    addresses.set_state(turn.work, address.id, "unreachable")
    outbox.cancel(turn.work, address_id=address.id)


def _words(turn: Turn) -> bool:
    address, event = turn.address, turn.event
    assert address is not None  # noqa: S101
    if event.kind != "text":
        return False
    if address.channel == "telegram" and event.text.startswith(("/stop", "/start")):
        return _command(turn, event.text)
    if address.channel == "telegram" and _is_staffs(turn, event.text):
        return False
    carrier = str(event.payload.get("carrier_answered") or "")
    verdict = optout.decide(event.text, collecting_free_text=_collects(turn), opted_out=address.state == "opted_out")
    if carrier == "STOP" or (verdict.verdict == "out" and _concerns(turn, verdict) and not _is_switch(turn)):
        _stop(turn, verdict, carrier)
        return True
    if carrier == "START" or (verdict.verdict == "start" and address.channel == "sms"):
        _start(turn, carrier)
        return True
    if verdict.verdict == "ask" and address.channel == "sms":
        turn.say("engine.stop_scope")
        turn.silent = True
        return True
    return False


def _command(turn: Turn, text: str) -> bool:
    """Obey /stop, and /start of somebody who had stopped; any other /start is an ordinary word."""
    address = turn.address
    assert address is not None  # noqa: S101
    if text.startswith("/stop"):
        _stop(turn, optout.OptOut(optout.Verdict.OUT, "S1"), "")
        return True
    if address.state == "opted_out":
        _start(turn, "")
        return True
    return False


def _is_staffs(turn: Turn, text: str) -> bool:
    """Tell whether this is a command of staff: the words that they pass on ("stop texting me") are not their own."""
    if not text.startswith("/"):
        return False
    first = text[1:].partition(" ")[0].lower()
    return any(name.partition(" ")[0] == first for name in turn.registry.staff)


def _collects(turn: Turn) -> bool:
    frame = turn.conversation.top
    flow = turn.flow()
    return bool(frame and flow and frame.step in flow.steps and flow.steps[frame.step].free_text)


def _concerns(turn: Turn, verdict: optout.OptOut) -> bool:
    """On Telegram a bare CANCEL or STOP leaves the flow; only a sentence about our messages is an opt-out there."""
    return turn.channel == "sms" or verdict.reason.startswith("P")


def _is_switch(turn: Turn) -> bool:
    """Tell whether the message is a service's own word for turning one thing off."""
    return trim(fold(turn.event.text)) in turn.registry.switches


def _stop(turn: Turn, verdict: optout.OptOut, carrier: str) -> None:
    address = turn.address
    assert address is not None  # noqa: S101
    everywhere = verdict.everywhere
    targets = [(address.id, f"{address.channel}:{address.handle}")]
    if everywhere and turn.person_id is not None:
        targets = [
            (row.id, f"{row.channel}:{turn.work.seal.open(row.handle).decode()}")
            for row in addresses.of_person(turn.work, turn.person_id)
        ]
    already = address.state == "opted_out"
    for address_id, handle in targets:
        addresses.opt_out(
            turn.work, address_id=address_id, handle=handle, source=carrier or "text", wording=turn.event.text
        )
    while turn.conversation.frames:
        steps.park(turn)
    turn.silent = True
    answered = bool(carrier) or (turn.channel == "sms" and turn.registry.carrier_answers(turn.event.text))
    if not answered and not already:
        turn.purpose = "code"
        turn.say("engine.stopped")


def _start(turn: Turn, carrier: str) -> None:
    address = turn.address
    assert address is not None  # noqa: S101
    was_out = address.state == "opted_out"
    addresses.opt_in(turn.work, address_id=address.id, handle=f"{address.channel}:{address.handle}")
    address.state = "active"
    turn.silent = True
    if was_out and not carrier and not turn.registry.carrier_answers(turn.event.text):
        turn.say("engine.started")
    elif not was_out and not carrier:
        turn.say("engine.welcome")
