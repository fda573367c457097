"""What the words behind a command of staff name: a ticket, its further words, a colleague."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers.support.tickets import Ticket
from storage import operators
from storage.support import tickets

OPEN = "--open"
_CODE = re.compile(r"\s*(?:t-?)?(\d{4,9})(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)


def asked(turn: Turn, argument: str) -> tuple[Ticket, str]:
    """Return the ticket that a command names, and its further words; raise Refusal for none."""
    match = _CODE.fullmatch(argument)
    row = tickets.of_number(turn.work, int(match[1])) if match else None
    if match is None or row is None:
        raise Refusal("support.no_ticket")
    return row, (match[2] or "").strip()


def worded(turn: Turn, argument: str) -> tuple[Ticket, str]:
    """Return the ticket and the words for it; raise Refusal without words."""
    row, words = asked(turn, argument)
    if not words.removeprefix(OPEN).strip():
        raise Refusal("support.no_words")
    return row, words


def colleague(turn: Turn, name: str) -> sa.Row[Any]:
    """Return somebody of the staff who may take tickets; raise Refusal for nobody."""
    row = operators.by_name(turn.work, name.strip().lower())
    if row is None or row.state == "disabled":
        raise Refusal("support.no_operator", name=name or "?")
    return row


def oneself(turn: Turn, member: Member) -> sa.Row[Any]:
    """Return who acts; somebody at the host's terminal is no operator and takes no tickets."""
    return colleague(turn, member.name.removeprefix("operator:"))


def audit(turn: Turn, what: str, row: Ticket, member: Member, **details: object) -> None:
    """Note who did what to a ticket."""
    turn.audit(f"ticket.{what}", f"ticket:{row.number}", actor=member.name, **details)
