"""Rows in flight: claimed by one worker, opened, and freed when their worker is gone.

A row found in flight without anybody working on it is *unknown*: it is looked up before it is tried again. A row that
this release cannot read is dead at once, so that it holds nobody up (rule 7 of the design).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.calls import unpack
from bot.core.errors import Permanent
from bot.core.seal import Seal
from jobs.gate import judge
from storage import outbox
from storage.alerts import raise_alert
from storage.database import Database, Writers
from storage.schema import micros
from storage.work import Work

LOST_AFTER = timedelta(minutes=10)
"""How long a row may be in flight: longer than any call may take."""


@dataclass(slots=True)
class Lease:
    """A row in flight."""

    id: int
    lane: int
    person_id: int | None
    address_id: int | None
    kind: str
    policy: str
    key: str
    call: Any
    body: dict[str, Any]
    attempts: int
    first_at: int
    expires_at: int | None
    error: str | None
    purpose: str = "reply"
    request_ids: list[str] = field(default_factory=list)
    """How the vendor numbered the requests of the last try."""


def lease_of(row: Mapping[str, Any], call: Any, body: dict[str, Any]) -> Lease:
    """Return the lease of a claimed row."""
    return Lease(
        id=row["id"],
        lane=row["lane"],
        person_id=row["person_id"],
        address_id=row["address_id"],
        kind=row["kind"],
        policy=row["policy"],
        key=row["key"] or f"message:{row['id']}",
        call=call,
        body=body,
        attempts=row["attempts"],
        first_at=row["first_at"],
        expires_at=row["expires_at"],
        error=row.get("error"),
        purpose=row["purpose"],
    )


def claim(work: Work, ids: list[int], worker: int) -> list[Lease]:
    """Claim those of these rows that may leave now."""
    leases = []
    for outbox_id in ids:
        verdict = judge(work, outbox_id)
        if verdict is not None:
            table = outbox.outbox
            work.claim(table.update().where(table.c.id == outbox_id, table.c.state == "ready").values(verdict))
            continue
        row = outbox.claim(work, outbox_id, worker)
        lease = _opened(work, row) if row is not None else None
        if lease is not None:
            leases.append(lease)
    return leases


def peek(seal: Seal, row: sa.Row[Any]) -> Lease | None:
    """Open a row that waits, without claiming it; None when this release cannot read it."""
    try:
        return _read(seal, row)
    except _UNREADABLE:
        return None


def _read(seal: Seal, row: sa.Row[Any]) -> Lease:
    body = orjson.loads(seal.open(row.body))
    return lease_of(dict(row._mapping), unpack(body["call"]), body)


_UNREADABLE = (Permanent, ValueError, KeyError, TypeError)


def _opened(work: Work, row: sa.Row[Any]) -> Lease | None:
    try:
        return _read(work.seal, row)
    except _UNREADABLE as error:
        name, table = type(error).__name__, outbox.outbox
        work.claim(table.update().where(table.c.id == row.id).values(state="dead", worker=None, error=name))
        raise_alert(work, kind="dead_letter", key=f"dead:outbox:{row.id}", details={"outbox": row.id, "error": name})
        return None


async def adopt(database: Database, writers: Writers, living: list[int], now: datetime) -> int:
    """Free rows in flight whose process died; return how many."""
    ids = await database.read(lambda c: outbox.orphans(c, living))
    return await _free(writers, ids, outbox.outbox.c.worker.not_in(living), now)


async def reclaim(database: Database, writers: Writers, worker: int, working: frozenset[int], now: datetime) -> int:
    """Free rows that a worker holds for long and does not work on; return how many."""
    table, since = outbox.outbox, micros(now - LOST_AFTER)
    held = sa.select(table.c.id).where(table.c.state == "sending", table.c.worker == worker, table.c.first_at < since)
    ids = [row.id for row in await database.read(lambda c: list(c.execute(held))) if row.id not in working]
    return await _free(writers, ids, table.c.worker == worker, now)


async def _free(writers: Writers, ids: list[int], whose: sa.ColumnElement[bool], now: datetime) -> int:
    if not ids:
        return 0
    table = outbox.outbox
    freed = table.update().where(table.c.id.in_(ids), table.c.state == "sending", whose)
    values = {"state": "ready", "worker": None, "due_at": micros(now), "error": "unknown:0"}
    count: int = await writers.run(lambda work: work.claim(freed.values(values)).rowcount)
    return count
