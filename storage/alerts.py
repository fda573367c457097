"""What operators must hear of: one row per key, told once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, partial_index
from storage.upsert import upsert
from storage.work import Work

SPARED = "not_to"
"""The detail that names an operator who is not told; it is never shown."""

alert = sa.Table(
    "alert",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("told_at", Moment),
    sa.UniqueConstraint("key"),
    partial_index("ix_alert_untold", "id", where="told_at IS NULL"),
)


def raise_alert(
    work: Work, *, kind: str, key: str, details: dict[str, Any], when: Sequence[sa.ColumnElement[bool]] = ()
) -> None:
    """Note an alert; details hold ids and words of ours, never contents.

    With `when`, only if there is a row of which this holds at the end of the turn.
    """
    values: dict[str, Any] = {
        "id": work.new_id(), "kind": kind, "key": key, "at": work.now,
        "details": json.dumps(details, sort_keys=True, default=str),
    }  # fmt: skip
    if not when:
        work.write(upsert(alert).values(values).on_conflict_do_nothing())
        return
    row = sa.select(*(sa.literal(value, alert.c[name].type) for name, value in values.items())).where(*when)
    work.write(upsert(alert).from_select(list(values), row).on_conflict_do_nothing())


def untold(connection: sa.Connection, limit: int = 50) -> list[sa.Row[Any]]:
    """Return alerts that nobody was told of."""
    return list(connection.execute(sa.select(alert).where(alert.c.told_at.is_(None)).order_by(alert.c.id).limit(limit)))


def of_matter(work: Work, key: str) -> list[sa.Row[Any]]:
    """Return the alerts of a matter that nobody was told of: those of its key, and of keys that go on from it."""
    rows = work.rows(sa.select(alert).where(alert.c.told_at.is_(None)).order_by(alert.c.id))
    return [row for row in rows if row.key == key or row.key.startswith(f"{key}:")]


def overtake(work: Work, row: sa.Row[Any], operator_id: int, **details: Any) -> None:
    """Let an alert that was not told yet say more, and not to the operator who hears of the matter itself."""
    told = json.dumps(json.loads(row.details) | details | {SPARED: operator_id}, sort_keys=True, default=str)
    mine = (alert.c.id == row.id, alert.c.told_at.is_(None))
    work.claim(alert.update().where(*mine).values(details=told))


def mark_told(work: Work, alert_id: int) -> sa.Update:
    """Return the update that notes that the operators were told; it changes a row once."""
    return alert.update().where(alert.c.id == alert_id, alert.c.told_at.is_(None)).values(told_at=work.now)
