"""What of the receipts is past its life: dropped drafts, files that became no receipt (rule SEC-R7).

A dropped draft stays as long as `UNDO` may bring it back, a failed one and a file that nobody could read for a month.
Confirmed receipts and their pictures stay as long as their person keeps them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.blobs import blob
from storage.receipts.documents import document
from storage.receipts.history import UNDO_FOR
from storage.receipts.privacy import erase_receipt
from storage.receipts.readings import reading
from storage.receipts.receipts import receipt
from storage.schema import word
from storage.work import Work

UNREAD = timedelta(days=30)


def gone(connection: sa.Connection, now: datetime, limit: int) -> list[sa.Row[Any]]:
    """Return (person_id, id) of dropped and failed receipts that no one can bring back any more."""
    dropped = sa.and_(receipt.c.state == word("rejected"), receipt.c.state_at < now - UNDO_FOR)
    failed = sa.and_(receipt.c.state == word("failed"), receipt.c.state_at < now - UNREAD)
    found: list[sa.Row[Any]] = []
    for old in (dropped, failed):
        found += connection.execute(sa.select(receipt.c.person_id, receipt.c.id).where(old).limit(limit))
    return found


def unread(connection: sa.Connection, now: datetime, limit: int) -> list[sa.Row[Any]]:
    """Return (person_id, id) of files that belong to no receipt after a month."""
    old = (document.c.receipt_id.is_(None), document.c.at < now - UNREAD)
    return list(connection.execute(sa.select(document.c.person_id, document.c.id).where(*old).limit(limit)))


def erase_gone(work: Work, person_id: int, receipt_id: int) -> None:
    """Delete a receipt with everything made from it and with its files, unless it was brought back meanwhile."""
    ended = (receipt.c.person_id == person_id, receipt.c.id == receipt_id, receipt.c.state.in_(("rejected", "failed")))
    if work.row(sa.select(receipt.c.id).where(*ended)) is None:
        return
    delete_files(work, person_id, erase_receipt(work, person_id, receipt_id))


def erase_unread(work: Work, person_id: int, document_id: int) -> None:
    """Delete a file that became no receipt, with its readings."""
    mine = (document.c.person_id == person_id, document.c.id == document_id, document.c.receipt_id.is_(None))
    row = work.row(sa.select(document.c.blob_id).where(*mine))
    if row is None:
        return
    work.claim(reading.delete().where(reading.c.person_id == person_id, reading.c.document_id == document_id))
    work.claim(document.delete().where(*mine))
    delete_files(work, person_id, [row.blob_id])


def delete_files(work: Work, person_id: int, blob_ids: list[int]) -> None:
    """Delete files of a person that no document of theirs needs any more."""
    needed = sa.exists().where(document.c.person_id == person_id, document.c.blob_id == blob.c.id)
    work.claim(blob.delete().where(blob.c.id.in_(blob_ids), blob.c.person_id == person_id, ~needed))
