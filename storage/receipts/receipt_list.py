"""A person's receipts page by page, newest first; each state has its own stretch of the index (rules SEA-3, API-5)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from storage.receipts.receipts import STATES, receipt
from storage.work import Work


def page(
    work: Work, person_id: int, *, states: Collection[str] = (), before: int | None = None, limit: int = 20
) -> list[sa.Row[Any]]:
    """Return receipts older than `before`, newest first, their fields sealed."""
    stretches = [_newest(person_id, state, before, limit) for state in states or STATES]
    ids = sa.union_all(*stretches).subquery()
    newest = sa.select(ids.c.id).order_by(ids.c.id.desc()).limit(limit)
    found = [row.id for row in work.rows(newest)]
    rows = work.rows(sa.select(receipt).where(receipt.c.person_id + 0 == person_id, receipt.c.id.in_(found)))
    return sorted(rows, key=lambda row: -row.id)


def _newest(person_id: int, state: str, before: int | None, limit: int) -> sa.Select[Any]:
    mine = sa.select(receipt.c.id).where(receipt.c.person_id == person_id, receipt.c.state == state)
    if before is not None:
        mine = mine.where(receipt.c.id < before)
    return sa.select(mine.order_by(receipt.c.id.desc()).limit(limit).subquery())
