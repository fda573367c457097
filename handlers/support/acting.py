"""What staff do to a ticket, in plain words for staff; every act is audited in its own commit.

Who acts comes from the gate, never from the words (rule SP-1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.sms import normalise, size
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers.support import assigning
from handlers.support.naming import OPEN, asked, audit, colleague, oneself, worded
from handlers.support.states import Did
from handlers.support.targets import PRIORITIES, rises
from handlers.support.telling import REMIND
from handlers.support.tickets import (
    Ticket,
    act,
    clocks_of,
    happened,
    post,
    pump,
    recount,
    ticket_of,
    told_outside,
    wake,
)
from storage import addresses
from storage.support import history, messages, notes, tickets

LONGEST_REPLY = 1200


# -- who has it --------------------------------------------------------------------------------------------------------


def allowed(turn: Turn, command: str) -> None:
    """Raise Refusal for whoever may not run a command of the catalogue now, by a door that is no typed command."""
    refused = turn.registry.bar(turn, command) if turn.registry.bar is not None else "admin.not_yours"
    if refused is not None:
        raise Refusal("support.log_in" if refused == "admin.login_first" else refused)


def denied(turn: Turn, command: str, actor: str, why: str) -> None:
    """Note a try that support itself refuses, as the gate notes its own: a draft that is somebody else's."""
    turn.audit("staff.denied", f"command:{command}", actor=actor, outcome="denied", why=why)


def take(turn: Turn, argument: str, member: Member) -> str:
    """Give a ticket to whoever asks."""
    row, _ = asked(turn, argument)
    return _give(turn, row, oneself(turn, member), member)


def assign(turn: Turn, argument: str, member: Member) -> str:
    """Give a ticket to a colleague."""
    row, name = asked(turn, argument)
    operator = colleague(turn, name)
    said = _give(turn, row, operator, member)
    if operator.id != member.operator_id:
        assigning.tell_assignee(turn, ticket_of(turn, row.id), operator)
    return said


def _give(turn: Turn, row: Ticket, operator: sa.Row[Any], member: Member) -> str:
    act(turn, row, Did.ASSIGNED, actor=member.name, assignee=operator.id)
    _noted_assignment(turn, row, operator.id, member)
    assigning.watch(turn, ticket_of(turn, row.id))
    audit(turn, "assign", row, member, to=operator.name)
    return f"{tickets.code(row.number)} is with {operator.name}."


def _noted_assignment(turn: Turn, row: Ticket, operator_id: int, member: Member) -> None:
    reason = "reassign" if history.assignments(turn.work, row.id) else "initial"
    history.assigned(turn.work, row.person_id, row.id, operator_id, actor=member.name, reason=reason)


# -- words -------------------------------------------------------------------------------------------------------------


def reply(turn: Turn, argument: str, member: Member) -> str:
    """Send words to the person; `--open` in front keeps the ticket open instead of waiting for them."""
    row, words = worded(turn, argument)
    answer(turn, row, words, member)
    return f"{tickets.code(row.number)}: on its way by {row.channel}{cost(row, words)}."


def cost(row: Ticket, words: str) -> str:
    """Return what words cost on their way: segments by SMS (TB-5)."""
    if row.channel != "sms":
        return ""
    count = size(normalise(words.removeprefix(OPEN).strip())).segments
    return f", {count} segment{'s' if count > 1 else ''} and our heading"


def answer(
    turn: Turn, row: Ticket, words: str, member: Member, *, files: Sequence[int] = (), shown: bool = False
) -> int | None:
    """Let a public message of staff go to its person and return its id; `shown` when the topic has it already."""
    stays, words = words.startswith(OPEN), words.removeprefix(OPEN).strip()
    if len(words) > LONGEST_REPLY:
        raise Refusal("support.too_long", most=LONGEST_REPLY)
    reachable(turn, row)
    owner = {"assignee": member.operator_id} if row.assignee is None and member.operator_id is not None else {}
    act(turn, row, Did.KEPT if stays else Did.REPLIED, actor=member.name, **owner)
    if owner:
        _noted_assignment(turn, row, int(member.operator_id or 0), member)
    made = messages.add(
        turn.work, row.person_id, row.id, author="staff", operator_id=member.operator_id, channel=row.channel,
        text=words, files=files, source=f"reply:{turn.inbox_id}",
    )  # fmt: skip
    if made is not None:
        wake(turn, row, "support.deliver", f"support:deliver:{made}", turn.now, message=made)
        told_outside(turn, row, "message", message=made)
        if not shown:
            name = member.name.removeprefix("operator:")
            post(turn, row, "staff", f"{name}: {words}", files=files, message_id=made)
    audit(turn, "reply", row, member, message=made)
    return made


