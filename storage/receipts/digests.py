"""The digest that a person asked for, and how many of them in a row nobody answered (rule SUM-7)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.receipts.columns import note, owner
from storage.receipts.preferences import DIGESTS
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

digest = sa.Table(
    "receipt_digest",
    metadata,
    owner(primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("unanswered", sa.Integer, nullable=False),
    sa.Column("asked", sa.Boolean, nullable=False),
    sa.Column("sent_at", Moment),
    one_of("kind", *DIGESTS),
)


def put(work: Work, person_id: int, kind: str) -> None:
    """Store which digest a person wants, in place of the earlier one; the count of silence begins anew."""
    values = {"kind": kind, "unanswered": 0, "asked": False, "sent_at": None}
    work.claim(
        upsert(digest)
        .values(person_id=person_id, **values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )
    note(work, person_id, "digest.put", f"person:{person_id}", kind=kind)


def load(work: Work, person_id: int) -> sa.Row[Any] | None:
    """Return the digest that a person wants, None for none."""
    return work.row(sa.select(digest).where(digest.c.person_id == person_id))


def sent(work: Work, person_id: int, *, unanswered: int, asked: bool) -> None:
    """Note that one was sent, or that the person was asked whether they still want them."""
    work.claim(
        digest.update()
        .where(digest.c.person_id == person_id)
        .values(sent_at=work.now, unanswered=unanswered, asked=asked)
    )


def end(work: Work, person_id: int) -> bool:
    """Stop the digest; tell whether there was one."""
    done = work.claim(digest.delete().where(digest.c.person_id == person_id))
    if done.rowcount == 1:
        note(work, person_id, "digest.end", f"person:{person_id}")
    return done.rowcount == 1
