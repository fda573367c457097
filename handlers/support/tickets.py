"""What is done to a ticket, by whomever: its state, its history and its clocks move together in one commit.

A person's own acts run in their queue. Staff act in theirs, on the version of the ticket that they read; what the
person is told of it goes through a timer of the person's (see `telling`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.errors import Permanent, Refusal, Temporary
from bot.engine.turn import Turn
from handlers.support import ended
from handlers.support.clocks import Clocks, Happening
from handlers.support.deadlines import is_pressing
from handlers.support.rulebook import counting, enforced_from
from handlers.support.settings import SupportSettings
from handlers.support.states import LIVE, Did, State, happenings, move
from handlers.support.targets import lifted
from handlers.support.words import category_of, presses, priority_of
from storage import operators, timers
from storage.support import bans, desk, history, messages, pairs, posts, tickets

Ticket = sa.Row[Any]
LONGEST_SUBJECT, LONGEST_SHOWN = 80, 500
WORDLESS = timedelta(minutes=15)
"""How long somebody is waited for who said nothing yet: their first words tell who should get the ticket."""
_STAFFS = frozenset(("support.assign", "support.return", "support.sla"))
"""What falls due for staff alone."""
_COUNTED = frozenset(("opened", "person", "staff", "waits", "goes_on", "resolved", "closed", "reopened", "priority"))


def ticket_of(turn: Turn, ticket_id: int) -> Ticket:
    """Return a ticket that must be there."""
    row = tickets.load(turn.work, ticket_id)
    if row is None:
        raise Permanent("the ticket is gone")
    return row


def open_ticket(turn: Turn, *, parent_id: int | None = None) -> Ticket:
    """Open a ticket of the person of this turn, still without words; the conversation at hand suggests what about."""
    top, address = turn.conversation.top, turn.address
    if address is None:
        raise Permanent("nobody to answer")
    category = category_of("", top.flow if top is not None else "")
    priority = _first_priority(turn, category)
    ticket_id = tickets.add(
        turn.work, turn.person.id, address_id=address.id, channel=address.channel, category=category,
        priority=priority, source=f"inbox:{turn.inbox_id}", parent_id=parent_id,
    )  # fmt: skip
    happened(turn, turn.person.id, ticket_id, "opened", priority=priority, key="opened")
    recount(turn, ticket_id)
    row = ticket_of(turn, ticket_id)
    if not has_group(turn) and not is_shadowed(turn, row):
        turn.alert("ticket_opened", key=f"ticket:{row.number}", ticket=tickets.code(row.number))
    told_outside(turn, row, "created")
    post(turn, row, "header", "")
    wake(turn, row, "support.assign", f"support:assign:{row.id}", turn.now + WORDLESS)
    return row


def told_outside(turn: Turn, row: Ticket, what: str, **ids: object) -> None:
    """Let those who listen know what happened to a ticket, by its ids."""
    if is_shadowed(turn, row):
        return
    turn.tell(f"ticket.{what}", ticket=tickets.code(row.number), person=row.person_id, **ids)


def is_shadowed(turn: Turn, row: Ticket) -> bool:
    """Tell whether nothing of a ticket reaches staff by itself, while its person sees no difference (TB-7)."""
    return bans.kind_of(turn.work, row.person_id) == bans.SHADOW


def has_group(turn: Turn) -> bool:
    """Tell whether staff have a group in which they see what happens."""
    return bool(turn.registry.settings.get(SupportSettings, SupportSettings()).group)


def _tell_staff(turn: Turn, row: Ticket, message_id: int, text: str) -> None:
    """Tell the one who has a ticket what its person wrote; all of the staff while nobody has it."""
    code = tickets.code(row.number)
    operator = operators.acting(turn.work, row.assignee) if row.assignee is not None else None
    is_new = row.subject is None and row.source == f"inbox:{turn.inbox_id}"  # the alert of the ticket says as much
    if has_group(turn) or is_shadowed(turn, row) or is_new:
        return
    if operator is None or operator.person_id is None:
        turn.alert("ticket_message", key=f"ticket:{row.number}:{message_id}", ticket=code)
        return
    whisper(turn, operator.person_id, f"{message_id}", f"{code}, they wrote: {text[:LONGEST_SHOWN] or '[pictures]'}")


def whisper(turn: Turn, person_id: int, key: str, text: str) -> None:
    """Tell one of the staff something in their own chat; until then it lies sealed, for it may be a person's words."""
    body = orjson.dumps({"sealed": turn.work.seal.seal(text.encode()).hex()})
    timers.set_timer(
        turn.work, kind="operator.answer", key=f"support:told:{key}:{person_id}", due=turn.now, person_id=person_id,
        body=body,
    )  # fmt: skip


