"""Check-ins, nudges and reviews as rows of their own, each claimed by its period, and promises (rules NG-1 to NG-5)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.coaching.care import checkin, promise
from storage.coaching.columns import OF_PERSON, OF_PROJECT, mine
from storage.schema import word
from storage.upsert import upsert
from storage.work import Work

ASKING = ("checkin", "review")
"""Kinds that ask the person something; a nudge reminds of one of them."""


_CLAIM = (
    upsert(checkin)
    .on_conflict_do_nothing(index_elements=["person_id", "project_id", "kind", "period"])
    .returning(checkin.c.id)
)
_ALL = (
    sa.select(checkin)
    .where(checkin.c.person_id == OF_PERSON, checkin.c.project_id == OF_PROJECT)
    .order_by(checkin.c.id.desc())
)
_LAST = _ALL.where(sa.or_(*(checkin.c.kind == word(kind) for kind in ASKING))).limit(1)
_NEWEST = _LAST.where(checkin.c.state == word("sent"))


def claim(
    work: Work, person_id: int, project_id: int, *, kind: str, period: str, due: datetime, step: int = 0,
    state: str = "sent",
) -> bool:  # fmt: skip
    """Claim the one message of a kind and period as sent now, or as `missed`; False when it was before (NG-5)."""
    new_id = work.new_id()
    row = {
        "id": new_id, "person_id": person_id, "project_id": project_id, "kind": kind, "period": period, "step": step,
        "state": state, "due_at": due, "sent_at": work.now if state == "sent" else None,
    }  # fmt: skip
    return work.claim(_CLAIM, row).first() is not None


def newest(work: Work, person_id: int, project_id: int) -> sa.Row[Any] | None:
    """Return the last check-in or review that was sent."""
    return work.row(_NEWEST, mine(person_id, project_id))


def last_period(work: Work, person_id: int, project_id: int) -> str | None:
    """Return the day of the last check-in or review, also of one that was left out."""
    row = work.row(_LAST, mine(person_id, project_id))
    return None if row is None else str(row.period)


def recent(work: Work, person_id: int, project_id: int, limit: int = 50) -> list[sa.Row[Any]]:
    """Return what was sent lately, newest first."""
    return work.rows(_ALL.limit(limit), mine(person_id, project_id))


_PROMISED = sa.select(promise.c.words).where(
    promise.c.person_id == OF_PERSON, promise.c.project_id == OF_PROJECT, promise.c.state == word("open")
)


def promised(work: Work, person_id: int, project_id: int, text: str, due_on: date | None = None) -> None:
    """Keep what a person promised, in place of their earlier open promise."""
    work.claim(promise.update().where(*_open(person_id, project_id)).values(state="replaced", closed_at=work.now))
    work.claim(
        promise.insert().values(
            id=work.new_id(), person_id=person_id, project_id=project_id, words=work.seal.seal(text.encode()),
            due_on=due_on, state="open", at=work.now,
        )
    )  # fmt: skip


def open_promise(work: Work, person_id: int, project_id: int) -> str | None:
    """Return what the person promised last, None when nothing is open."""
    row = work.row(_PROMISED, mine(person_id, project_id))
    return None if row is None else work.seal.open(row.words).decode()


def close_promise(work: Work, person_id: int, project_id: int, *, state: str) -> bool:
    """Mark the open promise as kept or missed; False when there is none."""
    done = work.claim(promise.update().where(*_open(person_id, project_id)).values(state=state, closed_at=work.now))
    return done.rowcount == 1


def _open(person_id: int, project_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        promise.c.person_id == person_id, promise.c.project_id == project_id, promise.c.state == word("open"),
    )  # fmt: skip
