"""How much waits and for how long, read from the rows that are open: those queries run over partial indexes.

Opt-outs are counted in their ledger, which is small beside everything else and is read whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.inbox import inbox
from storage.outbox import outbox
from storage.people import suppression
from storage.processes import last_done
from storage.schema import micros


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits now, and when each kind of periodic work last succeeded in any process, in Unix seconds.

    Ages are of rows that are due, by kind.
    """

    inbox_pending: int
    dead: int
    pending: dict[str, int]
    oldest_seconds: dict[str, float]
    optouts: dict[str, int]
    jobs: dict[str, float]


def read_queues(connection: sa.Connection, now: datetime) -> Queues:
    """Count what waits. A message held for the person's window is not late, so its age counts from its due time."""
    now_us = micros(now)
    since = sa.func.min(sa.case((outbox.c.due_at <= now_us, sa.func.coalesce(outbox.c.first_at, outbox.c.due_at))))
    rows = connection.execute(
        sa.select(outbox.c.kind, sa.func.count(), since)
        .where(outbox.c.state.in_([sa.literal_column("'ready'"), sa.literal_column("'sending'")]))
        .group_by(outbox.c.kind)
    ).all()
    return Queues(
        inbox_pending=_count(connection, inbox, "waiting"),
        dead=_count(connection, inbox, "dead") + _count(connection, outbox, "dead"),
        pending={kind: count for kind, count, _ in rows},
        oldest_seconds={kind: max(0.0, (now_us - at) / 1e6) for kind, _, at in rows if at is not None},
        optouts=_optouts(connection),
        jobs={kind: at / 1e6 for kind, at in last_done(connection).items()},
    )


def _optouts(connection: sa.Connection) -> dict[str, int]:
    rows = connection.execute(sa.select(suppression.c.source, sa.func.count()).group_by(suppression.c.source))
    return {str(row[0]): int(row[1]) for row in rows}


def _count(connection: sa.Connection, table: sa.Table, state: str) -> int:
    found = connection.execute(
        sa.select(sa.func.count()).select_from(table).where(table.c.state == sa.literal_column(f"'{state}'"))
    )
    return int(found.scalar_one())
