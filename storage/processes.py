"""Which processes live: a heartbeat row each, so that rows in flight of a dead one are taken over."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from storage.schema import Id, metadata
from storage.upsert import upsert
from storage.work import Work

process = sa.Table(
    "process",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("beat_at", sa.BigInteger, nullable=False),
    sa.Column("clock_offset", sa.BigInteger, nullable=False, server_default="0"),
)

periodic = sa.Table(
    "periodic",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("period", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("worker", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("done_at", sa.BigInteger),
)

LEASE = timedelta(minutes=30)
_MICROSECOND = timedelta(microseconds=1)
_LEASE_US = LEASE // _MICROSECOND
SILENCE = timedelta(seconds=15)
"""A process that has not beaten for this long is taken for dead."""


def beat(work: Work, process_id: int, real_us: int) -> None:
    """Say that a process lives (`real_us` is the operating system's time: a demo clock may jump)."""
    insert = upsert(process)
    work.write(
        insert.values(id=process_id, beat_at=real_us).on_conflict_do_update(
            index_elements=["id"], set_={"beat_at": insert.excluded.beat_at}
        )
    )


def leave(work: Work, process_id: int) -> None:
    """Say that a process ended in order."""
    work.write(process.delete().where(process.c.id == process_id))


def living(connection: sa.Connection, real_us: int) -> list[int]:
    """Return the processes that beat lately."""
    since = real_us - SILENCE // timedelta(microseconds=1)
    return [row.id for row in connection.execute(sa.select(process.c.id).where(process.c.beat_at >= since))]


def _claiming() -> sa.Executable:
    insert = upsert(periodic).values({name: sa.bindparam(name) for name in ("kind", "period", "worker", "at")})
    return insert.on_conflict_do_update(
        index_elements=["kind", "period"],
        set_={"worker": insert.excluded.worker, "at": insert.excluded.at},
        where=sa.and_(periodic.c.done_at.is_(None), periodic.c.at <= sa.bindparam("stale", type_=sa.BigInteger)),
    ).returning(periodic.c.kind)


_CLAIM = _claiming()


def claim_period(work: Work, *, kind: str, period: int, worker: int) -> bool:
    """Claim a period of periodic work; exactly one process gets True (rule JOB-1).

    A claim that was not finished within the lease is taken over: its process died, and the work is harmless twice.
    """
    result = work.claim(
        _CLAIM, {"kind": kind, "period": period, "worker": worker, "at": work.now_us, "stale": work.now_us - _LEASE_US}
    )
    return result.first() is not None


_MINE = sa.and_(
    periodic.c.kind == sa.bindparam("of_kind"),
    periodic.c.period == sa.bindparam("of_period"),
    periodic.c.worker == sa.bindparam("of_worker"),
)
_FINISH = periodic.update().where(_MINE).values(done_at=sa.bindparam("now_us", type_=sa.BigInteger))
_GIVE_BACK = periodic.delete().where(_MINE, periodic.c.done_at.is_(None))


def finish_period(work: Work, *, kind: str, period: int, worker: int) -> None:
    """Note that the work of a period succeeded, unless somebody took it over (rule JOB-2)."""
    work.write(_FINISH, {"of_kind": kind, "of_period": period, "of_worker": worker, "now_us": work.now_us})


def give_back_period(work: Work, *, kind: str, period: int, worker: int) -> None:
    """Let a period whose work failed be claimed again."""
    work.write(_GIVE_BACK, {"of_kind": kind, "of_period": period, "of_worker": worker})


def free_periods(work: Work, living: list[int]) -> None:
    """Let the unfinished periods of dead processes be claimed again: nobody should wait out their lease."""
    work.write(periodic.delete().where(periodic.c.done_at.is_(None), periodic.c.worker.not_in(living)))


def last_done(connection: sa.Connection) -> dict[str, int]:
    """Return when each kind of periodic work last succeeded, in microseconds."""
    rows = connection.execute(
        sa.select(periodic.c.kind, sa.func.max(periodic.c.done_at).label("at"))
        .where(periodic.c.done_at.is_not(None))
        .group_by(periodic.c.kind)
    )
    return {row.kind: int(row.at) for row in rows}
