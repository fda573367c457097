"""Answers of the HTTP API, kept for a day under the key that the caller chose (rule API-3, `Idempotency-Key`).

An answer commits together with what it tells of. A request that comes again, or twice at once, therefore finds either
nothing done or the answer of the first; the person is held meanwhile, so the two cannot run side by side.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import orjson
import sqlalchemy as sa

from storage.receipts.columns import digest, owner
from storage.schema import Moment, metadata
from storage.upsert import upsert
from storage.work import Work

LIFE = timedelta(hours=24)

reply = sa.Table(
    "api_reply",
    metadata,
    owner(primary_key=True),
    sa.Column("key_hash", sa.LargeBinary, primary_key=True),
    sa.Column("asked", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was given: JSON and headers; `asked` tells of which request."""

    asked: bytes
    status: int
    body: bytes
    headers: dict[str, str]


def request_hash(method: str, target: str, body: bytes) -> bytes:
    """Return what tells two requests apart: method, path with query, and body."""
    return hashlib.sha256(f"{method} {target}\0".encode() + body).digest()


def find(work: Work, person_id: int, chosen_key: str) -> Kept | None:
    """Return the answer of the last 24 hours under this key."""
    row = work.row(
        sa.select(reply).where(
            reply.c.person_id == person_id,
            reply.c.key_hash == digest(work, person_id, "api reply", chosen_key),
            reply.c.at > work.now - LIFE,
        )
    )
    if row is None:
        return None
    headers, body = orjson.loads(work.seal.open(row.body))
    return Kept(row.asked, row.status, body.encode(), headers)


def keep(work: Work, person_id: int, chosen_key: str, kept: Kept) -> None:
    """Keep an answer in place of one that is past its day."""
    sealed = work.seal.seal(orjson.dumps([kept.headers, kept.body.decode()]))
    values = {"asked": kept.asked, "status": kept.status, "body": sealed, "at": work.now}
    work.claim(
        upsert(reply)
        .values(person_id=person_id, key_hash=digest(work, person_id, "api reply", chosen_key), **values)
        .on_conflict_do_update(index_elements=["person_id", "key_hash"], set_=values)
    )
