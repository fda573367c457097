"""The chain: every entry of the audit gets a number without gaps and a hash over it and all before it (AU-4).

Turns add entries without looking at each other; this is what puts them in order, once they are committed. Who extends
the chain claims it by inserting its next number: of two at the same time one inserts nothing and leaves. A link is
never altered. It repeats what entries are searched by, so that the insert in the turn needs no index.

    hash = hex SHA-256(previous hash + LF + canonical JSON of the entry without the two hashes)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from storage.audit.entries import audit
from storage.schema import Id, metadata, moment
from storage.upsert import upsert
from storage.work import Work

FIRST = "0" * 64
PIECE = 100
"""So many entries are sealed in one transaction: a few milliseconds of the writer."""
SLACK = timedelta(minutes=1)
"""So much later than its id says may an entry be committed. Whatever comes later is found by a whole search."""
_SLACK_ID = (SLACK // timedelta(milliseconds=1)) << 22

link = sa.Table(
    "audit_chain",
    metadata,
    sa.Column("seq", Id, primary_key=True, autoincrement=False),
    sa.Column("entry_id", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object", sa.Text),
    sa.Column("prev_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("uq_audit_chain_entry", "entry_id", unique=True),
    sa.Index("ix_audit_chain_actor", "actor", "entry_id"),
    sa.Index("ix_audit_chain_action", "action", "entry_id"),
    sa.Index("ix_audit_chain_object", "object", "entry_id"),
)

segment = sa.Table(
    "audit_segment",
    metadata,
    sa.Column("last_seq", Id, primary_key=True, autoincrement=False),
    sa.Column("first_seq", sa.BigInteger, nullable=False),
    sa.Column("end_hash", sa.Text, nullable=False),
    sa.Column("closed_at", sa.BigInteger, nullable=False),
)
"""Closed segments: what remains of entries whose time is over (AU-5)."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: the last number and its hash."""

    seq: int = 0
    hash: str = FIRST


def instant(at: int) -> str:
    """Return stored microseconds as the chain writes them: in UTC, fractions only where there are any."""
    return moment(at).isoformat().replace("+00:00", "Z")


def canonical(seq: int, entry: Any) -> bytes:
    """Return what is hashed of an entry: keys sorted, no spaces, UTF-8; what is empty is left out."""
    told: dict[str, Any] = {
        "seq": seq, "at": instant(entry.at), "actor": entry.actor, "action": entry.action, "outcome": entry.outcome,
    }  # fmt: skip
    if entry.object is not None:
        told["target"] = entry.object
    if entry.risk is not None:
        told["class"] = entry.risk
    if entry.factor is not None:
        told["factor"] = entry.factor
    if entry.correlation is not None:
        told["correlation"] = entry.correlation
    if entry.origin is not None:
        told["origin"] = orjson.loads(entry.origin)
    if entry.details != "{}":
        told["diff"] = orjson.loads(entry.details)
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)


def hash_of(previous: str, seq: int, entry: Any) -> str:
    """Return the hash of an entry that follows another."""
    return hashlib.sha256(b"%s\n%s" % (previous.encode(), canonical(seq, entry))).hexdigest()


def continued(head: Head, entries: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Yield the links that continue a chain by entries."""
    seq, previous = head.seq, head.hash
    for entry in entries:
        seq += 1
        hashed = hash_of(previous, seq, entry)
        yield {
            "seq": seq, "entry_id": entry.id, "actor": entry.actor, "action": entry.action, "object": entry.object,
            "prev_hash": previous, "hash": hashed,
        }  # fmt: skip
        previous = hashed


_NEWEST = sa.select(link.c.seq, link.c.hash).order_by(link.c.seq.desc()).limit(1)
_CLOSED = (
    sa.select(segment.c.last_seq.label("seq"), segment.c.end_hash.label("hash"))
    .order_by(segment.c.last_seq.desc())
    .limit(1)
)
_SEALED = sa.select(sa.func.max(link.c.entry_id).label("newest"))


def head(work: Work) -> Head:
    """Return where the chain ends; after its last closed segment when nothing else is left of it."""
    row = work.row(_NEWEST) or work.row(_CLOSED)
    return Head() if row is None else Head(int(row.seq), str(row.hash))


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one step of sealing did: how many entries, and the id of the last of them."""

    count: int
    last: int


def seal(work: Work, *, limit: int = PIECE, after: int | None = None) -> Sealed | None:
    """Continue the chain by committed entries, oldest first; None when nothing waits, or somebody else is at it.

    Entries are searched for among the newest, or after an id: the last one of the step before, or one that was found.
    """
    if after is None:
        row = work.row(_SEALED)
        after = max(int(row.newest or 0) - _SLACK_ID, 0) if row is not None else 0
    waiting = work.rows(_unsealed(after, limit))
    if not waiting:
        return None
    first, *rest = continued(head(work), waiting)
    made = work.claim(upsert(link).values(first).on_conflict_do_nothing().returning(link.c.seq)).first()
    if made is None:
        return None
    work.claim_all(link.insert(), rest)
    return Sealed(len(waiting), waiting[-1].id)


def first_unsealed(connection: sa.Connection) -> int | None:
    """Return the oldest entry without a link, wherever it is; a long read, and none for the writer."""
    found: int | None = connection.execute(_unsealed(0, 1)).scalar()
    return found


def _unsealed(after: int, limit: int) -> sa.Select[Any]:
    linked = sa.select(sa.literal_column("1")).where(link.c.entry_id == audit.c.id).exists()
    return sa.select(audit).where(audit.c.id > after, ~linked).order_by(audit.c.id).limit(limit)
