"""What is done to a ticket, by whomever: its state, its history and its clocks move together in one commit.

A person's own acts run in their queue. Staff act in theirs, on the version of the ticket that they read; what the
person is told of it goes through a timer of the person's (see `telling`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.errors import Permanent, Refusal, Temporary
from bot.engine.turn import Turn
from handlers.support.calendar import desk
from handlers.support.clocks import Clocks, Counting, Happening
from handlers.support.states import Did, State, happenings, move
from handlers.support.targets import lifted, targets
from handlers.support.words import category_of, presses, priority_of
from storage import timers
from storage.support import history, messages, tickets

Ticket = sa.Row[Any]
LONGEST_SUBJECT = 80
_COUNTED = frozenset(("opened", "person", "staff", "waits", "goes_on", "resolved", "reopened", "priority"))


@cache
def counting() -> Counting:
    """Return by what this installation counts."""
    return Counting(desk(), targets())


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
    turn.alert("ticket_opened", key=f"ticket:{row.number}", ticket=tickets.code(row.number), person=turn.person.id)
    return row


def _first_priority(turn: Turn, category: str) -> str:
    """Return where a category begins; a plan that says so lifts it one step (SP-4)."""
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
    before = State(row.state)
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
    return ticket_of(turn, row.id)


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
    turn.alert("ticket_message", key=f"ticket:{row.number}:{made}", ticket=tickets.code(row.number))
    return ticket_of(turn, row.id)


def _about(turn: Turn, row: Ticket, text: str) -> dict[str, Any]:
    below = [frame.flow for frame in turn.conversation.frames if frame.flow != "support"]
    category = category_of(text, below[-1] if below else "")
    subject = turn.work.seal.seal(" ".join(text.split())[:LONGEST_SUBJECT].encode())
    return {"subject": subject, "category": category, "priority": _first_priority(turn, category)}


def clocks_of(turn: Turn, ticket_id: int) -> Clocks:
    """Return where the clocks of a ticket stand by its history."""
    return counting().after(
        Happening(row.at, row.what, row.priority or "")
        for row in history.of_ticket(turn.work, ticket_id)
        if row.what in _COUNTED
    )


def recount(turn: Turn, ticket_id: int) -> None:
    """Compute the clocks anew, store when they run out, and wake when staff are next to be told (SLA-2)."""
    row, clocks = ticket_of(turn, ticket_id), clocks_of(turn, ticket_id)
    tickets.keep_due(
        turn.work,
        ticket_id,
        first=clocks.first.due if clocks.first else None,
        following=clocks.next.due if clocks.next else None,
        resolution=clocks.resolution,
    )
    coming = [one.at for one in counting().notices(clocks) if one.at > turn.now]
    key = f"support:sla:{ticket_id}:"
    if coming:
        wake(turn, row, "support.sla", key, coming[0])
    else:
        timers.cancel_timers(turn.work, row.person_id, key)


def wake(turn: Turn, row: Ticket, kind: str, key: str, due: Any, **body: Any) -> None:
    """Let something of a ticket fall due in its person's queue, whoever's turn this is."""
    timers.set_timer(
        turn.work, kind=kind, key=key, due=due, person_id=row.person_id, body=orjson.dumps({"ticket": row.id, **body})
    )
