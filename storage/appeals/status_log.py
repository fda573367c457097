"""What happened to a case, axis by axis: append-only, numbered, written in the commit of the change (rule ST-31)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.schema import Moment, metadata, one_of
from storage.work import Work

status_log = sa.Table(
    "appeal_status_log",
    metadata,
    sa.Column("case_id", sa.ForeignKey("appeal_case.id"), primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("axis", sa.Text, nullable=False),
    sa.Column("was", sa.Text),
    sa.Column("now", sa.Text, nullable=False),
    sa.Column("rule", sa.Text),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("cause", sa.BigInteger),
    sa.Column("reason", sa.Text),
    one_of("axis", "stage", "payment", "letter", "refund", "outcome"),
)


def note(
    work: Work,
    case_id: int,
    *,
    axis: str,
    was: str | None,
    now: str,
    actor: str,
    rule: str | None = None,
    cause: int | None = None,
    reason: str | None = None,
) -> None:
    """Append an entry; the next number is taken at once, so that several entries of a turn follow each other."""
    following = sa.select(sa.func.coalesce(sa.func.max(status_log.c.seq), 0) + 1).where(status_log.c.case_id == case_id)
    work.claim(
        status_log.insert().values(
            case_id=case_id,
            seq=following.scalar_subquery(),
            at=work.now,
            axis=axis,
            was=was,
            now=now,
            rule=rule,
            actor=actor,
            cause=cause,
            reason=reason,
        )
    )


def of_case(work: Work, case_id: int) -> list[sa.Row[Any]]:
    """Return a case's entries, oldest first."""
    return work.rows(sa.select(status_log).where(status_log.c.case_id == case_id).order_by(status_log.c.seq))
