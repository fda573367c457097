"""What is kept of a reading, and which of several readings of a document is believed."""

from __future__ import annotations

import msgspec

from bot.core.calls.reading import PrintedPage
from handlers.receipts import drafts
from handlers.receipts.fields import Fields, Value
from handlers.receipts.owner import Owner
from handlers.receipts.reading import Reading, read_receipt
from storage.receipts import readings
from storage.work import Work


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a reading: the pages as read, or why there are none; and how the picture looks as a whole."""

    pages: tuple[PrintedPage, ...] = ()
    trouble: str | None = None
    reader: str = "local_ocr"
    perceptual_hash: int | None = None

    def dump(self) -> bytes:
        """Return the body as JSON."""
        return _ENCODER.encode(self)


def reading_of(body: Body, of: Owner) -> Reading:
    """Return what a body says, for a person."""
    return read_receipt(body.pages, drafts.context_of(of))


def best_of(work: Work, of: Owner, document_id: int) -> tuple[Body, Reading | None]:
    """Return the reading of a document that knows its total best; of equals the first."""
    rows = readings.of_document(work, of.id, document_id)
    bodies = [_DECODER.decode(work.seal.open(row.body)) for row in rows if row.body is not None]
    read = [(body, reading_of(body, of)) for body in bodies if body.pages]
    if not read:
        return (bodies[-1] if bodies else Body(trouble="failed")), None
    return max(read, key=lambda one: one[1].total.confidence if one[1].total else -1.0)


def of_print(body: Body, reading: Reading) -> Fields:
    """Return the fields of what was printed."""
    return drafts.of_reading(reading, reader=body.reader, raw_text=drafts.text_of(body.pages))


def unread(of: Owner, body: Body) -> Fields:
    """Return the fields of a picture that could not be read: nothing but the question."""
    question = "no_reader" if body.trouble in ("no_reader", "not_configured") else "unreadable"
    return Fields(
        currency=Value(of.currency), questions=(question,), flags=(f"trouble_{body.trouble}",), confidence=0.0
    )


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Body)
