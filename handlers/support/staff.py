"""What the operators' commands may do to tickets, by name, in plain words for staff; every act is audited.

Who acts comes from the gate, never from the words (rule SP-1). Internal notes are shown here and nowhere else.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.sms import normalise, size
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.support.states import Did
from handlers.support.talk import told_time
from handlers.support.tickets import Ticket, act, happened, wake
from storage import addresses, operators
from storage.support import history, messages, notes, tickets

LISTED, SHOWN, LONGEST_REPLY, LONGEST_ANSWER = 20, 12, 1200, 3_500
OPEN = "--open"
_URGENCY = {"urgent": 0, "high": 1, "medium": 2, "low": 3}
_CODE = re.compile(r"\s*(?:t-?)?(\d{4,9})(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)


def register(registry: Registry) -> None:
    """Register all of them."""
    for name, operation in {
        "tickets": queue, "ticket": show, "take": take, "reply": reply, "note": note, "close": close, "assign": assign,
    }.items():  # fmt: skip
        registry.operation(f"support.{name}")(operation)


def _asked(turn: Turn, argument: str) -> tuple[Ticket, str]:
    """Return the ticket that a command names, and its further words; raise Refusal for none."""
    match = _CODE.fullmatch(argument)
    row = tickets.of_number(turn.work, int(match[1])) if match else None
    if match is None or row is None:
        raise Refusal("support.no_ticket")
    return row, (match[2] or "").strip()


def _worded(turn: Turn, argument: str) -> tuple[Ticket, str]:
    row, words = _asked(turn, argument)
    if not words.removeprefix(OPEN).strip():
        raise Refusal("support.no_words")
    return row, words


def _operator(turn: Turn, name: str) -> sa.Row[Any]:
    row = operators.by_name(turn.work, name)
    if row is None or row.state == "disabled":
        raise Refusal("support.no_operator", name=name or "?")
    return row


def _audit(turn: Turn, what: str, row: Ticket, actor: str, **details: object) -> None:
    turn.audit(f"ticket.{what}", f"ticket:{row.number}", actor=actor, **details)


# -- looking -----------------------------------------------------------------------------------------------------------


def queue(turn: Turn, argument: str, actor: str) -> str:
    """List tickets that are not over: the most urgent first, then whose clock runs out first; `mine` are one's own."""
    turn.audit("ticket.list", actor=actor)
    rows = tickets.waiting(turn.work)
    if argument.strip().lower() == "mine":
        me = _operator(turn, actor.removeprefix("operator:"))
        rows = [row for row in rows if row.assignee == me.id]
    rows.sort(key=lambda row: (_URGENCY[row.priority], _due(row) or datetime.max.replace(tzinfo=row.opened_at.tzinfo)))
    names = {row.id: row.name for row in operators.everyone(turn.work)}
    lines = [_line(turn, row, names) for row in rows[:LISTED]]
    more = [f"and {len(rows) - LISTED} more"] if len(rows) > LISTED else []
    return "\n".join([*lines, *more]) or "No tickets."


def _due(row: Ticket) -> datetime | None:
    return min((one for one in (row.first_due, row.next_due, row.resolution_due) if one is not None), default=None)


def _line(turn: Turn, row: Ticket, names: dict[int, str]) -> str:
    due = _due(row)
    late = " LATE" if due is not None and due < turn.now else ""
    when = f", due {told_time(due)}{late}" if due is not None else ""
    level = f", level {row.level}" if row.level else ""
    who = names.get(row.assignee, "nobody")
    subject = tickets.subject_of(turn.work, row) or "(no words yet)"
    return f"{tickets.code(row.number)} {row.priority} {row.state} {who}{when}{level}: {subject}"


def show(turn: Turn, argument: str, actor: str) -> str:
    """Show a ticket with its conversation, its notes and who had it; its newest pictures come with the reply."""
    row, _ = _asked(turn, argument)
    _audit(turn, "view", row, actor)
    names = {one.id: one.name for one in operators.everyone(turn.work)}
    said = messages.of_ticket(turn.work, row.id, SHOWN)
    for one in said:
        for number, blob in enumerate(one.files, 1):
            turn.show(blob, f"{tickets.code(row.number)}-{one.id}-{number}")
    head = [
        _line(turn, row, names),
        f"{row.category}, by {row.channel}, person {row.person_id}, opened {told_time(row.opened_at)}",
        *([f"tags: {row.tags}"] if row.tags else []),
        *([f"rating: {row.rating}"] if row.rating else []),
    ]
    talk = [(one.at, f"{one.author}{_fate(one)}: {one.text}{_pictures(one)}") for one in said]
    talk += [(one.at, f"NOTE {one.actor}: {one.remark}") for one in notes.of_ticket(turn.work, row.id, SHOWN)]
    given = [
        f"{told_time(one.at)} {one.reason}: {names.get(one.operator_id, 'queue')}"
        for one in history.assignments(turn.work, row.id)[-3:]
    ]
    lines = [f"{told_time(moment)} {line}" for moment, line in sorted(talk, key=lambda one: one[0])]
    return "\n".join(["\n".join([*head, *given]), "\n".join(lines)[-LONGEST_ANSWER:]])


