"""Sending books to another program, one batch of orders after the other (EXP-9, EXP-10).

Each batch is a call; its outcome begins the next one, and how far it has come stands in the row of the export. Batches
may be repeated without harm: each entry is looked for by our id first. Entries that were refused are told and come
again with the next NEW; what was sent is marked when all batches are through.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, Field

from bot.core.calls import Done, Refused
from bot.core.calls.books import BooksSent, ExportMade, SendToActual, SendToFirefly
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.receipts.exports import export_rights
from handlers.receipts.exports.mark_file import without
from storage import blobs
from storage.blobs import blob
from storage.receipts import connections, exports

THEN = "receipts.sent"
LIMIT = timedelta(hours=6)
_TOLD = ("unauthorized", "not_allowed", "not_found", "no_account")
_NAMED = 3


class Progress(BaseModel):
    """How far the sending of an export has come."""

    orders: list[int]
    mark_blob: int | None = None
    at: int = 0
    skip: int = 0
    made: int = 0
    changed: int = 0
    lost_pictures: int = 0
    refused: list[str] = Field(default_factory=list)
    missing: list[str] = Field(default_factory=list)


def register(registry: Registry) -> None:
    """Register the outcome of a batch."""
    registry.on(f"call:{THEN}")(sent)


def begin(turn: Turn, export_id: int, made: ExportMade) -> None:
    """Send the first batch."""
    progress = Progress(orders=[one.blob for one in made.files], mark_blob=made.mark_blob)
    turn.say("receipts.sending.begun", count=made.weighed.count)
    _next(turn, export_id, progress)


def _next(turn: Turn, export_id: int, progress: Progress) -> None:
    row = exports.load(turn.work, turn.person.id, export_id)
    settings = connections.load(turn.work, turn.person.id, row.kind) if row is not None else None
    if row is None or settings is None:
        _stop(turn, export_id, "unauthorized")
        return
    exports.note_progress(turn.work, turn.person.id, export_id, progress.model_dump_json().encode())
    orders = progress.orders[progress.at]
    call: Any = (
        SendToFirefly(settings["url"], settings["token"], orders, progress.skip)
        if row.kind == "firefly"
        else SendToActual(settings["url"], settings["token"], settings.get("budget", ""), orders)
    )
    turn.call(call, then=THEN, context={"export": export_id, "at": progress.at, "skip": progress.skip}, limit=LIMIT)


def sent(turn: Turn) -> None:
    """Count what a batch came to, and send the next one or tell the end."""
    context = turn.event.payload["context"]
    export_id, outcome = int(context["export"]), outcome_of(turn)
    row = exports.load(turn.work, turn.person.id, export_id)
    known = exports.progress(turn.work, row) if row is not None and row.state == "making" else None
    turn.purpose = "reply"
    turn.silent = known is None
    if known is None:
        return
    progress = Progress.model_validate_json(known)
    if (progress.at, progress.skip) != (context["at"], context["skip"]):
        turn.silent = True
    elif isinstance(outcome, Done) and isinstance(outcome.result, BooksSent):
        _count(turn, export_id, progress, outcome.result)
    else:
        _stop(turn, export_id, outcome.code if isinstance(outcome, Refused) else "")


def _count(turn: Turn, export_id: int, progress: Progress, result: BooksSent) -> None:
    progress.made += result.made
    progress.changed += result.changed
    progress.lost_pictures += result.lost_pictures
    progress.refused += result.refused
    progress.missing = list(dict.fromkeys([*progress.missing, *result.missing]))
    progress.at, progress.skip = (progress.at + 1, 0) if result.done < 0 else (progress.at, result.done)
    if progress.at < len(progress.orders):
        turn.silent = True
        _next(turn, export_id, progress)
        return
    exports.made(turn.work, turn.person.id, export_id, [], mark_blob=_mark(turn, progress))
    export_rights.settle(turn, export_id, made=True)
    turn.say("receipts.sending.done", made=progress.made, changed=progress.changed)
    if progress.refused:
        turn.say("receipts.sending.refused", count=len(progress.refused))
    if progress.missing:
        turn.say("receipts.sending.missing", names=", ".join(progress.missing[:_NAMED]))
    if progress.lost_pictures:
        turn.say("receipts.sending.pictures", count=progress.lost_pictures)


def _mark(turn: Turn, progress: Progress) -> int | None:
    """Return the blob of what was sent; what was refused is not in it."""
    if not progress.refused or progress.mark_blob is None:
        return progress.mark_blob
    person_id = turn.person.id
    row = turn.row(sa.select(blob.c.data).where(blob.c.id == progress.mark_blob, blob.c.person_id == person_id))
    if row is None:
        return None
    blob_id, content = turn.work.new_id(), without(turn.work.seal.open(row.data), progress.refused)
    blobs.keep(turn.work, blob_id=blob_id, data=content, media_type="application/octet-stream", person_id=person_id)
    return blob_id


def _stop(turn: Turn, export_id: int, code: str) -> None:
    exports.end(turn.work, turn.person.id, export_id, state="ended")
    export_rights.settle(turn, export_id, made=False)
    turn.say(f"receipts.sending.{code if code in _TOLD else 'failed'}")
