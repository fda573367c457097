"""Versions of a letter: what was approved, with snapshots of everything it was made from (rules ST-5, REG-5).

An approved version is never changed; an edit voids it and makes the next one. A letter is always printed from the
version that its payment names, never from the newest.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata
from storage.work import Work

draft = sa.Table(
    "appeal_draft",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.ForeignKey("appeal_case.id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("facts", sa.LargeBinary, nullable=False),
    sa.Column("document", sa.LargeBinary),
    sa.Column("recipient", sa.LargeBinary),
    sa.Column("sender", sa.LargeBinary),
    sa.Column("record_version", sa.Text),
    sa.Column("mailing_version", sa.Text),
    sa.Column("mail_class", sa.Text),
    sa.Column("pdf", sa.BigInteger),
    sa.Column("pdf_sha256", sa.Text),
    sa.Column("pages", sa.Integer),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("approved_at", Moment),
    sa.Column("approved_by", sa.BigInteger),
    sa.Column("void_at", Moment),
    sa.UniqueConstraint("case_id", "version"),
)


def add(work: Work, case_id: int, **values: Any) -> int:
    """Insert the next version of a case's draft and return its id."""
    following = sa.select(sa.func.coalesce(sa.func.max(draft.c.version), 0) + 1).where(draft.c.case_id == case_id)
    draft_id = work.ids.next()
    work.claim(
        draft.insert().values(
            id=draft_id, case_id=case_id, version=following.scalar_subquery(), created_at=work.now, **values
        )
    )
    return draft_id


def approve(work: Work, draft_id: int, **values: Any) -> bool:
    """Freeze a version that was not approved yet; tell whether it happened."""
    frozen = work.claim(
        draft.update()
        .where(draft.c.id == draft_id, draft.c.approved_at.is_(None), draft.c.void_at.is_(None))
        .values(values)
    )
    return frozen.rowcount == 1


def load(work: Work, draft_id: int) -> sa.Row[Any] | None:
    """Return a version."""
    return work.row(sa.select(draft).where(draft.c.id == draft_id))


def newest(work: Work, case_id: int) -> sa.Row[Any] | None:
    """Return the newest version of a case that is not void."""
    return work.row(
        sa.select(draft)
        .where(draft.c.case_id == case_id, draft.c.void_at.is_(None))
        .order_by(draft.c.version.desc())
        .limit(1)
    )


def void(work: Work, case_id: int) -> None:
    """Void the approved versions of a case; they stay as they are, and nothing new may be sold on them."""
    work.claim(
        draft.update()
        .where(draft.c.case_id == case_id, draft.c.approved_at.is_not(None), draft.c.void_at.is_(None))
        .values(void_at=work.now)
    )