def _fate(one: messages.PublicMessage) -> str:
    return {"waiting": " (not sent yet)", "refused": " (NOT DELIVERED)"}.get(one.state, "")


def _pictures(one: messages.PublicMessage) -> str:
    return f" [{len(one.files)} pictures]" if one.files else ""


# -- acting ------------------------------------------------------------------------------------------------------------


def take(turn: Turn, argument: str, actor: str) -> str:
    """Give a ticket to whoever asks."""
    row, _ = _asked(turn, argument)
    return _give(turn, row, _operator(turn, actor.removeprefix("operator:")), actor)


def assign(turn: Turn, argument: str, actor: str) -> str:
    """Give a ticket to a colleague."""
    row, name = _asked(turn, argument)
    return _give(turn, row, _operator(turn, name.lower()), actor)


def _give(turn: Turn, row: Ticket, operator: sa.Row[Any], actor: str) -> str:
    act(turn, row, Did.ASSIGNED, actor=actor, assignee=operator.id)
    _noted_assignment(turn, row, operator.id, actor)
    _audit(turn, "assign", row, actor, to=operator.name)
    return f"{tickets.code(row.number)} is with {operator.name}."


def _noted_assignment(turn: Turn, row: Ticket, operator_id: int, actor: str) -> None:
    reason = "reassign" if history.assignments(turn.work, row.id) else "initial"
    history.assigned(turn.work, row.person_id, row.id, operator_id, actor=actor, reason=reason)


def reply(turn: Turn, argument: str, actor: str) -> str:
    """Send words to the person; `--open` in front keeps the ticket open instead of waiting for them."""
    row, words = _worded(turn, argument)
    stays, words = words.startswith(OPEN), words.removeprefix(OPEN).strip()
    if len(words) > LONGEST_REPLY:
        raise Refusal("support.too_long", most=LONGEST_REPLY)
    _reachable(turn, row)
    operator = operators.by_name(turn.work, actor.removeprefix("operator:"))
    operator_id = int(operator.id) if operator is not None else None
    owner = {"assignee": operator_id} if row.assignee is None and operator_id is not None else {}
    act(turn, row, Did.KEPT if stays else Did.REPLIED, actor=actor, **owner)
    if owner:
        _noted_assignment(turn, row, int(operator_id or 0), actor)
    made = messages.add(
        turn.work, row.person_id, row.id, author="staff", operator_id=operator_id, channel=row.channel, text=words,
        files=(), source=f"reply:{turn.inbox_id}",
    )  # fmt: skip
    if made is not None:
        wake(turn, row, "support.deliver", f"support:deliver:{made}", turn.now, message=made)
    _audit(turn, "reply", row, actor, message=made)
    cost = f", {size(normalise(words)).segments} segments and our heading" if row.channel == "sms" else ""
    return f"{tickets.code(row.number)}: on its way by {row.channel}{cost}."


def _reachable(turn: Turn, row: Ticket) -> None:
    """Refuse words to an address that gets none: opted out, blocked, deleted (TB-5)."""
    known = next((one for one in addresses.of_person(turn.work, row.person_id) if one.id == row.address_id), None)
    if known is None or known.state != "active":
        raise Refusal("support.unreachable", code=tickets.code(row.number))


def note(turn: Turn, argument: str, actor: str) -> str:
    """Keep an internal note: it moves no clock and reaches nobody but staff."""
    row, words = _worded(turn, argument)
    notes.add(turn.work, row.person_id, row.id, actor=actor, remark=words)
    happened(turn, row.person_id, row.id, "noted", actor=actor)
    _audit(turn, "note", row, actor)
    return f"Noted on {tickets.code(row.number)}, for staff only."


def close(turn: Turn, argument: str, actor: str) -> str:
    """Resolve a ticket; its person is told and asked how it went, and it closes in a week."""
    row, _ = _asked(turn, argument)
    after = act(turn, row, Did.RESOLVED, actor=actor)
    wake(turn, after, "support.over", f"support:over:{row.id}:", turn.now)
    _audit(turn, "resolve", row, actor, before=row.state)
    return f"{tickets.code(row.number)} is resolved; it closes in a week unless they write again."
