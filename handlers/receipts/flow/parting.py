"""One picture that clearly shows several receipts becomes a document for each, all of the same file (rule OCR-9)."""

from __future__ import annotations

from handlers.receipts import drafts
from handlers.receipts.flow.readings import LOCAL, Body, bodies_of
from handlers.receipts.owner import Owner
from handlers.receipts.reading import receipts_on
from storage.receipts import documents, readings, receipts
from storage.work import Work

VERSION = "part"


def parted(work: Work, of: Owner, document_id: int) -> list[int]:
    """Return the documents of the receipts on a picture, in their order; the one itself when it is not clearly several.

    A picture that has a receipt stays as it is; one that was parted before gives those of its parts that have none.
    """
    whole = documents.load(work, of.id, document_id)
    bodies = bodies_of(work, of, document_id)
    if whole is None or _is_alive(work, of, whole.receipt_id):
        return [document_id]
    if any(body.part for body in bodies):
        found = documents.of_file(work, of.id, whole.blob_id)
        return [row.id for row in found if not _is_alive(work, of, row.receipt_id)]
    parts = max((_parts(work, of, body) for body in bodies if body.reader == LOCAL), key=len, default=[])
    if len(parts) < 2:
        return [document_id]
    places = [document_id, *(documents.add_part(work, of.id, document_id, at) for at in range(2, len(parts) + 1))]
    kept = [(place, body) for place, body in zip(places, parts, strict=True) if place is not None]
    for place, body in kept:
        reading_id = readings.claim(work, of.id, place, reader=LOCAL, version=f"{VERSION}.{body.part}")
        if reading_id is not None:
            readings.finish(work, of.id, reading_id, body=body.dump())
    return [place for place, _ in kept]


def _is_alive(work: Work, of: Owner, receipt_id: int | None) -> bool:
    row = None if receipt_id is None else receipts.load(work, of.id, receipt_id)
    return row is not None and row.state not in ("rejected", "failed")


def _parts(work: Work, of: Owner, body: Body) -> list[Body]:
    if len(body.pages) != 1:
        return []
    pages = receipts_on(body.pages[0], drafts.context_of(work, of, drafts.lines_of(body.pages)))
    return [Body((page,), None, body.reader, body.perceptual_hash, part=at) for at, page in enumerate(pages, 1)]
