"""What reaches a person unasked: an answer of staff, the end of a ticket, a reminder; and what staff hear of clocks.

Everything runs in the person's queue and goes to the address that the ticket was written from last. It is a notice, so
by SMS it waits for the person's hours unless they wrote just now.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.prompts import Ask, Choice
from bot.engine import steps
from bot.engine.flow import End
from bot.engine.registry import Registry
from bot.engine.turn import Address, Turn
from handlers.support.clocks import Notice
from handlers.support.rulebook import counting, desk_now
from handlers.support.states import Did, State
from handlers.support.tickets import Ticket, act, clocks_of, happened, is_enforced, post, recount, wake
from storage import addresses, blobs
from storage.support import history, messages, tickets

FLOW, BUTTON = "support", "support"
REMIND, GIVE_UP, CLOSE, LEAVE = timedelta(days=3), timedelta(days=7), timedelta(days=7), timedelta(hours=24)
LAST_LEVEL = 3


def register(registry: Registry) -> None:
    """Register what falls due."""
    registry.on("timer:support.deliver")(deliver)
    registry.on("timer:support.over")(over)
    registry.on("timer:support.quiet")(quiet)
    registry.on("timer:support.sla")(sla)
    registry.on("timer:support.leave")(leave)


def told_time(turn: Turn, moment: datetime) -> str:
    """Return a moment as people are told it, in the team's zone."""
    return f"{moment.astimezone(ZoneInfo(desk_now(turn.work).calendar.zone)):%a %b %-d, %-I:%M %p %Z}"


def _due(turn: Turn) -> Ticket | None:
    turn.silent = True
    return tickets.load(turn.work, int(turn.event.payload["ticket"]))


def speak_at(turn: Turn, row: Ticket) -> bool:
    """Turn to the address of a ticket; False when nothing may be sent there."""
    for known in addresses.of_person(turn.work, row.person_id):
        if known.id == row.address_id:
            if turn.address is None or turn.address.id != known.id:
                handle = turn.work.seal.open(known.handle).decode()
                turn.address = Address(known.id, known.channel, handle, known.state, queued=True)
            return bool(known.state == "active")
    return False


def deliver(turn: Turn) -> None:
    """Give an answer of staff to its person, once; what cannot be sent is told to staff (TB-2)."""
    row = _due(turn)
    message = messages.load(turn.work, int(turn.event.payload["message"]))
    if row is None or message is None:
        return
    code = tickets.code(row.number)
    reached = speak_at(turn, row)
    if not messages.settle(turn.work, message.id, "handed" if reached else "refused"):
        return
    if not reached:
        post(turn, row, "system", f"NOT DELIVERED (stopped or blocked meanwhile): {message.text[:200]}")
        turn.alert("ticket_undelivered", key=f"undelivered:{message.id}", ticket=code)
        return
    top = turn.conversation.top
    free = (top is None or top.flow == FLOW) and row.state != State.CLOSED
    files = tuple((blob, f"{code}-{number}{_ending(turn, blob)}") for number, blob in enumerate(message.files, 1))
    turn.notify(
        "support.answer" if free else "support.answer_beside", then="support.answered", files=files,
        context={"message": message.id}, code=code, text=message.text,
    )  # fmt: skip
    if free:
        listen(turn, row)
    wake(turn, row, "support.quiet", f"support:quiet:{row.id}:", turn.now + REMIND)


def _ending(turn: Turn, blob: int) -> str:
    """Return how the name of a file ends, by what it is."""
    return {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}.get(
        blobs.media_type_of(turn.work, blob), ""
    )


def listen(turn: Turn, row: Ticket) -> None:
    """Let the person's next words go to a ticket, for a day (TB-7)."""
    top = turn.conversation.top
    if top is not None and top.flow == FLOW:
        steps.follow(turn, End())
    steps.open_flow(turn, FLOW, draft={"ticket": row.id}, step="more")
    turn.timer("support.leave", f"support:leave:{turn.person_id}", turn.now + LEAVE)


