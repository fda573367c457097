"""The inbox: everything that can move a conversation, once each.

A row is claimed by its insertion: (source, key) is unique, so a redelivered webhook inserts nothing. It is born `done`
when its turn commits with it, `waiting` when that person's earlier events still wait or when its turn failed, and
`dead` after five failed tries (rule 7 of the design).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.hot import Hot
from storage.schema import Id, metadata, one_of, partial_index, word
from storage.upsert import upsert
from storage.work import Work

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("person_id", sa.BigInteger),
    sa.Column("address_id", sa.BigInteger),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary),  # kept while the event may be tried again
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("source", "key"),
    partial_index("ix_inbox_waiting", "person_id", "id", where="state = 'waiting'"),
    partial_index("ix_inbox_dead", "id", where="state = 'dead'"),
    one_of("state", "done", "waiting", "dead", "dropped"),
)

_KEYS = ["id", "source", "key", "person_id", "address_id", "kind", "body", "state", "attempts", "due_at", "at"]
CLAIM = Hot("claim inbox", upsert(inbox).on_conflict_do_nothing(), keys=_KEYS, claims=inbox.c.id)

PARK = Hot(
    "park inbox",
    inbox.update()
    .where(inbox.c.id == sa.bindparam("inbox_id"))
    .values({name: sa.bindparam(name) for name in ("state", "attempts", "due_at", "error", "body")}),
    rank=50,
)

_first = (
    sa.select(inbox.c.person_id, sa.func.min(inbox.c.id).label("id"))
    .where(inbox.c.state == sa.literal_column("'waiting'"))
    .group_by(inbox.c.person_id)
    .subquery()
)


def due(connection: sa.Connection, now_us: int, limit: int = 200) -> list[int]:
    """Return the ids of each person's oldest waiting event that may be tried now."""
    rows = connection.execute(
        sa.select(inbox.c.id)
        .join(_first, _first.c.id == inbox.c.id)
        .where(inbox.c.due_at <= now_us)
        .order_by(inbox.c.id)
        .limit(limit)
    )
    return [row.id for row in rows]


def load(work: Work, inbox_id: int) -> sa.Row[Any] | None:
    """Return one event's row."""
    return work.row(sa.select(inbox).where(inbox.c.id == inbox_id))


def dead(connection: sa.Connection, limit: int = 50) -> list[sa.Row[Any]]:
    """Return the newest dead letters of the inbox."""
    return list(
        connection.execute(
            sa.select(inbox).where(inbox.c.state == word("dead")).order_by(inbox.c.id.desc()).limit(limit)
        )
    )


def revive(work: Work, inbox_id: int) -> bool:
    """Let a dead event be tried again; False when it is not dead."""
    return (
        work.claim(
            inbox.update()
            .where(inbox.c.id == inbox_id, inbox.c.state == "dead")
            .values(state="waiting", attempts=0, due_at=work.now_us)
        ).rowcount
        == 1
    )


def drop(work: Work, inbox_id: int) -> bool:
    """Give up a dead event; False when it is not dead."""
    return (
        work.claim(
            inbox.update().where(inbox.c.id == inbox_id, inbox.c.state == "dead").values(state="dropped")
        ).rowcount
        == 1
    )


def id_of(source: str, key: str) -> sa.Select[Any]:
    """Return the query for the id of the event with this source and key."""
    return sa.select(inbox.c.id).where(inbox.c.source == source, inbox.c.key == key)


def is_behind(work: Work, row: sa.Row[Any]) -> bool:
    """Tell whether an earlier event of the same person still waits."""
    earlier = sa.select(inbox.c.id).where(
        inbox.c.person_id == row.person_id, inbox.c.state == word("waiting"), inbox.c.id < row.id
    )
    return row.person_id is not None and work.row(earlier.limit(1)) is not None
