"""`/exports`: files of the books, made in a process of their own and kept for a day (rules EXP-1 to EXP-8, SEC-R7).

An export is asked for, looked at until it is made, and its files are fetched. One of a kind is made at a time, whether
the chat or a program asked; `new` continues what either has had before.
"""

from __future__ import annotations

import datetime
import re
from typing import Any, Literal

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.books import ExportMade, MakeExport
from bot.core.errors import Problem
from bot.engine.api import Call, Reply, Route
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.receipts.api.pages import Paging, cursor_of, id_of
from handlers.receipts.api.values import Day, Given, Taken, missing, row_id
from handlers.receipts.exports import export_rights
from handlers.receipts.exports.starting import LIMIT
from storage.receipts import export_list, exports
from storage.receipts.exports import File, Wanted
from storage.work import Work

THEN = "api_exported"
Kind = Literal["csv", "items", "zip", "json", "beancount", "hledger", "ofx", "qif", "actual"]
"""All kinds that are files."""
FILE_TYPES = ("text/csv", "application/zip", "application/json", "text/plain", "application/x-ofx")
_SAFE = re.compile(r"[^A-Za-z0-9._-]")


class ExportIn(Taken):
    """What is wanted: all days, a range, or what is `new` or corrected since the last export of this kind."""

    kind: Kind
    start: Day | None = None
    end: Day | None = None
    new: bool = False


class FileOut(Given):
    """A finished file, to be fetched by its number within a day."""

    number: int
    name: str
    media_type: str
    size: int


class ExportOut(Given):
    """An export: `making`, `made`, or `ended` when there was nothing to export or it failed; `end` is not in it."""

    id: str
    kind: str
    state: str
    start: datetime.date | None
    end: datetime.date | None
    new: bool
    created_at: datetime.datetime
    files: list[FileOut]


class ExportPage(Given):
    """A page, newest first."""

    data: list[ExportOut]
    next: str | None


def register(registry: Registry) -> None:
    """Register what becomes of an export."""
    registry.on(f"call:{THEN}")(made)


def _shown(work: Work, person_id: int, row: sa.Row[Any]) -> ExportOut:
    files = [
        FileOut(number=one.seq + 1, name=one.name, media_type=one.media_type, size=one.size)
        for one in export_list.files(work, person_id, row.id)
    ]
    return ExportOut(
        id=str(row.id), kind=row.kind, state="ended" if row.state == "locked" else row.state, start=row.start,
        end=row.end, new=row.fresh, created_at=row.at, files=files,
    )  # fmt: skip


def _own(call: Call) -> sa.Row[Any]:
    found = exports.load(call.work, call.person_id, row_id(call.path["id"]))
    if found is None:
        raise missing()
    return found


def listing(call: Call) -> Reply:
    """Return a page of exports."""
    wanted: Paging = call.query
    rows = export_list.page(call.work, call.person_id, before=id_of(wanted.cursor), limit=wanted.limit + 1)
    page = rows[: wanted.limit]
    more = cursor_of(page[-1].id) if len(rows) > len(page) else None
    return Reply(ExportPage(data=[_shown(call.work, call.person_id, row) for row in page], next=more))


def get(call: Call) -> Reply:
    """Return one export."""
    return Reply(_shown(call.work, call.person_id, _own(call)))


def create(call: Call) -> Reply:
    """Have an export made."""
    new: ExportIn = call.body
    if new.new and (new.start or new.end):
        raise Problem(400, "invalid", "What is new has no range.", field="new")
    if new.start and new.end and new.start >= new.end:
        raise Problem(400, "invalid", "It must be after start.", field="end")
    if export_rights.is_day_spent(call.turn):
        raise Problem(429, "too_many_requests", "That is all for a day.", retry_after=3600)
    export_id = exports.begin(call.work, call.person_id, Wanted(new.kind, new.start, new.end, new.new))
    if export_id is None:
        raise Problem(409, "busy", "One of this kind is being made.", retry_after=20)
    if not export_rights.reserve(call.turn, export_id):
        raise Problem(403, "plan", export_rights.told(call.turn) or "No export is left in this period.")
    order = MakeExport(
        export_id, call.person_id, new.kind, start=_iso(new.start), end=_iso(new.end), fresh=new.new,
        mark_blob=exports.mark_of(call.work, call.person_id, new.kind).blob_id,
    )  # fmt: skip
    call.turn.call(order, then=THEN, context={"export": export_id}, limit=LIMIT)
    row = exports.load(call.work, call.person_id, export_id)
    assert row is not None  # noqa: S101
    return Reply(_shown(call.work, call.person_id, row), 202, location=f"/api/v1/exports/{export_id}")


def _iso(day: datetime.date | None) -> str | None:
    return None if day is None else day.isoformat()


def file(call: Call) -> Reply:
    """Return a finished file, to be saved."""
    row, number = _own(call), row_id(call.path["number"])
    found = next((one for one in export_list.files(call.work, call.person_id, row.id) if one.seq + 1 == number), None)
    content = None if found is None else export_list.content(call.work, call.person_id, found.blob_id)
    if found is None or content is None:
        raise missing()
    return Reply(data=content, media_type=found.media_type, filename=_SAFE.sub("_", found.name))


def made(turn: Turn) -> None:
    """Keep the files of an export, without a word in the chat."""
    turn.silent = True
    export_id, outcome = int(turn.event.payload["context"]["export"]), outcome_of(turn)
    result = outcome.result if isinstance(outcome, Done) else None
    if not isinstance(result, ExportMade) or result.asks:
        exports.end(turn.work, turn.person.id, export_id, state="ended")
        export_rights.settle(turn, export_id, made=False)
        return
    files = [File(one.blob, one.name, one.media_type, one.size) for one in result.files]
    exports.made(turn.work, turn.person.id, export_id, files, mark_blob=result.mark_blob)
    export_rights.settle(turn, export_id, made=True)


ROUTES = (
    Route("GET", "/exports", listing, "List exports", ExportPage, query=Paging),
    Route("POST", "/exports", create, "Have an export made", ExportOut, 202, body=ExportIn, writes=True),
    Route("GET", "/exports/{id}", get, "Get an export", ExportOut),
    Route("GET", "/exports/{id}/files/{number}", file, "Download a file", gives=FILE_TYPES),
)