def leave(turn: Turn) -> None:
    """Give the chat back to the other services."""
    turn.silent = True
    frames = turn.conversation.frames
    if frames and frames[-1].flow == FLOW:
        steps.follow(turn, End())


def over(turn: Turn) -> None:
    """Tell a person that staff resolved their ticket."""
    row = _due(turn)
    if row is None or row.state != State.RESOLVED:
        return
    if speak_at(turn, row):
        tell_over(turn, row)
    else:
        rests(turn, row)


def tell_over(turn: Turn, row: Ticket, key: str = "support.resolved") -> None:
    """Say that a ticket is resolved and ask once how it went (SP-3); it closes a week later."""
    if not rests(turn, row):
        return
    top = turn.conversation.top
    if top is not None and top.flow == FLOW and top.draft.get("ticket") == row.id:
        leave(turn)
    code = tickets.code(row.number)
    if turn.conversation.top is None:
        turn.offer = Ask(key, args={"code": code}, choices=_ways(row.id))
    else:
        turn.notify(key, code=code)


def rests(turn: Turn, row: Ticket) -> bool:
    """Let a resolved ticket close in a week; False when its person was asked already how it went."""
    wake(turn, row, "support.quiet", f"support:quiet:{row.id}:", row.resolved_at + CLOSE)
    return happened(turn, row.person_id, row.id, "asked", key=f"asked:{row.resolved_at.timestamp():.0f}")


def _ways(ticket_id: int) -> tuple[Choice, ...]:
    rates = [
        Choice(f"rate{n}", text=str(n), quiet=True, standing=f"{BUTTON}:rate:{ticket_id}:{n}") for n in range(1, 6)
    ]
    broken = Choice("broken", key="support.broken_button", quiet=True, standing=f"{BUTTON}:broken:{ticket_id}")
    return (*rates, broken)


def quiet(turn: Turn) -> None:
    """Remind after three silent days, resolve after seven, close a week after that."""
    row = _due(turn)
    if row is None:
        return
    if row.state == State.RESOLVED and turn.now >= row.resolved_at + CLOSE:
        act(turn, row, Did.RESTED, actor="system")
    said = [history.last(turn.work, row.id, what) for what in ("staff", "waits")]
    answered = max((one for one in said if one is not None), key=lambda one: one.id, default=None)
    if row.state != State.WAITING or answered is None or turn.now < answered.at + REMIND:
        return
    can_tell = speak_at(turn, row)
    if turn.now >= answered.at + GIVE_UP:
        after = act(turn, row, Did.SILENT, actor="system")
        if can_tell:
            tell_over(turn, after, "support.gave_up")
        else:
            rests(turn, after)
        return
    wake(turn, row, "support.quiet", f"support:quiet:{row.id}:", answered.at + GIVE_UP)
    if happened(turn, row.person_id, row.id, "reminded", actor="system", key=f"reminded:{answered.id}") and can_tell:
        turn.notify("support.reminder", code=tickets.code(row.number))


def sla(turn: Turn) -> None:
    """Tell staff of every clock that is nearly or wholly used up, each once; a breach escalates (SLA-2)."""
    row = _due(turn)
    if row is None or not is_enforced(turn, row.opened_at):
        return
    for notice in counting(turn.work, row.opened_at).notices(clocks_of(turn, row.id)):
        if notice.at <= turn.now:
            _tell_staff(turn, row, notice)
    recount(turn, row.id, told_to=turn.now)


def _tell_staff(turn: Turn, row: Ticket, notice: Notice) -> None:
    key = f"{notice.clock}:{notice.kind}:{row.reopened}:{notice.since.timestamp():.0f}"
    if not happened(turn, row.person_id, row.id, f"{notice.clock} {notice.kind}", actor="system", key=key):
        return
    to = counting(turn.work, row.opened_at).targets[row.priority].escalate_to
    if notice.kind == "breach":
        tickets.raise_level(turn.work, row.id, LAST_LEVEL)
    turn.alert(
        "ticket_clock", key=f"sla:{row.id}:{key}", ticket=tickets.code(row.number), clock=notice.clock,
        told=notice.kind, to=to, priority=row.priority,
    )  # fmt: skip
