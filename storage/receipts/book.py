"""The revision of a person's books: it grows with every change, and keys whatever is kept of them (PERF-3).

A revision is the microsecond of its change, or one more than the one before: what a turn saw and then lost by failing
never bears the revision of another change, and books that were erased never come back to an old one. Each month of the
ledger knows the revision of its last change, so that what was summed by month is made again for those months only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from storage.receipts.columns import owner
from storage.schema import metadata
from storage.upsert import upsert
from storage.work import Work

book = sa.Table("ledger_book", metadata, owner(primary_key=True), sa.Column("revision", sa.BigInteger, nullable=False))
month = sa.Table(
    "ledger_month",
    metadata,
    owner(primary_key=True),
    sa.Column("start", sa.Date, primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Index("ix_ledger_month_revision", "person_id", "revision", "start"),
    sqlite_with_rowid=False,
)


def revision(work: Work, person_id: int) -> int:
    """Return the revision of a person's books, 0 when nothing was ever written."""
    row = work.row(sa.select(book.c.revision).where(book.c.person_id == person_id))
    return 0 if row is None else int(row.revision)


def advance(work: Work, person_id: int, dates: Iterable[date] = ()) -> None:
    """Count a change, with the dates of the transactions that it touched."""
    fresh = upsert(book).values(person_id=person_id, revision=work.now_us)
    later = sa.case((book.c.revision < fresh.excluded.revision, fresh.excluded.revision), else_=book.c.revision + 1)
    work.claim(fresh.on_conflict_do_update(index_elements=["person_id"], set_={"revision": later}))
    months = sorted({day.replace(day=1) for day in dates})
    if months:
        now = revision(work, person_id)
        touch = upsert(month)
        touch = touch.on_conflict_do_update(
            index_elements=["person_id", "start"], set_={"revision": touch.excluded.revision}
        )
        work.claim_all(touch, [{"person_id": person_id, "start": one, "revision": now} for one in months])


def touch_all(work: Work, person_id: int) -> None:
    """Count a change that may have touched any month."""
    advance(work, person_id)
    now = sa.select(book.c.revision).where(book.c.person_id == person_id).scalar_subquery()
    work.claim(month.update().where(month.c.person_id == person_id).values(revision=now))


def changed_since(work: Work, person_id: int, known: int) -> list[date]:
    """Return the months whose transactions changed after a revision, oldest first."""
    mine = (month.c.person_id == person_id, month.c.revision > known)
    return sorted(row.start for row in work.rows(sa.select(month.c.start).where(*mine)))
