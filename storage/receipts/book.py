"""The revision of a person's books: it grows with every change, and keys whatever is cached of them (PERF-3)."""

from __future__ import annotations

import sqlalchemy as sa

from storage.receipts.columns import owner
from storage.schema import metadata
from storage.upsert import upsert
from storage.work import Work

book = sa.Table("ledger_book", metadata, owner(primary_key=True), sa.Column("revision", sa.Integer, nullable=False))


def revision(work: Work, person_id: int) -> int:
    """Return the revision of a person's books, 0 when nothing was ever written."""
    row = work.row(sa.select(book.c.revision).where(book.c.person_id == person_id))
    return 0 if row is None else int(row.revision)


def advance(work: Work, person_id: int) -> None:
    """Count a change."""
    work.claim(
        upsert(book)
        .values(person_id=person_id, revision=1)
        .on_conflict_do_update(index_elements=["person_id"], set_={"revision": book.c.revision + 1})
    )
