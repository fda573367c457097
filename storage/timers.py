"""Things that fall due: a row each, unique by key, so that any number of processes may try to fire it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.hot import Hot
from storage.schema import Id, metadata, micros, one_of, partial_index, word
from storage.upsert import upsert
from storage.work import Work

timer = sa.Table(
    "timer",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.BigInteger),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.UniqueConstraint("key"),
    partial_index("ix_timer_due", "due_at", where="state = 'set'"),
    sa.Index("ix_timer_person", "person_id", "kind"),
    one_of("state", "set", "fired", "cancelled"),
)

FIRED = Hot(
    "timer fired",
    timer.update().where(timer.c.id == sa.bindparam("timer_id")).values(state=sa.bindparam("state")),
    rank=70,
)


def set_timer(
    work: Work, *, kind: str, key: str, due: datetime, person_id: int | None = None, body: bytes | None = None
) -> None:
    """Set a timer, or move the one of the same key, also when it fired or was cancelled before."""
    insert = upsert(timer)
    work.write(
        insert.values(
            id=work.new_id(), person_id=person_id, kind=kind, key=key, body=body, due_at=micros(due), state="set"
        ).on_conflict_do_update(
            index_elements=["key"],
            set_={name: insert.excluded[name] for name in ("due_at", "body", "state", "id")},
        )
    )


def cancel_timers(work: Work, person_id: int | None, prefix: str) -> None:
    """Cancel every timer of a person whose key starts with `prefix`."""
    work.write(
        timer.update()
        .where(
            timer.c.person_id == person_id,
            timer.c.key.startswith(prefix, autoescape=True),
            timer.c.state == word("set"),
        )
        .values(state="cancelled")
    )


def is_set(work: Work, timer_id: int) -> bool:
    """Tell whether a timer still waits: it may have been cancelled or moved since it was read."""
    return work.row(sa.select(timer.c.id).where(timer.c.id == timer_id, timer.c.state == "set")) is not None


def body_of(work: Work, key: str) -> bytes | None:
    """Return what a timer that waits will carry; None for one that fired, was cancelled, or never was."""
    row = work.row(sa.select(timer.c.body).where(timer.c.key == key, timer.c.state == "set"))
    return None if row is None or row.body is None else bytes(row.body)


def empty(work: Work, timer_id: int) -> None:
    """Forget what a timer carried, once it was told: its row stays for a month."""
    work.claim(timer.update().where(timer.c.id == timer_id).values(body=None))


def due(connection: sa.Connection, now_us: int, limit: int = 500) -> list[sa.Row[Any]]:
    """Return timers that fell due, earliest first."""
    return list(
        connection.execute(
            sa.select(timer)
            .where(timer.c.state == word("set"), timer.c.due_at <= now_us)
            .order_by(timer.c.due_at, timer.c.id)
            .limit(limit)
        )
    )


def next_due(connection: sa.Connection) -> int | None:
    """Return when the next timer falls due, in microseconds."""
    found: int | None = connection.execute(
        sa.select(sa.func.min(timer.c.due_at)).where(timer.c.state == word("set"))
    ).scalar()
    return found
