"""Pictures and files as they came: found by a hash of their bytes, kept once per person (rules DUP-1, DUP-2).

The bytes themselves are a sealed blob. A perceptual hash is 64 bits, 0 <= h < 2**64, kept as a signed integer.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.receipts.columns import digest, key, owner
from storage.receipts.receipts import receipt
from storage.schema import Moment, metadata, partial_index
from storage.upsert import upsert
from storage.work import Work

_HALF, _FULL = 1 << 63, 1 << 64

document = sa.Table(
    "receipt_document",
    metadata,
    key(),
    owner(),
    sa.Column("source_id", sa.BigInteger),
    sa.Column("receipt_id", sa.BigInteger),
    sa.Column("page_order", sa.Integer, nullable=False),
    sa.Column("content_hash", sa.LargeBinary, nullable=False),
    sa.Column("perceptual_hash", sa.BigInteger),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("blob_id", sa.BigInteger, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("uq_receipt_document_content", "person_id", "content_hash", unique=True),
    sa.Index("ix_receipt_document_receipt", "person_id", "receipt_id", "page_order"),
    sa.Index("ix_receipt_document_blob", "person_id", "blob_id"),
    partial_index("ix_receipt_document_unread", "person_id", "at", where="receipt_id IS NULL"),
)


def content_hash(work: Work, person_id: int, sha256: str) -> bytes:
    """Return the keyed hash of a file, of the hex SHA-256 of its bytes."""
    return digest(work, person_id, "document", sha256)


def add(
    work: Work,
    person_id: int,
    *,
    sha256: str,
    size: int,
    media_type: str,
    blob_id: int,
    source_id: int | None = None,
    perceptual_hash: int | None = None,
    pages: int = 1,
) -> int | None:
    """Insert a document and return its id, or None when the person sent these bytes before."""
    row = work.claim(
        upsert(document)
        .values(
            id=work.new_id(), person_id=person_id, source_id=source_id, page_order=0,
            content_hash=content_hash(work, person_id, sha256), perceptual_hash=_signed(perceptual_hash),
            media_type=media_type, size=size, pages=pages, blob_id=blob_id, at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(document.c.id)
    ).first()  # fmt: skip
    return None if row is None else int(row.id)


def same_bytes(work: Work, person_id: int, sha256: str) -> sa.Row[Any] | None:
    """Return this person's document of the bytes that have this hex SHA-256."""
    return work.row(
        sa.select(document).where(
            document.c.person_id == person_id, document.c.content_hash == content_hash(work, person_id, sha256)
        )
    )


def recognise(work: Work, person_id: int, document_id: int, *, perceptual_hash: int | None, pages: int) -> None:
    """Keep what reading told of a document: how it looks, and how many pages it has."""
    work.claim(
        document.update()
        .where(document.c.person_id == person_id, document.c.id == document_id)
        .values(perceptual_hash=_signed(perceptual_hash), pages=max(1, pages))
    )


def add_part(work: Work, person_id: int, document_id: int, part: int) -> int | None:
    """Insert a further receipt of the same picture and return its id, None when it is there or the picture is not.

    It shares the file: that goes when no document needs it.
    """
    whole = load(work, person_id, document_id)
    if whole is None:
        return None
    row = work.claim(
        upsert(document)
        .values(
            id=work.new_id(), person_id=person_id, source_id=whole.source_id, page_order=0,
            content_hash=digest(work, person_id, "document part", f"{document_id}/{part}"),
            perceptual_hash=whole.perceptual_hash, media_type=whole.media_type, size=whole.size, pages=whole.pages,
            blob_id=whole.blob_id, at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(document.c.id)
    ).first()  # fmt: skip
    return None if row is None else int(row.id)


def of_file(work: Work, person_id: int, blob_id: int) -> list[sa.Row[Any]]:
    """Return the documents that share a file: the picture, and the further receipts on it, in their order."""
    return work.rows(
        sa.select(document)
        .where(document.c.person_id == person_id, document.c.blob_id == blob_id)
        .order_by(document.c.id)
    )


def load(work: Work, person_id: int, document_id: int) -> sa.Row[Any] | None:
    """Return a document of this person."""
    return work.row(sa.select(document).where(document.c.person_id == person_id, document.c.id == document_id))


def attach(work: Work, person_id: int, document_id: int, *, receipt_id: int, page_order: int = 0) -> bool:
    """Make a document a page of a receipt of the same person; tell whether both exist."""
    own = sa.exists().where(receipt.c.person_id == person_id, receipt.c.id == receipt_id)
    moved = work.claim(
        document.update()
        .where(document.c.person_id == person_id, document.c.id == document_id, own)
        .values(receipt_id=receipt_id, page_order=page_order)
    )
    return moved.rowcount == 1


def of_receipt(work: Work, person_id: int, receipt_id: int) -> list[sa.Row[Any]]:
    """Return the documents of a receipt in page order."""
    return work.rows(
        sa.select(document)
        .where(document.c.person_id == person_id, document.c.receipt_id == receipt_id)
        .order_by(document.c.page_order, document.c.id)
    )


def alike(
    work: Work, person_id: int, *, perceptual_hash: int, total_minor: int, currency: str, most: int = 6
) -> list[int]:
    """Return receipts of an equal total whose picture differs in at most `most` of 64 bits, oldest first (DUP-2)."""
    rows = work.rows(
        sa.select(receipt.c.id, document.c.perceptual_hash)
        .join(document, sa.and_(document.c.person_id == receipt.c.person_id, document.c.receipt_id == receipt.c.id))
        .where(
            receipt.c.person_id == person_id,
            receipt.c.total_minor == total_minor,
            receipt.c.currency == currency,
            receipt.c.state.not_in(("rejected", "failed")),
            document.c.perceptual_hash.is_not(None),
        )
        .order_by(receipt.c.id)
    )
    near = (row.id for row in rows if (row.perceptual_hash % _FULL ^ perceptual_hash).bit_count() <= most)
    return list(dict.fromkeys(near))


def _signed(unsigned: int | None) -> int | None:
    return None if unsigned is None else (unsigned + _HALF) % _FULL - _HALF