def reachable(turn: Turn, row: Ticket) -> None:
    """Refuse words to an address that gets none: opted out, blocked, deleted (TB-5)."""
    known = next((one for one in addresses.of_person(turn.work, row.person_id) if one.id == row.address_id), None)
    if known is None or known.state != "active":
        raise Refusal("support.unreachable", code=tickets.code(row.number))


def note(turn: Turn, argument: str, member: Member) -> str:
    """Keep an internal note: it moves no clock and reaches nobody but staff."""
    row, words = worded(turn, argument)
    remark(turn, row, words, member)
    post(turn, row, "note", f"NOTE {member.name.removeprefix('operator:')}: {words}")
    return f"Noted on {tickets.code(row.number)}, for staff only."


def remark(turn: Turn, row: Ticket, words: str, member: Member) -> None:
    """Keep words for staff alone."""
    notes.add(turn.work, row.person_id, row.id, actor=member.name, remark=words)
    happened(turn, row.person_id, row.id, "noted", actor=member.name)
    audit(turn, "note", row, member)


# -- where it stands ---------------------------------------------------------------------------------------------------


def prio(turn: Turn, argument: str, member: Member) -> str:
    """Change the priority; its clocks move by rule SLA-3."""
    row, name = asked(turn, argument)
    name = name.lower()
    if name not in PRIORITIES:
        raise Refusal("support.no_priority", names=", ".join(PRIORITIES))
    code = tickets.code(row.number)
    if row.state == "closed":
        raise Refusal("support.refused_move", state="closed")
    if name == row.priority:
        return f"{code} is {name} already."
    if not tickets.change(turn.work, row.id, row.version, priority=name):
        raise Refusal("support.changed", code=code)
    happened(turn, row.person_id, row.id, "priority", actor=member.name, priority=name)
    recount(turn, row.id)
    after = ticket_of(turn, row.id)
    assigning.watch(turn, after)
    told_outside(turn, row, "updated", priority=name)
    audit(turn, "prio", row, member, before=row.priority, after=name)
    pump(turn, row)
    return f"{code} is {name} now, {'raised' if rises(row.priority, name) else 'lowered'} from {row.priority}."


def wait(turn: Turn, argument: str, member: Member) -> str:
    """Say that the person has the next word: the resolution clock rests, reminders and the end come by themselves."""
    row, _ = asked(turn, argument)
    after = act(turn, row, Did.WAITS, actor=member.name)
    wake(turn, after, "support.quiet", f"support:quiet:{row.id}:", turn.now + REMIND)
    audit(turn, "wait", row, member)
    return f"{tickets.code(row.number)} waits for its person."


def resolve(turn: Turn, argument: str, member: Member) -> str:
    """Resolve a ticket; its person is told and asked how it went, and it closes in a week."""
    row, _ = asked(turn, argument)
    after = act(turn, row, Did.RESOLVED, actor=member.name)
    wake(turn, after, "support.over", f"support:over:{row.id}:", turn.now)
    audit(turn, "resolve", row, member, before=row.state)
    return f"{tickets.code(row.number)} is resolved; it closes in a week unless they write again."


def reopen(turn: Turn, argument: str, member: Member) -> str:
    """Open a resolved ticket again; its resolution clock goes on with what was left (SLA-4)."""
    row, _ = asked(turn, argument)
    after = act(turn, row, Did.REOPENED, actor=member.name)
    assigning.watch(turn, after)
    audit(turn, "reopen", row, member)
    return f"{tickets.code(row.number)} is open again."


def merge(turn: Turn, argument: str, member: Member) -> str:
    """Close a ticket in favour of another one of the same person, which gets its words."""
    row, other = asked(turn, argument)
    into, _ = asked(turn, other)
    code, main = tickets.code(row.number), tickets.code(into.number)
    if into.id == row.id or into.person_id != row.person_id:
        raise Refusal("support.no_merge", code=code, into=main)
    if into.state == "closed":
        raise Refusal("support.refused_move", state="closed")
    clocks = clocks_of(turn, row.id)
    act(turn, row, Did.MERGED, actor=member.name, merged_into=into.id)
    tickets.move_words(turn.work, row.id, into.id)
    happened(turn, into.person_id, into.id, "merged", actor=member.name)
    if clocks.first is not None or clocks.next is not None:
        _owed(turn, into, member)
    notes.add(turn.work, into.person_id, into.id, actor=member.name, remark=f"{code} was merged into this ticket")
    audit(turn, "merge", row, member, into=main)
    return f"{code} is closed; its words stand in {main} now."


def _owed(turn: Turn, into: Ticket, member: Member) -> None:
    """Let words that nobody answered be owed an answer where they stand now, as if they were written there."""
    after = act(turn, into, Did.WROTE, actor=member.name)
    if after.assignee is None:
        wake(turn, after, "support.assign", f"support:assign:{after.id}", turn.now)
    assigning.watch(turn, after)
