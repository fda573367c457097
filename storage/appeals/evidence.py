"""Pieces of evidence: which file, what the person says it shows, and whether it goes into the letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of
from storage.work import Work

MOST_INCLUDED = 10

evidence = sa.Table(
    "appeal_evidence",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.ForeignKey("appeal_case.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("checklist_item", sa.Text),
    sa.Column("blob", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("words", sa.LargeBinary, nullable=False),
    sa.Column("letter", sa.Text, nullable=False),
    sa.Column("included", sa.Boolean, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("case_id", "sha256"),
    one_of("status", "kept", "deleted"),
)


def replace(work: Work, case_id: int, items: Sequence[Mapping[str, Any]]) -> None:
    """Make these the pieces of a case; raise ValueError when more than ten are included."""
    if sum(bool(item["included"]) for item in items) > MOST_INCLUDED:
        raise ValueError(f"a letter holds at most {MOST_INCLUDED} exhibits")
    work.claim(evidence.delete().where(evidence.c.case_id == case_id))
    unique = {item["sha256"]: item for item in items}
    for item in unique.values():
        work.claim(evidence.insert().values(id=work.ids.next(), case_id=case_id, status="kept", at=work.now, **item))


def of_case(work: Work, case_id: int) -> list[sa.Row[Any]]:
    """Return a case's pieces in the order they were given."""
    return work.rows(sa.select(evidence).where(evidence.c.case_id == case_id).order_by(evidence.c.id))
