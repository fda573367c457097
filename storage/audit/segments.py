"""The end of an entry's life: whole segments are closed with their end hash, then emptied (AU-5).

A closed segment says up to which number the chain was right and what its hash was there, so what follows can still be
verified. The database lets entries of closed segments go and no others.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.ids import Ids
from storage.audit.chain import link, segment
from storage.audit.entries import audit
from storage.work import Work

PIECE = 500
_NEIGHBOURS = 1000
"""Numbers and ids grow together but for a few minutes, so the first number after a moment is among the next ids."""

__all__ = ["close", "drop", "segment"]


def close(work: Work, before: datetime) -> int:
    """Close all that was written before a moment and return its last number; 0 when there is nothing to close.

    Nothing that is younger goes with it: the segment ends before the first entry of that moment or later.
    """
    floor = Ids.floor(before)
    after = (
        sa.select(link.c.seq).where(link.c.entry_id >= floor).order_by(link.c.entry_id).limit(_NEIGHBOURS).subquery()
    )
    row = work.row(sa.select(sa.func.min(after.c.seq)))
    last = sa.select(link.c.seq, link.c.hash).order_by(link.c.seq.desc()).limit(1)
    end = work.row(last if row is None or row[0] is None else last.where(link.c.seq < row[0]))
    done = work.row(sa.select(sa.func.max(segment.c.last_seq)))
    closed = int(done[0] or 0) if done is not None else 0
    if end is None or end.seq <= closed:
        return 0
    values = {"last_seq": end.seq, "first_seq": closed + 1, "end_hash": end.hash, "closed_at": work.now_us}
    work.claim(segment.insert().values(values))
    return int(end.seq)


def drop(work: Work, *, limit: int = PIECE) -> int:
    """Delete entries of closed segments with their links, oldest first; return how many."""
    closed = sa.select(sa.func.max(segment.c.last_seq)).scalar_subquery()
    gone = sa.select(link.c.seq, link.c.entry_id).where(link.c.seq <= closed).order_by(link.c.seq).limit(limit)
    rows = work.rows(gone)
    if rows:
        work.claim(audit.delete().where(audit.c.id.in_([row.entry_id for row in rows])))
        work.claim(link.delete().where(link.c.seq <= rows[-1].seq))
    return len(rows)
