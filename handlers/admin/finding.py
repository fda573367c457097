"""/find: one place to search (section 13): by number, and by words among what is newest.

> /find broken meter
< T-1042 person 188017, message: ...the broken meter on Mission...
> /find R-2026-000007
< person 188017 (sms +1********88 active)

A number is whole: a telephone number, a Telegram id, a case, a ticket, a quote, a receipt, an order, a
person. Words are compared as whole words, without case and accents; all of them must be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.fold import fold, words
from bot.engine.registry import Registry
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.admin import users
from storage import finding
from storage.appeals import payments
from storage.billing import documents, orders
from storage.finding import Written
from storage.quotes.quotes import quote

USAGE = "/find NUMBER or WORDS"
SEARCHED = 300
"""So many of the newest texts of each kind are opened."""
SHOWN, AROUND, LEAST = 20, 30, 3
_WORD = re.compile(r"\w+")
_QUOTE = re.compile(r"Q-(\d{4,9})", re.IGNORECASE)


def register(registry: Registry) -> None:
    """Register the command."""
    registry.staff_command(StaffCommand("find", Risk.PERSONAL, "person.find", USAGE, find, "person"))


def find(turn: Turn, argument: str, member: Member) -> str:
    """Find persons by any whole number of theirs, or else texts by their words."""
    wanted = " ".join(argument.split())
    if len(wanted) < LEAST:
        raise Refusal("admin.usage", usage=USAGE)
    persons = sorted({one for one in _by_number(turn, wanted) if users.exists(turn, one)})
    lines = [users.line(turn, one) for one in persons] or [_line(one, wanted) for one in _by_words(turn, wanted)]
    turn.audit("find", None, actor=member.name, found=len(lines))
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    nothing = f"Nothing of that number, and not among the newest {SEARCHED} texts."
    return "\n".join([*lines[:SHOWN], *more]) or nothing


def _by_number(turn: Turn, wanted: str) -> Iterator[int]:
    """Yield the persons whom a number names."""
    yield from users.candidates(turn, wanted)
    work, match = turn.work, _QUOTE.fullmatch(wanted)
    if match is not None:
        rows = turn.rows(sa.select(quote.c.person_id).where(quote.c.number == int(match[1])))
        yield from (int(row.person_id) for row in rows if row.person_id is not None)
    own = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 20 else 0
    found = (
        payments.by_receipt(work, wanted.upper()),
        documents.by_number(work, wanted),
        payments.load(work, own) if own else None,
        orders.load(work, own) if own else None,
    )
    yield from (int(row.person_id) for row in found if row is not None and row.person_id is not None)


# -- by words ----------------------------------------------------------------------------------------------------------


def _by_words(turn: Turn, wanted: str) -> list[Written]:
    all_of = set(words(fold(wanted)))
    return [one for one in finding.newest(turn.work, SEARCHED) if all_of and all_of <= set(words(fold(one.text)))]


def _line(one: Written, wanted: str) -> str:
    where = f"T-{one.ticket} person {one.person_id}" if one.ticket else f"person {one.person_id}"
    return f"{where}, {one.kind}: {_around(one.text, wanted)}"


def _around(text: str, wanted: str) -> str:
    """Return what stands around the first of the words."""
    plain = " ".join(text.split())
    first = words(fold(wanted))[0]
    place = next((match.start() for match in _WORD.finditer(plain) if fold(match[0]) == first), 0)
    start, end = max(place - AROUND, 0), place + AROUND
    return f"{'...' if start else ''}{plain[start:end]}{'...' if end < len(plain) else ''}"
