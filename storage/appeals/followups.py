"""Follow-ups: what was asked or reminded, how often, and what came of it. Each number of a kind happens once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

followup = sa.Table(
    "appeal_followup",
    metadata,
    sa.Column("case_id", sa.ForeignKey("appeal_case.id"), primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("due", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("answer", sa.Text),
    one_of("state", "sent", "answered"),
)


def happens(work: Work, case_id: int, kind: str, n: int, due: datetime) -> bool:
    """Note that a follow-up is sent now; False when this number was sent before."""
    made = work.claim(
        upsert(followup)
        .values(case_id=case_id, kind=kind, n=n, due=due, state="sent")
        .on_conflict_do_nothing()
        .returning(followup.c.n)
    )
    return made.first() is not None


def answered(work: Work, case_id: int, kind: str, answer: str) -> None:
    """Note the answer to every follow-up of a kind that is still without one."""
    work.claim(
        followup.update()
        .where(followup.c.case_id == case_id, followup.c.kind == kind, followup.c.state == "sent")
        .values(state="answered", answer=answer)
    )


def of_case(work: Work, case_id: int, kind: str | None = None) -> list[sa.Row[Any]]:
    """Return a case's follow-ups in order."""
    query = sa.select(followup).where(followup.c.case_id == case_id).order_by(followup.c.kind, followup.c.n)
    return work.rows(query if kind is None else query.where(followup.c.kind == kind))
