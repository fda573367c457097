"""`/messages ...`: the log of what was sent, with the same words as the audit (AU-2); never what was said in it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.audit.question import moment_of, page_of, parts_of
from storage.message_log import PAGE, Sent, page
from storage.schema import moment

USAGE = "/messages [who person:N] [channel sms] [kind notice] [state sent] [since 7d] [until ...] [page N]"
_FILTERS = ("who", "channel", "kind", "state", "since", "until")


def register(registry: Registry) -> None:
    """Register the command."""
    registry.staff_command(StaffCommand("messages", Risk.PERSONAL, "audit.view", USAGE, messages, "message"))


def messages(turn: Turn, argument: str, member: Member) -> str:
    """Return a page of messages, the newest first."""
    parts = parts_of(argument, filters=_FILTERS)
    number = page_of(parts)
    times = {
        name: moment_of(parts.pop(name), turn.now, ends=name == "until") for name in ("since", "until") if name in parts
    }
    who = parts.pop("who", "")
    person = who.removeprefix("person:")
    if who and not (person.isdigit() and len(person) < 19):
        raise Refusal("audit.bad_person")
    turn.audit("messages.view", who or None, actor=member.name, asked=argument.strip())
    rows = page(turn.work, Sent(int(person) if who else None, **parts, **times).bounded(turn.now), number)  # type: ignore[arg-type]
    lines = [_line(row) for row in rows[:PAGE]]
    if len(rows) > PAGE:
        lines.append(f"More: page {number + 1}")
    return "\n".join(lines) or "Nothing found."


def _line(row: sa.Row[Any]) -> str:
    said = " ".join(filter(None, (row.vendor_state, row.error)))
    told = f"{moment(row.at):%b %d %H:%M} {row.channel} {row.purpose} {row.state} {row.vendor_id or '-'} {said}"
    return f"{told.rstrip()} person:{row.person_id}"
