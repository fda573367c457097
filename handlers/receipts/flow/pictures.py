"""Pictures and files of receipts: stored at once, read by a job, answered when they are read (CAP-1, CAP-2, DRF-9).

    U> (photo)
    B> Trader Joe's $26.23, Mar 15, Supermarket. OK to save, EDIT to change, DROP to forget.

What arrives together is one batch: each picture has its own call, and the last outcome brings the answer for all. A
picture whose reading is in doubt is looked at once more, closely (OCR-7). What cannot be read keeps its place as a
draft that asks for the three values.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from bot.core.calls import Done
from bot.core.calls.channels import StoredMedia
from bot.core.calls.reading import PrintedPage, PrintRead, ReadPrint
from bot.core.masking import mask
from bot.core.prompts import Answer
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.receipts import drafts, wording
from handlers.receipts.duplicates import older_of
from handlers.receipts.fields import Fields, Value
from handlers.receipts.flow import batch
from handlers.receipts.flow.captions import NO_CAPTION, Caption, captioned
from handlers.receipts.flow.elsewhere import tells_money
from handlers.receipts.flow.flow import Seen, open_receipt, owner, receipt_flow, see, tree_of
from handlers.receipts.owner import Owner
from handlers.receipts.reading import Flag, Reading, read_receipt
from storage.receipts import documents, readings, receipts, sources
from storage.receipts.duplicates import point_at
from storage.receipts.receipts import WAITING

CALL = "receipt_read"
READER, VERSION = "local_ocr", "1"
LIMIT = timedelta(minutes=30)
APPEAL = "appeal"
"""The flow to which a notice of a parking violation is offered (OCR-10)."""
SURE = 0.9
"""Below this a total is looked at once more, closely."""


class Job(msgspec.Struct, frozen=True):
    """What a reading is for: its row, its document, its batch, the caption, and whether it looks closely."""

    reading: int
    document: int
    batch: tuple[int, ...]
    closely: bool = False
    caption: str = ""


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a reading: the pages as read, or why there are none; and how the picture looks as a whole."""

    pages: tuple[PrintedPage, ...] = ()
    trouble: str | None = None
    reader: str = "local_ocr"
    perceptual_hash: int | None = None


# -- taking in -----------------------------------------------------------------------------------------------------


def take_pictures(turn: Turn, answer: Answer) -> None:
    """Store what arrived and have it read; what was sent before is told, not read again (CAP-13, DUP-1)."""
    of = owner(turn)
    waiting = sum(one.entries for one in receipts.waiting_sums(turn.work, of.id))
    if waiting + len(answer.pictures) > drafts.MOST_WAITING:
        turn.say("receipts.too_many_waiting", count=waiting)
        return
    fresh = [_document(turn, of, media, place) for place, media in enumerate(answer.pictures)]
    new = tuple(one for one in fresh if one is not None)
    if new:
        begin_reading(turn, new, caption=answer.text)
        turn.silent = not turn.lines


def _document(turn: Turn, of: Owner, media: StoredMedia, place: int) -> int | None:
    """Return the document to read, None for bytes that are known."""
    work, pdf = turn.work, media.media_type == "application/pdf"
    kind = "pdf" if pdf else "mms" if turn.channel == "sms" else "photo"
    origin = media.ref.unique or media.ref.ref
    source = sources.claim(work, of.id, kind=kind, provider_id=origin, media_index=place)
    sha256 = str(media.sha256)
    known = documents.same_bytes(work, of.id, sha256)
    if known is not None:
        return _known(turn, known)
    return documents.add(
        work, of.id, sha256=sha256, size=media.size, media_type=media.media_type or "", blob_id=media.blob or 0,
        source_id=source,
    )  # fmt: skip


def _known(turn: Turn, document: Any) -> int | None:
    """Say what a known picture is: saved, waiting, or (when it was dropped) one to read again."""
    seen = see(turn, document.receipt_id) if document.receipt_id else None
    if seen is None or seen.row.state in ("rejected", "failed"):
        return int(document.id)
    if seen.row.state in WAITING:
        open_receipt(turn, seen.row.id)
        return None
    once_more(turn, seen)
    return None


def once_more(turn: Turn, older: Seen) -> None:
    """Open a draft that repeats a saved receipt, and ask whether it is the same purchase."""
    fields = older.fields.but(questions=(), reader="rule")
    row = drafts.open_draft(turn.work, older.owner, fields)
    point_at(turn.work, older.owner.id, row.id, older.row.id)
    open_receipt(turn, row.id, step="duplicate", older_id=older.row.id)


def begin_reading(turn: Turn, batch_ids: Sequence[int], *, caption: str = "") -> None:
    """Have documents read, each by its own call."""
    for one in batch_ids:
        _call(turn, one, tuple(batch_ids), caption=caption)


