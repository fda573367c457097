"""What is kept of a reading, and which of several readings of a document is believed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from bot.core.calls.reading import PrintedPage, SeenField
from bot.core.masking import mask
from handlers.receipts import drafts
from handlers.receipts.fields import Fields, Value
from handlers.receipts.flow.elsewhere import tells_money
from handlers.receipts.owner import Owner
from handlers.receipts.reading import Reading, read_receipt
from handlers.receipts.reading.second_opinion import with_model
from storage.receipts import readings
from storage.work import Work

LOCAL = "local_ocr"


class Said(msgspec.Struct, frozen=True):
    """A field as a model says it is printed, with its line."""

    value: str
    evidence: str


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a reading: the pages as read, or why there are none; and how the picture looks as a whole.

    Of a model it is what it said: fields and lines. `part` is the number of a receipt that shares its picture with
    others: such a body stands before all readings of the whole picture.
    """

    pages: tuple[PrintedPage, ...] = ()
    trouble: str | None = None
    reader: str = LOCAL
    perceptual_hash: int | None = None
    said: dict[str, Said] = {}
    lines: tuple[str, ...] = ()
    part: int = 0

    def dump(self) -> bytes:
        """Return the body as JSON."""
        return _ENCODER.encode(self)


def masked(pages: Iterable[PrintedPage]) -> tuple[PrintedPage, ...]:
    """Return pages without card numbers but for their last four digits: nothing else is ever stored (SEC-R3)."""
    return tuple(
        replace(page, lines=[replace(line, text=mask(line.text).text) for line in page.lines]) for page in pages
    )


def reading_of(work: Work, body: Body, of: Owner) -> Reading:
    """Return what a body says, for a person."""
    return read_receipt(body.pages, drafts.context_of(work, of, drafts.lines_of(body.pages)))


def bodies_of(work: Work, of: Owner, document_id: int) -> list[Body]:
    """Return all that was read of a document, oldest first."""
    rows = readings.of_document(work, of.id, document_id)
    return [_DECODER.decode(work.seal.open(row.body)) for row in rows if row.body is not None]


def best_of(work: Work, of: Owner, document_id: int) -> tuple[Body, Reading | None]:
    """Return the reading of a document that knows its total best, of equals the first, with a model's opinion of it."""
    bodies = bodies_of(work, of, document_id)
    if part := next((body for body in bodies if body.part), None):
        return part, reading_of(work, part, of)
    read = [(body, reading_of(work, body, of)) for body in bodies if body.pages]
    opinion = next((body for body in bodies if body.said or body.lines), None)
    best = max(read, key=lambda one: one[1].total.confidence if one[1].total else -1.0, default=None)
    if opinion is not None:
        return _with_opinion(work, of, opinion, best[0] if best else None)
    if best is None:
        local = [body for body in bodies if body.reader == LOCAL]
        return (local[-1] if local else Body(trouble="failed")), None
    return best


def _with_opinion(work: Work, of: Owner, opinion: Body, seen: Body | None) -> tuple[Body, Reading]:
    said = {name: SeenField(one.value, one.evidence) for name, one in opinion.said.items()}
    pages = seen.pages if seen else ()
    context = drafts.context_of(work, of, drafts.lines_of(pages) or opinion.lines)
    reading = with_model(pages, said, opinion.lines, context)
    shape = seen.perceptual_hash if seen else None
    return Body(pages, None, opinion.reader, shape, opinion.said, opinion.lines), reading


def of_print(of: Owner, body: Body, reading: Reading) -> Fields:
    """Return the fields of what was printed; a print on which no money stands is no receipt."""
    text = drafts.text_of(body.pages) or "\n".join(body.lines)
    if reading.total is None and not reading.totals and not tells_money(text) and not reading.flags:
        return unread(of, Body(trouble="no_receipt")).but(raw_text=mask(text[: drafts.LONGEST_RAW]).text)
    return drafts.of_reading(reading, reader=body.reader, raw_text=text)


def unread(of: Owner, body: Body) -> Fields:
    """Return the fields of a picture that could not be read: nothing but the question."""
    trouble = "no_reader" if body.trouble == "not_configured" else body.trouble
    question = "no_reader" if trouble == "no_reader" else "unreadable"
    return Fields(currency=Value(of.currency), questions=(question,), flags=(f"trouble_{trouble}",), confidence=0.0)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Body)
