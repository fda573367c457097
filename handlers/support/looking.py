"""The queue, and one ticket as staff see it: the only place beside the topic where internal notes are shown (SP-1)."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers.support.naming import asked, audit, oneself
from handlers.support.telling import told_time
from handlers.support.tickets import Ticket
from storage import operators
from storage.support import history, messages, notes, tickets

LISTED, SHOWN, LONGEST_ANSWER = 20, 12, 3_500
_URGENCY = {"urgent": 0, "high": 1, "medium": 2, "low": 3}
_NEVER = datetime.max.replace(tzinfo=UTC)


def queue(turn: Turn, argument: str, member: Member) -> str:
    """List tickets that are not over: the most urgent first, then whose clock runs out first; `mine` are one's own."""
    turn.audit("ticket.list", actor=member.name)
    rows = tickets.waiting(turn.work)
    if argument.strip().lower() == "mine":
        me = oneself(turn, member)
        rows = [row for row in rows if row.assignee == me.id]
    rows.sort(key=lambda row: (_URGENCY[row.priority], due_of(row) or _NEVER))
    names = {row.id: row.name for row in operators.everyone(turn.work)}
    lines = [line_of(turn, row, names) for row in rows[:LISTED]]
    more = [f"and {len(rows) - LISTED} more"] if len(rows) > LISTED else []
    return "\n".join([*lines, *more]) or "No tickets."


def due_of(row: Ticket) -> datetime | None:
    """Return when the next clock of a ticket runs out."""
    return min((one for one in (row.first_due, row.next_due, row.resolution_due) if one is not None), default=None)


def line_of(turn: Turn, row: Ticket, names: dict[int, str]) -> str:
    """Return a ticket in one line."""
    due = due_of(row)
    late = " LATE" if due is not None and due < turn.now else ""
    when = f", due {told_time(turn, due)}{late}" if due is not None else ""
    level = f", level {row.level}" if row.level else ""
    who = names.get(row.assignee, "nobody")
    subject = tickets.subject_of(turn.work, row) or "(no words yet)"
    return f"{tickets.code(row.number)} {row.priority} {row.state} {who}{when}{level}: {subject}"


def show(turn: Turn, argument: str, member: Member) -> str:
    """Show a ticket with its conversation, its notes and who had it; its newest pictures come with the reply."""
    row, _ = asked(turn, argument)
    audit(turn, "view", row, member)
    names = {one.id: one.name for one in operators.everyone(turn.work)}
    said = messages.of_ticket(turn.work, row.id, SHOWN)
    for one in said:
        for number, blob in enumerate(one.files, 1):
            turn.show(blob, f"{tickets.code(row.number)}-{one.id}-{number}")
    talk = [(one.at, f"{one.author}{_fate(one)}: {one.text}{_pictures(one)}") for one in said]
    talk += [(one.at, f"NOTE {one.actor}: {one.remark}") for one in notes.of_ticket(turn.work, row.id, SHOWN)]
    given = [
        f"{told_time(turn, one.at)} {one.reason}: {names.get(one.operator_id, 'queue')}"
        for one in history.assignments(turn.work, row.id)[-3:]
    ]
    lines = [f"{told_time(turn, moment)} {line}" for moment, line in sorted(talk, key=lambda one: one[0])]
    return "\n".join(["\n".join([*_head(turn, row, names), *given]), "\n".join(lines)[-LONGEST_ANSWER:]])


def _head(turn: Turn, row: Ticket, names: dict[int, str]) -> list[str]:
    feedback, linked = tickets.feedback_of(turn.work, row), row.merged_into or row.parent_id
    other = tickets.load(turn.work, linked) if linked else None
    about = "merged into" if row.merged_into else "goes on from"
    return [
        line_of(turn, row, names),
        f"{row.category}, by {row.channel}, person {row.person_id}, opened {told_time(turn, row.opened_at)}",
        *([f"{about} {tickets.code(other.number)}"] if other is not None else []),
        *([f"tags: {row.tags}"] if row.tags else []),
        *([f"rating: {row.rating}{f', {feedback}' if feedback else ''}"] if row.rating else []),
    ]


def _fate(one: messages.PublicMessage) -> str:
    return {"waiting": " (not sent yet)", "refused": " (NOT DELIVERED)"}.get(one.state, "")


def _pictures(one: messages.PublicMessage) -> str:
    return f" [{len(one.files)} pictures]" if one.files else ""
