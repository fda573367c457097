"""What a reader made of a document: several per document, kept for search and for reading again.

The body (raw text, lines with boxes and scores, candidates) is sealed. `cost_micros` is millionths of a US dollar.
One reading per document, reader and version is paid for: the claim comes before the call.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.receipts.columns import key, owner
from storage.receipts.documents import document
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

READERS = ("rule", "local_ocr", "claude", "google_vision")

reading = sa.Table(
    "receipt_reading",
    metadata,
    key(),
    owner(),
    sa.Column("document_id", sa.BigInteger, nullable=False),
    sa.Column("reader", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary),
    sa.Column("cost_micros", sa.BigInteger, nullable=False),
    sa.Column("duration_ms", sa.Integer),
    sa.Column("at", Moment, nullable=False),
    sa.Index("uq_receipt_reading_once", "person_id", "document_id", "reader", "version", unique=True),
    one_of("reader", *READERS),
)


def claim(work: Work, person_id: int, document_id: int, *, reader: str, version: str) -> int | None:
    """Open a reading before it is made and return its id; None when it was opened before or the document is unknown."""
    own = sa.select(document.c.id).where(document.c.person_id == person_id, document.c.id == document_id)
    if work.row(own) is None:
        return None
    row = work.claim(
        upsert(reading)
        .values(
            id=work.new_id(), person_id=person_id, document_id=document_id, reader=reader, version=version,
            cost_micros=0, at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(reading.c.id)
    ).first()  # fmt: skip
    return None if row is None else int(row.id)


def finish(
    work: Work, person_id: int, reading_id: int, *, body: bytes, cost_micros: int = 0, duration_ms: int = 0
) -> bool:
    """Keep what was read; tell whether the reading was still open."""
    done = work.claim(
        reading.update()
        .where(reading.c.person_id == person_id, reading.c.id == reading_id, reading.c.body.is_(None))
        .values(body=work.seal.seal(body), cost_micros=cost_micros, duration_ms=duration_ms)
    )
    return done.rowcount == 1


def of_document(work: Work, person_id: int, document_id: int) -> list[sa.Row[Any]]:
    """Return the readings of a document, oldest first, their bodies sealed."""
    return work.rows(
        sa.select(reading)
        .where(reading.c.person_id == person_id, reading.c.document_id == document_id)
        .order_by(reading.c.id)
    )