def _call(
    turn: Turn, document_id: int, batch_ids: tuple[int, ...], *, closely: bool = False, caption: str = ""
) -> None:
    person_id = turn.person.id
    document = documents.load(turn.work, person_id, document_id)
    earlier = len(readings.of_document(turn.work, person_id, document_id))
    reading_id = readings.claim(turn.work, person_id, document_id, reader=READER, version=f"{VERSION}.{earlier}")
    assert document is not None and reading_id is not None  # noqa: S101, PT018
    job = Job(reading_id, document_id, batch_ids, closely, caption)
    turn.call(
        ReadPrint([document.blob_id], closely=closely), key=f"read:{reading_id}", then=CALL,
        context=msgspec.to_builtins(job), limit=LIMIT, typing=True,
    )  # fmt: skip


# -- what was read -------------------------------------------------------------------------------------------------


def read(turn: Turn) -> None:
    """Keep what was read of one document; the last of its batch brings the answer."""
    job = msgspec.convert(turn.event.payload["context"], Job)
    of, outcome = owner(turn), outcome_of(turn)
    body = _body(outcome.result) if isinstance(outcome, Done) else Body(trouble=getattr(outcome, "code", "failed"))
    duration = outcome.result.duration_ms if isinstance(outcome, Done) else 0
    readings.finish(turn.work, of.id, job.reading, body=_ENCODER.encode(body), duration_ms=duration)
    documents.recognise(turn.work, of.id, job.document, perceptual_hash=body.perceptual_hash, pages=len(body.pages))
    if body.pages and not job.closely and _is_in_doubt(_reading_of(body, of)):
        _call(turn, job.document, job.batch, closely=True, caption=job.caption)
    if all(_is_read(turn, one) for one in job.batch):
        turn.purpose = "reply"
        answer_for(turn, of, job.batch, caption=job.caption)
    else:
        turn.silent = True


def _body(result: PrintRead) -> Body:
    trouble = next(iter(result.trouble.values()), "unreadable")
    shape = next(iter(result.hashes.values()), None)
    return Body(tuple(result.pages), None if result.pages else trouble, perceptual_hash=shape)


def _reading_of(body: Body, of: Owner) -> Reading:
    return read_receipt(body.pages, drafts.context_of(of))


def _is_in_doubt(reading: Reading) -> bool:
    """Tell whether a second look may be worth its time (OCR-7)."""
    return Flag.PARKING_NOTICE not in reading.flags and (reading.total is None or reading.total.confidence < SURE)


def _is_read(turn: Turn, document_id: int) -> bool:
    return all(row.body is not None for row in readings.of_document(turn.work, turn.person.id, document_id))


def _best(turn: Turn, of: Owner, document_id: int) -> tuple[Body, Reading | None]:
    """Return the reading of a document that knows its total best; of equals the first."""
    rows = readings.of_document(turn.work, of.id, document_id)
    bodies = [_DECODER.decode(turn.work.seal.open(row.body)) for row in rows if row.body is not None]
    read = [(body, _reading_of(body, of)) for body in bodies if body.pages]
    if not read:
        return (bodies[-1] if bodies else Body(trouble="failed")), None
    return max(read, key=lambda one: one[1].total.confidence if one[1].total else -1.0)


def answer_for(turn: Turn, of: Owner, batch_ids: Sequence[int], *, caption: str = "") -> None:
    """Make a draft of each document and show them: one as itself, several as a list."""
    said = Caption(caption, alone=len(batch_ids) == 1)
    opened = [made for one in batch_ids if (made := draft_of(turn, of, one, said=said)) is not None]
    top = turn.conversation.top
    if not opened:
        return
    if top is not None and top.flow != receipt_flow.name:
        turn.say(
            "receipts.waits" if len(opened) == 1 else "receipts.wait", count=len(opened), what=_named(turn, opened)
        )
        return
    batch.open_batch(turn, opened, explained=False)


def _named(turn: Turn, receipt_ids: Sequence[int]) -> str:
    seen = see(turn, receipt_ids[0])
    return wording.priced(turn, seen.fields) if seen else ""


def draft_of(turn: Turn, of: Owner, document_id: int, *, said: Caption = NO_CAPTION) -> int | None:
    """Store the draft of a document that was read and return its id; None when it has one already."""
    work = turn.work
    document = documents.load(work, of.id, document_id)
    if document is None or (document.receipt_id and _is_alive(turn, document.receipt_id)):
        return None
    body, reading = _best(turn, of, document_id)
    fields = unread(of, body) if reading is None else of_print(of, body, reading)
    if reading is not None and Flag.PARKING_NOTICE in reading.flags and APPEAL in turn.registry.flows:
        fields = fields.but(questions=("parking", *fields.questions))
    fields = drafts.settled(work, of, fields)
    if said.words:
        fields = drafts.settled(work, of, captioned(fields, said, of, tree_of(turn, of)))
    row = drafts.open_draft(work, of, fields, source_id=document.source_id, pages=[document_id])
    older = older_of(work, of.id, fields, than=row.id, perceptual_hash=body.perceptual_hash)
    if older is not None:
        point_at(work, of.id, row.id, older)
    return int(row.id)


def _is_alive(turn: Turn, receipt_id: int) -> bool:
    row = receipts.load(turn.work, turn.person.id, receipt_id)
    return row is not None and row.state not in ("rejected", "failed")


def of_print(of: Owner, body: Body, reading: Reading) -> Fields:
    """Return the fields of what was printed; a print on which no money stands is no receipt."""
    text = drafts.text_of(body.pages)
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
