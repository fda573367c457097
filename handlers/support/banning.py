"""/user ban and its kin: persons from whom staff take no words (TB-7).

> /user ban T-1042 threatens the staff
< Person 188017 is banned from writing to staff, and is told so when they try. /user unban 188017 ends it.

Only the way to the staff is closed: what the person bought, their data, opt-out and the bot go on. A shadow ban looks
like no ban: the person's words are kept, and come into the queue when it is lifted.
"""

from __future__ import annotations

from functools import partial

from bot.core.errors import Refusal
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers.support import tickets as doing
from handlers.support.states import LIVE
from storage import whom
from storage.support import bans, tickets

REASON_LEAST, LONGEST, SEARCHED = 10, 500, 20


def _person(turn: Turn, said: str) -> int:
    found = whom.meant(turn.work, said)
    if found is None:
        raise Refusal("admin.no_person")
    return found


def _ban(turn: Turn, argument: str, member: Member, *, kind: str, told: str) -> str:
    said, _, reason = argument.strip().partition(" ")
    reason = " ".join(reason.split())[:LONGEST]
    if len(reason) < REASON_LEAST:
        usage = f"/user {'ban' if kind == bans.BAN else 'shadowban'} PERSON REASON"
        raise Refusal("support.ban_usage", usage=usage, least=REASON_LEAST)
    person_id = _person(turn, said)
    if person_id == member.person_id:
        raise Refusal("admin.not_oneself")
    bans.put(turn.work, person_id, kind, reason=reason, actor=member.name)
    turn.audit(f"person.{kind}", f"person:{person_id}", actor=member.name)
    return f"Person {person_id} {told} /user unban {person_id} ends it."


refuse = partial(
    _ban, kind=bans.BAN, told="is banned from writing to staff, and is told so when they try."
)  # fmt: skip
shadow = partial(
    _ban, kind=bans.SHADOW, told="is banned from writing to staff and sees no difference; their words are kept."
)  # fmt: skip


def lift(turn: Turn, argument: str, member: Member) -> str:
    """End a ban; what was kept from staff comes into their queue."""
    person_id = _person(turn, argument.strip())
    if not bans.lift(turn.work, person_id):
        raise Refusal("support.not_banned")
    turn.audit("person.unban", f"person:{person_id}", actor=member.name)
    waiting = [row for row in tickets.of_person(turn.work, person_id, SEARCHED) if row.state in LIVE]
    for row in waiting:
        doing.recount(turn, row.id)
        if row.assignee is None:
            doing.wake(turn, row, "support.assign", f"support:assign:{row.id}", turn.now)
    kept = (
        f" Tickets of theirs that go on: {', '.join(tickets.code(row.number) for row in waiting)}." if waiting else ""
    )
    return f"Person {person_id} may write to staff again.{kept}"
