"""Pictures and files of receipts: stored at once, read by a job, answered when they are read (CAP-1, CAP-2, DRF-9).

    U> (photo)
    B> Trader Joe's $26.23, Mar 15, Supermarket. OK to save, EDIT to change, DROP to forget.

What arrives together is one batch: each picture has its own call, and the last outcome brings the answer for all. A
picture whose reading is in doubt is looked at once more, closely (OCR-7). Where its person allows it, a cloud reader
reads it too, and the next one when that fails; the local reader is their witness (OCR-5). What cannot be read keeps its
place as a draft that asks for the three values.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from bot.core.calls import Done
from bot.core.calls.channels import StoredMedia
from bot.core.calls.outcome import Outcome
from bot.core.calls.reading import PrintRead, ReadPrint, ReceiptRead
from bot.core.masking import mask
from bot.core.prompts import Answer
from bot.engine import slow
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.receipts import drafts, reading_rights, wording
from handlers.receipts.duplicates import older_of
from handlers.receipts.flow import batch, parting, readers
from handlers.receipts.flow import pages as receipt_pages
from handlers.receipts.flow.captions import NO_CAPTION, Caption, captioned
from handlers.receipts.flow.flow import Seen, keep, open_receipt, owner, receipt_flow, see, tree_of
from handlers.receipts.flow.readings import Body, Said, best_of, masked, of_print, reading_of, unread
from handlers.receipts.flow.saving import confirm, so_far, undo_offer
from handlers.receipts.owner import Owner
from handlers.receipts.reading import Flag, Reading
from storage.receipts import cloud_costs, documents, readings, receipts, sources
from storage.receipts.duplicates import point_at
from storage.receipts.receipts import WAITING

CALL = "receipt_read"
READER, VERSION = "local_ocr", "1"
LIMIT = timedelta(minutes=30)
CLOUD_LIMIT = timedelta(minutes=2)
"""How long a cloud reader may hold up the answer."""
LONGEST = 200
APPEAL = "appeal"
"""The flow to which a notice of a parking violation is offered (OCR-10)."""
SURE = 0.9
"""Below this a total is looked at once more, closely."""


class Job(msgspec.Struct, frozen=True):
    """What a reading is for: its row, its document, all documents that came with it, and whether it looks closely.

    `joins` is the draft that they are pages of, `caption` the words that came along. A cloud reader's job also holds
    which were tried before it, and what was reserved on which day. `operation` is the reading set aside for it.
    """

    reading: int
    document: int
    batch: tuple[int, ...]
    closely: bool = False
    joins: int | None = None
    caption: str = ""
    reader: str = READER
    tried: tuple[str, ...] = ()
    reserved: int = 0
    day: int = 0
    operation: str = ""


# -- taking in -----------------------------------------------------------------------------------------------------


def take_pictures(turn: Turn, answer: Answer) -> None:
    """Store what arrived and have it read; what was sent before is told, not read again (CAP-13, DUP-1)."""
    of = owner(turn)
    waiting = sum(one.entries for one in receipts.waiting_sums(turn.work, of.id))
    if waiting + len(answer.pictures) > drafts.MOST_WAITING:
        turn.say("receipts.too_many_waiting", count=waiting)
        return
    said = Caption(answer.text, alone=len(answer.pictures) == 1)
    fresh = [_document(turn, of, media, place, said) for place, media in enumerate(answer.pictures)]
    new = tuple(one for one in fresh if one is not None)
    if new:
        read_or_keep(turn, new, joins=receipt_pages.page_wanted(turn), caption=answer.text)


def _document(turn: Turn, of: Owner, media: StoredMedia, place: int, said: Caption) -> int | None:
    """Return the document to read, None for bytes that are known."""
    work, pdf = turn.work, media.media_type == "application/pdf"
    kind = "pdf" if pdf else "mms" if turn.channel == "sms" else "photo"
    origin = media.ref.unique or media.ref.ref
    source = sources.claim(work, of.id, kind=kind, provider_id=origin, media_index=place)
    sha256 = str(media.sha256)
    known = documents.same_bytes(work, of.id, sha256)
    if known is not None:
        return _known(turn, known, said)
    return documents.add(
        work, of.id, sha256=sha256, size=media.size, media_type=media.media_type or "", blob_id=media.blob or 0,
        source_id=source,
    )  # fmt: skip


def _known(turn: Turn, document: Any, said: Caption) -> int | None:
    """Say what a known picture is: saved, waiting, or (when it was dropped) one to read again.

    Words that came with it change the draft that waits, or the second one of a receipt that is saved.
    """
    seen = see(turn, document.receipt_id) if document.receipt_id else None
    if seen is None or seen.row.state in ("rejected", "failed"):
        return int(document.id)
    if seen.row.state in WAITING:
        fields = captioned(seen.fields, said, seen.owner, tree_of(turn, seen.owner))
        if fields != seen.fields:
            keep(turn, seen, drafts.settled(turn.work, seen.owner, fields))
        open_receipt(turn, seen.row.id)
        return None
    once_more(turn, seen, said)
    return None


def once_more(turn: Turn, older: Seen, said: Caption = NO_CAPTION) -> None:
    """Open a draft that repeats a saved receipt, and ask whether it is the same purchase."""
    fields = captioned(older.fields.but(questions=(), reader="rule"), said, older.owner, tree_of(turn, older.owner))
    row = drafts.open_draft(turn.work, older.owner, fields)
    point_at(turn.work, older.owner.id, row.id, older.row.id)
    open_receipt(turn, row.id, step="duplicate", older_id=older.row.id)


def read_or_keep(turn: Turn, batch_ids: Sequence[int], *, joins: int | None = None, caption: str = "") -> None:
    """Have documents read; those for which no reading is left are kept as drafts that ask (CAP-14)."""
    left = begin_reading(turn, batch_ids, joins=joins, caption=caption)
    kept = [_keep_unread(turn, one) for one in left]
    top = turn.conversation.top
    if kept and len(left) == len(batch_ids) and (top is None or top.flow == receipt_flow.name):
        batch.open_batch(turn, kept)
    elif kept:
        turn.say("receipts.kept_unread", count=len(kept), told=reading_rights.told(turn))
    turn.silent = not kept and not turn.lines


def _keep_unread(turn: Turn, document_id: int) -> int:
    of, document = owner(turn), documents.load(turn.work, turn.person.id, document_id)
    fields = drafts.settled(turn.work, of, unread(of, Body(trouble=reading_rights.USED_UP)))
    source_id = None if document is None else document.source_id
    return int(drafts.open_draft(turn.work, of, fields, source_id=source_id, pages=[document_id]).id)


def begin_reading(turn: Turn, batch_ids: Sequence[int], *, joins: int | None = None, caption: str = "") -> list[int]:
    """Have documents read, each by its own call; they may be more pages of a draft. Return those that may not be."""
    of = owner(turn)
    operations = {one: reading_rights.reserve(turn, one) for one in batch_ids}
    allowed = tuple(one for one, operation in operations.items() if operation is not None)
    for one in allowed:
        wanted = Job(0, one, allowed, joins=joins, caption=caption, operation=operations[one] or "")
        _call(turn, wanted)
        _call_cloud(turn, of, wanted)
    if allowed:
        slow.watch(turn, _wait_of(allowed))
    return [one for one in batch_ids if one not in allowed]


def _wait_of(batch_ids: Sequence[int]) -> str:
    return f"read:{batch_ids[0]}"


def _call(turn: Turn, wanted: Job) -> None:
    """Have the local reader read a document."""
    person_id = turn.person.id
    document = documents.load(turn.work, person_id, wanted.document)
    earlier = len(readings.of_document(turn.work, person_id, wanted.document))
    reading_id = readings.claim(turn.work, person_id, wanted.document, reader=READER, version=f"{VERSION}.{earlier}")
    assert document is not None and reading_id is not None  # noqa: S101, PT018
    job = msgspec.structs.replace(wanted, reading=reading_id)
    turn.call(
        ReadPrint([document.blob_id], closely=wanted.closely), key=f"read:{reading_id}", then=CALL,
        context=msgspec.to_builtins(job), limit=LIMIT, typing=True,
    )  # fmt: skip


def _call_cloud(turn: Turn, of: Owner, wanted: Job) -> None:
    """Have the next cloud reader see a picture, if one may."""
    document = documents.load(turn.work, of.id, wanted.document)
    if document is None or not document.media_type.startswith("image/"):
        return
    reader = readers.reserve(turn, of, wanted.document, tried=wanted.tried)
    if reader is None:
        return
    earlier = len(readings.of_document(turn.work, of.id, wanted.document))
    reading_id = readings.claim(turn.work, of.id, wanted.document, reader=reader, version=f"{VERSION}.{earlier}")
    assert reading_id is not None  # noqa: S101
    reserved, day = readers.ESTIMATES[reader], cloud_costs.today(turn.work)
    job = msgspec.structs.replace(wanted, reading=reading_id, reader=reader, reserved=reserved, day=day)
    turn.call(
        readers.call_of(turn, reader, document.blob_id), key=f"read:{reading_id}", then=CALL,
        context=msgspec.to_builtins(job), limit=CLOUD_LIMIT, typing=True,
    )  # fmt: skip


# -- what was read -------------------------------------------------------------------------------------------------


def read(turn: Turn) -> None:
    """Keep what was read of one document; the last of its batch brings the answer."""
    job = msgspec.convert(turn.event.payload["context"], Job)
    of, outcome = owner(turn), outcome_of(turn)
    body = _body(outcome, job.reader)
    duration = outcome.result.duration_ms if isinstance(outcome, Done) else 0
    cost = readers.cost_of(job.reader, outcome) if job.reserved else 0
    readings.finish(turn.work, of.id, job.reading, body=body.dump(), cost_micros=cost, duration_ms=duration)
    if job.reader != READER:
        cloud_costs.settle(turn.work, of.id, job.day, reserved=job.reserved, cost=cost)
        if body.trouble is not None:
            _call_cloud(turn, of, msgspec.structs.replace(job, tried=(*job.tried, job.reader)))
    else:
        shape, pages = body.perceptual_hash, len(body.pages)
        documents.recognise(turn.work, of.id, job.document, perceptual_hash=shape, pages=pages)
        if body.pages and not job.closely and _is_in_doubt(reading_of(turn.work, body, of)):
            _call(turn, msgspec.structs.replace(job, closely=True))
    if _is_read(turn, job.document):
        best, _ = best_of(turn.work, of, job.document)
        reading_rights.settle(turn, job.operation, was_read=best.trouble is None)
    if all(_is_read(turn, one) for one in job.batch):
        turn.purpose = "reply"
        slow.over(turn, _wait_of(job.batch))
        answer_for(turn, of, job)
    else:
        turn.silent = True


def _body(outcome: Outcome, reader: str) -> Body:
    if not isinstance(outcome, Done):
        return Body(trouble=getattr(outcome, "code", "failed"), reader=reader)
    result = outcome.result
    if isinstance(result, ReceiptRead):
        said = {
            name: Said(mask(one.value[:LONGEST]).text, mask(one.evidence[:LONGEST]).text)
            for name, one in result.fields.items()
        }
        nothing = None if said or result.lines else "unreadable"
        return Body(trouble=nothing, reader=reader, said=said, lines=tuple(mask(line).text for line in result.lines))
    return _print_body(result, reader)


def _print_body(result: PrintRead, reader: str) -> Body:
    trouble = next(iter(result.trouble.values()), "unreadable")
    shape = next(iter(result.hashes.values()), None)
    return Body(masked(result.pages), None if result.pages else trouble, reader, shape)


def _is_in_doubt(reading: Reading) -> bool:
    """Tell whether a second look may be worth its time (OCR-7)."""
    return Flag.PARKING_NOTICE not in reading.flags and (reading.total is None or reading.total.confidence < SURE)


def _is_read(turn: Turn, document_id: int) -> bool:
    return all(row.body is not None for row in readings.of_document(turn.work, turn.person.id, document_id))


def answer_for(turn: Turn, of: Owner, job: Job) -> None:
    """Make a draft of each receipt and show them: one as itself, several as a list, pages as what they belong to."""
    is_page = job.joins is not None
    shown = job.batch if is_page else [part for one in job.batch for part in parting.parted(turn.work, of, one)]
    said = Caption(job.caption, alone=len(shown) == 1)
    opened = [made for one in shown if (made := draft_of(turn, of, one, said=said)) is not None]
    before = see(turn, job.joins) if job.joins is not None else None
    if before is not None and before.waits:
        opened = [receipt_pages.join(turn, of, [before.row.id, *opened])]
    opened = receipt_pages.continued(turn, of, opened)
    if of.preferences.auto:
        opened = saved_at_once(turn, opened)
    top = turn.conversation.top
    if not opened:
        return
    if top is not None and top.flow != receipt_flow.name:
        turn.say(
            "receipts.waits" if len(opened) == 1 else "receipts.wait", count=len(opened), what=_named(turn, opened)
        )
        return
    batch.open_batch(turn, opened, explained=False)


def saved_at_once(turn: Turn, receipt_ids: Sequence[int]) -> list[int]:
    """Save the drafts of sure readings at once, say so, and return those that are still to be asked about (DRF-5)."""
    left = []
    for one in receipt_ids:
        seen = see(turn, one)
        if seen is None or not _is_sure(seen):
            left.append(one)
            continue
        place = len(turn.lines)
        confirm(turn, seen)
        line = wording.line(turn, seen.owner, tree_of(turn, seen.owner), seen.fields)
        spent = so_far(turn, seen.owner, seen.fields.day or seen.owner.today, seen.fields.currency.value)
        turn.lines.insert(place, turn.text("books.saved_at_once", code=seen.row.code, line=line, so_far=spent))
        turn.offer = undo_offer(seen.row.code)
    return left


def _is_sure(seen: Seen) -> bool:
    """Tell whether a reading needs no look: nothing to ask, like no other, its total above the margin."""
    known = seen.fields.name is not None and seen.fields.day is not None
    return batch.is_clear(seen) and known and seen.fields.confidence >= SURE and "unpaid" not in seen.fields.flags


def _named(turn: Turn, receipt_ids: Sequence[int]) -> str:
    seen = see(turn, receipt_ids[0])
    return wording.priced(turn, seen.fields) if seen else ""


def draft_of(turn: Turn, of: Owner, document_id: int, *, said: Caption = NO_CAPTION) -> int | None:
    """Store the draft of a document that was read and return its id; None when it has one already."""
    work = turn.work
    document = documents.load(work, of.id, document_id)
    if document is None or (document.receipt_id and _is_alive(turn, document.receipt_id)):
        return None
    body, reading = best_of(turn.work, of, document_id)
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
