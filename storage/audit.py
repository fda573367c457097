"""What people with power did: append-only, written in the transaction of the change itself (rule 11)."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from storage.hot import Hot
from storage.schema import Id, metadata
from storage.work import Work

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object", sa.Text),
    sa.Column("details", sa.Text, nullable=False),
    sa.Index("ix_audit_object", "object", "id"),
)

ADD = Hot("add audit", audit.insert(), keys=[c.name for c in audit.columns], rank=80)


def record(work: Work, *, actor: str, action: str, obj: str | None = None, **details: Any) -> None:
    """Record an act; details hold ids and words of ours, never contents."""
    work.put(
        ADD,
        {
            "id": work.new_id(),
            "at": work.now_us,
            "actor": actor,
            "action": action,
            "object": obj,
            "details": json.dumps(details, sort_keys=True, default=str),
        },
    )


def latest(connection: sa.Connection, limit: int = 20) -> list[sa.Row[Any]]:
    """Return the newest entries."""
    return list(connection.execute(sa.select(audit).order_by(audit.c.id.desc()).limit(limit)))
