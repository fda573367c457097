"""Checking the chain from end to end: the first number that is not what was sealed is named (A95).

Entries are read some at a time, so a chain of any length takes little memory. A chain that was cut off at its end is
right in itself; it is found by the anchor, the last number and hash that owners were told of in an earlier night.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage.audit.chain import Head, hash_of, link, segment
from storage.audit.entries import audit

PIECE = 500
Ask = Callable[[sa.Select[Any]], list[sa.Row[Any]]]
"""Returns the rows of a read: a unit of work's, or a reading connection's."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: how many entries were right, where the chain ends, and the damaged number if there is one.

    `why` is altered, missing, unlinked (of another chain) or cut (shorter than its anchor).
    """

    count: int
    end: Head
    damaged: int | None = None
    why: str = ""


def verify(ask: Ask, *, anchor: Head | None = None, piece: int = PIECE) -> Verdict:
    """Recompute every hash since the last closed segment; stop at the first that is wrong."""
    end, count = _beginning(ask), 0
    for row, entry in _pages(ask, end.seq, piece):
        seq = end.seq + 1
        if why := _trouble(row, entry, seq, end.hash):
            return Verdict(count, end, seq, why)
        end, count = Head(row.seq, row.hash), count + 1
        if anchor is not None and anchor.seq == seq and anchor.hash != row.hash:
            return Verdict(count, end, seq, "altered")
    if anchor is not None and anchor.seq > end.seq:
        return Verdict(count, end, end.seq + 1, "cut")
    return Verdict(count, end)


def _beginning(ask: Ask) -> Head:
    last = sa.select(segment.c.last_seq, segment.c.end_hash).order_by(segment.c.last_seq.desc()).limit(1)
    return next((Head(int(row.last_seq), str(row.end_hash)) for row in ask(last)), Head())


def _pages(ask: Ask, after: int, piece: int) -> Iterator[tuple[sa.Row[Any], sa.Row[Any] | None]]:
    while linked := ask(sa.select(link).where(link.c.seq > after).order_by(link.c.seq).limit(piece)):
        ids = [row.entry_id for row in linked]
        entries = {row.id: row for row in ask(sa.select(audit).where(audit.c.id.in_(ids)))}
        yield from ((row, entries.get(row.entry_id)) for row in linked)
        after = linked[-1].seq


def _trouble(row: sa.Row[Any], entry: sa.Row[Any] | None, seq: int, previous: str) -> str:
    if row.seq != seq or entry is None:
        return "missing"
    if row.prev_hash != previous:
        return "unlinked"
    if (row.actor, row.action, row.object) != (entry.actor, entry.action, entry.object):
        return "altered"
    try:
        return "" if hash_of(previous, seq, entry) == row.hash else "altered"
    except ValueError:  # what should be JSON is none any more
        return "altered"