def post(turn: Turn, row: Ticket, kind: str, text: str, **more: Any) -> None:
    """Let something be shown in the person's topic of the staff group, if there is one (TB-1)."""
    if has_group(turn) and not is_shadowed(turn, row):
        posts.add(turn.work, row.person_id, row.id, kind=kind, text=text, **more)
        pump(turn, row)


def pump(turn: Turn, row: Ticket) -> None:
    """Let what waits for the topic go out, in the person's queue."""
    if has_group(turn):
        wake(turn, row, "support.pump", f"support:pump:{row.person_id}", turn.now)


def _first_priority(turn: Turn, category: str) -> str:
    """Return where a category begins: urgent near a deadline, else lifted one step by a plan that says so (SP-4)."""
    if category == "appeal_letter" and is_pressing(turn.work, turn.person.id):
        return "urgent"
    priority = priority_of(category)
    return lifted(priority) if turn.registry.rights.decide(turn, "support.priority").value is True else priority


def happened(
    turn: Turn, person_id: int, ticket_id: int, what: str, *, actor: str | None = None, priority: str | None = None,
    key: str | None = None,
) -> bool:  # fmt: skip
    """Add to a ticket's history; False for what happens once and happened."""
    actor = actor or f"person:{person_id}"
    return history.note(turn.work, person_id, ticket_id, what, actor=actor, priority=priority, key=key)


def act(turn: Turn, row: Ticket, did: Did, *, actor: str, **values: Any) -> Ticket:
    """Move a ticket and set its clocks; raise Refusal for an illegal move or a ticket that changed meanwhile."""
    before, clocks = State(row.state), clocks_of(turn, row.id)
    after = move(before, did)
    if after is State.RESOLVED:
        values |= {"resolved_at": turn.now, "rating": None}
    if after is State.CLOSED:
        values |= {"closed_at": turn.now}
    if before is State.RESOLVED and after is State.OPEN:
        values |= {"resolved_at": None, "reopened": row.reopened + 1}
    if did in (Did.REPLIED, Did.KEPT) and row.first_response_at is None:
        values |= {"first_response_at": turn.now}
    if not tickets.change(turn.work, row.id, row.version, state=after.value, **values):
        raise Refusal("support.changed", code=tickets.code(row.number))
    for what in happenings(before, did, after):
        happened(turn, row.person_id, row.id, what, actor=actor)
    if did in (Did.RESTED, Did.MERGED):
        happened(turn, row.person_id, row.id, "closed", actor=actor)
    recount(turn, row.id)
    ended.note(turn.work, row, clocks, did=did, after=after, by=values.get("assignee") or row.assignee)
    if did is not Did.WROTE:
        told_outside(turn, row, "resolved" if after is State.RESOLVED else "updated", state=after.value)
    pump(turn, row)
    if after not in LIVE and row.assignee is not None:
        sweep(turn)
    return ticket_of(turn, row.id)


def sweep(turn: Turn) -> None:
    """Try again for all that nobody has: something changed (AS-1)."""
    for row in desk.unassigned(turn.work):
        wake(turn, row, "support.assign", f"support:assign:{row.id}", turn.now)


