"""A person's exports page by page, and the files of one that is made (rules API-5, MED-8)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.blobs import blob
from storage.receipts.exports import export, export_file
from storage.work import Work


def page(work: Work, person_id: int, *, before: int | None = None, limit: int = 20) -> list[sa.Row[Any]]:
    """Return exports older than `before`, newest first."""
    mine = sa.select(export).where(export.c.person_id == person_id)
    if before is not None:
        mine = mine.where(export.c.id < before)
    return work.rows(mine.order_by(export.c.id.desc()).limit(limit))


def files(work: Work, person_id: int, export_id: int) -> list[sa.Row[Any]]:
    """Return (seq, name, media_type, size, blob_id) of what was made and is still kept."""
    e, f = export.c, export_file.c
    return work.rows(
        sa.select(f.seq, f.name, f.media_type, f.size, f.blob_id)
        .join(export, sa.and_(e.person_id == f.person_id, e.id == f.export_id))
        .join(blob, blob.c.id == f.blob_id)
        .where(f.person_id == person_id, f.export_id == export_id, e.state == "made", blob.c.person_id == person_id)
        .where(blob.c.delete_after > work.now)
        .order_by(f.seq)
    )


def content(work: Work, person_id: int, blob_id: int) -> bytes | None:
    """Return the bytes of a file."""
    mine = (blob.c.id == blob_id, blob.c.person_id == person_id)
    row = work.row(sa.select(blob.c.data).where(*mine))
    return None if row is None else work.seal.open(row.data)
