"""Where something came from: one row per message, picture of a message, mail, or imported line.

The key of a source is claimed before anything is made from it, so that a message which is delivered again makes
nothing new (rule CAP-13). Ids of vendors hold addresses and are kept as hashes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.receipts.columns import digest, key, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

KINDS = ("photo", "mms", "pdf", "text", "voice", "bank_text", "email", "mailbox", "bank", "api", "import")

source = sa.Table(
    "receipt_source",
    metadata,
    key(),
    owner(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("provider_hash", sa.LargeBinary, nullable=False),
    sa.Column("media_index", sa.Integer, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Index("uq_receipt_source_provider", "person_id", "kind", "provider_hash", "media_index", unique=True),
    one_of("kind", *KINDS),
)


def claim(
    work: Work,
    person_id: int,
    *,
    kind: str,
    provider_id: str,
    media_index: int = 0,
    received_at: datetime | None = None,
) -> int | None:
    """Insert a source and return its id, or None when it was delivered before."""
    row = work.claim(
        upsert(source)
        .values(
            id=work.new_id(),
            person_id=person_id,
            kind=kind,
            provider_hash=digest(work, person_id, "source", provider_id),
            media_index=media_index,
            received_at=received_at or work.now,
        )
        .on_conflict_do_nothing()
        .returning(source.c.id)
    ).first()
    return None if row is None else int(row.id)


def find(work: Work, person_id: int, *, kind: str, provider_id: str, media_index: int = 0) -> sa.Row[Any] | None:
    """Return the source of a message of this person."""
    return work.row(
        sa.select(source).where(
            source.c.person_id == person_id,
            source.c.kind == kind,
            source.c.provider_hash == digest(work, person_id, "source", provider_id),
            source.c.media_index == media_index,
        )
    )
