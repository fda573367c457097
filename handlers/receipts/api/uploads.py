"""`POST /receipts`: a file is kept and answered at once; what is read of it fills its draft later (CAP-11, CAP-1).

The draft is there from the beginning, with id and code, and says `reading` until the reader is done. What its person
told meanwhile is not overwritten. The same bytes are the same receipt, whichever way they came (DUP-1).
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from pydantic import Field

from bot.core.calls import Done, Outcome
from bot.core.calls.reading import PrintRead, ReadPrint
from bot.core.errors import Problem
from bot.engine.api import Call, Reply, Route, Upload
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.receipts import drafts, reading_rights
from handlers.receipts.api.receipts import FILES, READING, ReceiptOut, shown
from handlers.receipts.api.values import Taken
from handlers.receipts.duplicates import older_of
from handlers.receipts.fields import Fields, Value
from handlers.receipts.flow.pictures import LIMIT, READER, SURE, VERSION
from handlers.receipts.flow.readings import Body, masked, of_print, unread
from handlers.receipts.owner import Owner, owner_of
from handlers.receipts.reading import Flag, read_as_one
from storage import blobs
from storage.receipts import documents, readings, receipts, sources
from storage.receipts.duplicates import point_at
from storage.receipts.receipts import WAITING
from storage.work import Work

THEN = "api_receipt_read"
DEAD = ("rejected", "failed")


class UploadQuery(Taken):
    """What may be said of a file; the same `external_id` is never taken twice (CAP-12)."""

    external_id: str | None = Field(None, min_length=1, max_length=200)


class Job(msgspec.Struct, frozen=True):
    """What a reading is for."""

    reading: int
    document: int
    receipt: int
    closely: bool = False
    operation: str = ""


def register(registry: Registry) -> None:
    """Register what becomes of a reading."""
    registry.on(f"call:{THEN}")(read)


# -- taking in -----------------------------------------------------------------------------------------------------


def upload(call: Call) -> Reply:
    """Keep a file, open its draft, and have it read."""
    work, file, owner = call.work, call.body, owner_of(call.work, call.person_id)
    assert isinstance(file, Upload)  # noqa: S101
    known = documents.same_bytes(work, owner.id, file.sha256)
    alive = _alive(work, owner.id, known)
    if alive is not None:
        return _answer(call, alive.id, status=200)
    _need_room(work, owner.id)
    source_id = _source(call, file.sha256)
    document_id = known.id if known is not None else _keep(work, owner.id, file, source_id)
    operation = reading_rights.reserve(call.turn, document_id)
    fields = Fields(currency=Value(owner.currency, confidence=0.0), flags=(READING,), confidence=0.0)
    if operation is None:
        fields = unread(owner, Body(trouble=reading_rights.USED_UP))
    row = drafts.open_draft(work, owner, fields, source_id=source_id, pages=[document_id])
    if operation is not None:
        _have_read(call.turn, document_id, row.id, operation=operation)
    return _answer(call, row.id, status=202)


def _alive(work: Work, person_id: int, document: sa.Row[Any] | None) -> sa.Row[Any] | None:
    """Return the receipt that a known file belongs to, unless it was dropped."""
    if document is None or document.receipt_id is None:
        return None
    row = receipts.load(work, person_id, document.receipt_id)
    return None if row is None or row.state in DEAD else row


def _need_room(work: Work, person_id: int) -> None:
    if sum(one.entries for one in receipts.waiting_sums(work, person_id)) >= drafts.MOST_WAITING:
        raise Problem(409, "too_many_waiting", f"{drafts.MOST_WAITING} drafts wait. Confirm or delete some first.")


def _source(call: Call, sha256: str) -> int | None:
    """Claim what the caller calls the file; without a name its bytes are its name."""
    chosen = call.query.external_id
    name = f"receipt:{chosen}" if chosen else f"file:{sha256}"
    found = sources.claim(call.work, call.person_id, kind="api", provider_id=name)
    if found is None and chosen:
        raise Problem(409, "duplicate", "This external_id was taken before.", field="external_id")
    return found


def _keep(work: Work, person_id: int, file: Upload, source_id: int | None) -> int:
    blob_id = work.new_id()
    blobs.keep(work, blob_id=blob_id, data=file.data, media_type=file.media_type, person_id=person_id)
    made = documents.add(
        work, person_id, sha256=file.sha256, size=len(file.data), media_type=file.media_type, blob_id=blob_id,
        source_id=source_id,
    )  # fmt: skip
    assert made is not None  # noqa: S101  (`same_bytes` saw none, and the person is held)
    return made


def _answer(call: Call, receipt_id: int, *, status: int) -> Reply:
    row = receipts.load(call.work, call.person_id, receipt_id)
    assert row is not None  # noqa: S101
    model = shown(call.work, call.person_id, row)
    return Reply(model, status, revision=row.revision, location=f"/api/v1/receipts/{row.id}")


def _have_read(turn: Turn, document_id: int, receipt_id: int, *, operation: str, closely: bool = False) -> None:
    person_id = turn.person.id
    document = documents.load(turn.work, person_id, document_id)
    earlier = len(readings.of_document(turn.work, person_id, document_id))
    reading_id = readings.claim(turn.work, person_id, document_id, reader=READER, version=f"{VERSION}.{earlier}")
    assert document is not None and reading_id is not None  # noqa: S101, PT018
    job = Job(reading_id, document_id, receipt_id, closely, operation)
    turn.call(
        ReadPrint([document.blob_id], closely=closely), key=f"read:{reading_id}", then=THEN,
        context=msgspec.to_builtins(job), limit=LIMIT,
    )  # fmt: skip


# -- what was read -------------------------------------------------------------------------------------------------


def read(turn: Turn) -> None:
    """Keep what was read and fill the draft, without a word in the chat; a doubtful total is looked at again."""
    turn.silent = True
    job, outcome = msgspec.convert(turn.event.payload["context"], Job), outcome_of(turn)
    owner = owner_of(turn.work, turn.person.id)
    body = _body(outcome)
    duration = outcome.result.duration_ms if isinstance(outcome, Done) else 0
    if not readings.finish(turn.work, owner.id, job.reading, body=msgspec.json.encode(body), duration_ms=duration):
        return
    documents.recognise(turn.work, owner.id, job.document, perceptual_hash=body.perceptual_hash, pages=len(body.pages))
    if not job.closely:
        reading_rights.settle(turn, job.operation, was_read=bool(body.pages))
    row = receipts.load(turn.work, owner.id, job.receipt)
    if row is None or row.state not in WAITING:
        return
    found = _fields(turn.work, owner, body)
    again = bool(body.pages) and not job.closely and found.confidence < SURE and Flag.PARKING_NOTICE not in found.flags
    if again:
        _have_read(turn, job.document, job.receipt, operation=job.operation, closely=True)
    fields = _fill(turn.work, owner, row, _better(drafts.load(turn.work, row), found), still_reading=again)
    older = older_of(turn.work, owner.id, fields, than=row.id, perceptual_hash=body.perceptual_hash)
    if older is not None:
        point_at(turn.work, owner.id, row.id, older)


def _body(outcome: Outcome) -> Body:
    if not isinstance(outcome, Done) or not isinstance(outcome.result, PrintRead):
        return Body(trouble=getattr(outcome, "code", "failed"))
    result = outcome.result
    trouble = None if result.pages else next(iter(result.trouble.values()), "unreadable")
    return Body(masked(result.pages), trouble, perceptual_hash=next(iter(result.hashes.values()), None))


def _fields(work: Work, owner: Owner, body: Body) -> Fields:
    if not body.pages:
        return unread(owner, body)
    context = drafts.context_of(work, owner, drafts.lines_of(body.pages))
    return of_print(owner, body, read_as_one(body.pages, context))


def _better(before: Fields, found: Fields) -> Fields:
    """Return the surer of two looks, with everything that the person told meanwhile."""
    first_look = before.reader != READER
    chosen = found if first_look or found.confidence > before.confidence else before
    told = {
        name: value
        for name in Fields.__struct_fields__
        if isinstance(value := getattr(before, name), Value) and value.origin == "person"
    }
    said = {name: value for name in ("description", "note", "tags") if (value := getattr(before, name))}
    if before.reason == "told":
        said |= {"category_id": before.category_id, "reason": "told"}
    settles = {"total": ("total", "amount", "unreadable"), "date": ("date", "date_order", "date_old", "date_future"),
               "currency": ("currency",), "merchant": ("merchant",)}  # fmt: skip
    gone = {question for name in told for question in settles.get(name, ())}
    left = tuple(one for one in chosen.questions if one not in gone)
    return chosen.but(**told, **said, questions=left)


def _fill(work: Work, owner: Owner, row: sa.Row[Any], fields: Fields, *, still_reading: bool) -> Fields:
    flags = tuple(one for one in fields.flags if one != READING) + ((READING,) if still_reading else ())
    fields = drafts.settled(work, owner, fields.but(flags=flags))
    receipts.change(work, owner.id, row.id, fields.as_draft(), revision=row.revision)
    drafts.keep_lines(work, owner.id, row.id, fields)
    if not fields.questions and fields.amount is not None:
        receipts.move(work, owner.id, row.id, was=("needs_review",), to="draft")
    return fields


ROUTES = (
    Route(
        "POST", "/receipts", upload, "Upload a picture or PDF of a receipt", ReceiptOut, 202, query=UploadQuery,
        takes=FILES, writes=True,
    ),
)  # fmt: skip
