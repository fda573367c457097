"""Whom staff mean by what is short enough to type on a phone: a person's number, a ticket of theirs, or a case.

whom.meant(work, "T-1042")   # the id of who opened that ticket
"""

from __future__ import annotations

import re

import sqlalchemy as sa

from storage.appeals.cases import case
from storage.people import person
from storage.support.tickets import ticket
from storage.work import Work

_TICKET = re.compile(r"T-(\d{4,9})", re.ASCII | re.IGNORECASE)
_CASE = re.compile(r"A-[A-Z0-9]{5}", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,19}", re.ASCII)


def meant(work: Work, typed: str) -> int | None:
    """Return the id of a person who is there; None for anything else."""
    if match := _TICKET.fullmatch(typed):
        return _first(work, sa.select(ticket.c.person_id).where(ticket.c.number == int(match[1])))
    if _CASE.fullmatch(typed):
        return _first(work, sa.select(case.c.person_id).where(case.c.code == typed.upper()))
    if _NUMBER.fullmatch(typed) and int(typed) < 2**63:
        return _first(work, sa.select(person.c.id).where(person.c.id == int(typed)))
    return None


def _first(work: Work, query: sa.Select[tuple[int]]) -> int | None:
    row = work.row(query.limit(1))
    return None if row is None or row[0] is None else int(row[0])