def person_writes(turn: Turn, row: Ticket, text: str, files: Sequence[int] = ()) -> Ticket:
    """Add a person's message; their first words say what the ticket is about."""
    address = turn.address
    if address is None:
        raise Permanent("nobody to answer")
    source = f"inbox:{turn.inbox_id}"
    made = messages.add(
        turn.work, row.person_id, row.id, author="person", operator_id=None, channel=address.channel, text=text,
        files=files, source=source,
    )  # fmt: skip
    if made is None:
        return row
    number = turn.event.payload.get("message_id")
    if isinstance(number, int) and address.channel == "telegram":
        pairs.add(turn.work, row.person_id, made, place="person", chat=address.id, number=number)
    values: dict[str, Any] = {"address_id": address.id, "channel": address.channel}
    if row.subject is None and text:
        values |= _about(turn, row, text)
    if presses(text):
        values["tags"] = "urgent words"
    try:
        act(turn, row, Did.WROTE, actor=f"person:{row.person_id}", **values)
    except Refusal as refused:
        raise Temporary("the ticket changed meanwhile") from refused
    if values.get("priority", row.priority) != row.priority:
        happened(turn, row.person_id, row.id, "priority", priority=str(values["priority"]))
        recount(turn, row.id)
    _tell_staff(turn, row, made, text)
    told_outside(turn, row, "message", message=made)
    post(turn, row, "person", text, files=files, message_id=made)
    after = ticket_of(turn, row.id)
    if after.assignee is None:
        wake(turn, after, "support.assign", f"support:assign:{row.id}", turn.now)
    else:
        wake(turn, after, "support.return", f"support:return:{row.id}:", turn.now)
    return after


def _about(turn: Turn, row: Ticket, text: str) -> dict[str, Any]:
    below = [frame.flow for frame in turn.conversation.frames if frame.flow != "support"]
    category = category_of(text, below[-1] if below else "")
    subject = turn.work.seal.seal(" ".join(text.split())[:LONGEST_SUBJECT].encode())
    return {"subject": subject, "category": category, "priority": _first_priority(turn, category)}


def clocks_of(turn: Turn, ticket_id: int) -> Clocks:
    """Return where the clocks of a ticket stand by its history."""
    opened_at = ticket_of(turn, ticket_id).opened_at
    return counting(turn.work, opened_at).after(
        Happening(row.at, row.what, row.priority or "")
        for row in history.of_ticket(turn.work, ticket_id)
        if row.what in _COUNTED
    )


def is_enforced(turn: Turn, opened_at: datetime) -> bool:
    """Tell whether a ticket of that moment may breach: older ones never do (SLA-5)."""
    since = enforced_from(turn.work)
    return since is None or opened_at >= since


def recount(turn: Turn, ticket_id: int, *, told_to: datetime | None = None) -> None:
    """Compute the clocks anew, store when they run out, and wake when staff are next to be told (SLA-2).

    What fell due up to `told_to` was told; without it, what a change uses up at this moment is due now.
    """
    row, clocks = ticket_of(turn, ticket_id), clocks_of(turn, ticket_id)
    is_newest = tickets.keep_due(
        turn.work,
        ticket_id,
        row.version,
        first=clocks.first.due if clocks.first else None,
        following=clocks.next.due if clocks.next else None,
        resolution=clocks.resolution,
    )
    if not is_newest:  # whoever changed it counted anew
        return
    found = counting(turn.work, row.opened_at).notices(clocks) if is_enforced(turn, row.opened_at) else []
    coming = [max(one.at, turn.now) for one in found if told_to is None or one.at > told_to]
    key = f"support:sla:{ticket_id}:"
    if coming:
        wake(turn, row, "support.sla", key, coming[0])
    else:
        timers.cancel_timers(turn.work, row.person_id, key)


def wake(turn: Turn, row: Ticket, kind: str, key: str, due: Any, **body: Any) -> None:
    """Let something of a ticket fall due in its person's queue, whoever's turn this is."""
    if kind in _STAFFS and is_shadowed(turn, row):
        return
    timers.set_timer(
        turn.work, kind=kind, key=key, due=due, person_id=row.person_id, body=orjson.dumps({"ticket": row.id, **body})
    )
