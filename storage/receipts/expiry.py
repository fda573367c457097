"""Deleting what of the receipts is past its life (rule SEC-R7); `expired` finds it."""

from __future__ import annotations

import sqlalchemy as sa

from storage.blobs import blob
from storage.receipts.documents import document
from storage.receipts.privacy import erase_receipt
from storage.receipts.readings import reading
from storage.receipts.receipts import receipt
from storage.work import Work


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
