"""Finding entries of the audit: by who, action, category, target, time, outcome and words; pages of twenty (AU-6).

Only what is sealed is found, so callers extend the chain first. Actor, action and target have their index, and time is
in the entry's id. Words and outcomes are looked for within a span of time, never in seven years at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.ids import Ids
from storage.audit.chain import link
from storage.audit.entries import audit
from storage.people import person
from storage.work import Work

PAGE = 20
PIECE = 500
USUAL = timedelta(days=30)
"""How far back is looked when neither an index nor a beginning narrows a question down."""
LEAST_TEXT = 3
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; all of it must hold. `action` is a beginning (`ticket.`), `text` at least three characters."""

    who: str = ""
    action: str = ""
    category: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None
    outcome: str = ""
    text: str = ""

    def bounded(self, now: datetime) -> Wanted:
        """Return the question with a beginning, where it would be answered by reading everything."""
        indexed = self.who or self.action or self.category or self.target
        open_ended = (self.text or self.outcome) and not indexed and self.since is None
        return replace(self, since=now - USUAL) if open_ended else self


def page(work: Work, wanted: Wanted, number: int = 1) -> list[sa.Row[Any]]:
    """Return one entry more than the page holds when there is another page; the newest first."""
    rows = _found(wanted).order_by(link.c.entry_id.desc())
    return work.rows(rows.limit(PAGE + 1).offset((number - 1) * PAGE))


HIDDEN = ("person.note",)
"""What staff do among themselves; a person's own list leaves it out (SP-1)."""


def about_person(work: Work, person_id: int, count: int, *, skip: int = 0) -> list[sa.Row[Any]]:
    """Return what a person did, or whom they absorbed, and what was done to them by others; the newest first.

    Each name has its index of the chain, and no more of it is read than is asked for.
    """
    mine = sa.or_(person.c.id == person_id, person.c.merged_into == person_id)
    names = [f"person:{row.id}" for row in work.rows(sa.select(person.c.id).where(mine))]
    columns = (link.c.actor, link.c.object)
    newest = [
        sa.select(link.c.entry_id).where(column == name, link.c.action.not_in(HIDDEN))
        .order_by(link.c.entry_id.desc()).limit(skip + count).subquery()
        for name in names for column in columns
    ]  # fmt: skip
    if not newest:
        return []
    ids = sa.union(*(sa.select(one.c.entry_id) for one in newest)).subquery()
    found = sa.select(audit).where(audit.c.id.in_(sa.select(ids.c.entry_id)))
    return work.rows(found.order_by(audit.c.id.desc()).limit(count).offset(skip))


def stream(work: Work, wanted: Wanted, *, piece: int = PIECE) -> Iterator[sa.Row[Any]]:
    """Yield all entries, oldest first, some at a time: however many there are, few are in memory."""
    after = 0
    while rows := work.rows(_found(wanted).where(link.c.entry_id > after).order_by(link.c.entry_id).limit(piece)):
        yield from rows
        after = rows[-1].id


def _found(wanted: Wanted) -> sa.Select[Any]:
    columns = (link.c.seq, link.c.prev_hash, link.c.hash, *audit.c)
    found = sa.select(*columns).select_from(link.join(audit, audit.c.id == link.c.entry_id))
    return found.where(*_conditions(wanted))


def _conditions(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    for entry_id in (link.c.entry_id, audit.c.id):  # both, so that a planner that merges reads neither as a whole
        if wanted.since is not None:
            yield entry_id >= Ids.floor(wanted.since)
        if wanted.until is not None:
            yield entry_id < Ids.floor(wanted.until)
    if wanted.who:
        plain = wanted.who if ":" not in wanted.who else ""
        names = (plain, f"operator:{plain}", f"person:{plain}")
        yield link.c.actor.in_(names) if plain else link.c.actor == wanted.who
    if wanted.target:
        yield link.c.object == wanted.target
    begins = wanted.action or (f"{wanted.category}." if wanted.category else "")
    if begins:
        yield sa.and_(link.c.action >= begins, link.c.action < begins + _LAST)
    if wanted.outcome:
        yield audit.c.outcome == wanted.outcome
    if wanted.text:
        everywhere = (audit.c.details, audit.c.action, audit.c.object, audit.c.actor)
        yield sa.or_(*(column.icontains(wanted.text, autoescape=True) for column in everywhere))
