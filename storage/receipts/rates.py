"""How often a token of the HTTP API may ask, for all processes together: one row per token (rule API-4).

The row holds the moment at which the token's bucket is full again; every request moves it on. A process draws several
requests at once and gives them out itself, so that reading the books does not mean writing to the database each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from storage.receipts.columns import owner
from storage.schema import Moment, metadata
from storage.upsert import upsert
from storage.work import Work

MINUTE = timedelta(minutes=1)
_SHARE, _TRIES = 6, 3

rate = sa.Table(
    "api_rate",
    metadata,
    owner(primary_key=True),
    sa.Column("token_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("full_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """So many requests are the process's own now; with none, in how long there is one."""

    count: int
    wait: timedelta = timedelta(0)


def draw(work: Work, person_id: int, token_id: int, *, a_minute: int) -> Drawn:
    """Take some of what a token's bucket holds: a part of it, so that other processes find some too."""
    each, mine = MINUTE / a_minute, (rate.c.person_id == person_id, rate.c.token_id == token_id)
    for _ in range(_TRIES):
        row = work.row(sa.select(rate.c.full_at).where(*mine))
        full_at = max(row.full_at, work.now) if row is not None else work.now
        left = int((MINUTE - (full_at - work.now)) / each)
        if left < 1:
            return Drawn(0, full_at + each - MINUTE - work.now)
        count = max(1, left // _SHARE)
        if _moved(work, person_id, token_id, was=row.full_at if row is not None else None, to=full_at + count * each):
            return Drawn(count)
    return Drawn(0, each)


def _moved(work: Work, person_id: int, token_id: int, *, was: object, to: object) -> bool:
    """Move the row on, unless another process did meanwhile."""
    statement = upsert(rate).values(person_id=person_id, token_id=token_id, full_at=to)
    if was is None:
        return work.claim(statement.on_conflict_do_nothing().returning(rate.c.token_id)).first() is not None
    mine = (rate.c.person_id == person_id, rate.c.token_id == token_id, rate.c.full_at == was)
    return work.claim(rate.update().where(*mine).values(full_at=to)).rowcount == 1
