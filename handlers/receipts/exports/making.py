"""Making an export: from a person's rows to finished files, in a process that does nothing else.

`make` gives messages one after the other, so that never more than one file is in memory: first what the export holds,
then its files, last the mark. A child process is given the database and its keys through its pipe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from bot.core.clock import SystemClock
from bot.core.seal import Seal, parse_keys
from handlers.receipts.exports.account_file import account_file
from handlers.receipts.exports.beancount import used_accounts
from handlers.receipts.exports.export_file import PictureReader
from handlers.receipts.exports.export_kind import ExportKind, Options, dry_run, write
from handlers.receipts.exports.ledger import Ledger, Picture
from handlers.receipts.exports.mark_file import mark_bytes, mark_from
from handlers.receipts.exports.orders import order_files
from handlers.receipts.exports.qif import DateOrder
from handlers.receipts.exports.selection import ExportMark, Selection, advanced, since
from handlers.receipts.exports.stored import Books, stored_books
from storage.blobs import blob
from storage.database import Database
from storage.snapshot import snapshot
from storage.work import Work

Message = tuple[dict[str, Any], list[bytes]]
MOST_PICTURE_BYTES = 450_000_000
"""Ten volumes; whoever has more asks for a shorter range."""
EMBEDDED_BYTES = 6_000_000
"""Pictures inside a JSON file that can still be sent back to us (10 MB)."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made; the fields are those of the call `MakeExport`."""

    export_id: int
    person_id: int
    kind: str
    start: str | None = None
    end: str | None = None
    fresh: bool = False
    mark_blob: int = 0
    ask_above: int | None = None
    date_order: str = DateOrder.MONTH_FIRST
    bom: bool = False
    sends: bool = False


def serve(request: dict[str, Any], blobs: list[bytes]) -> Iterator[Message]:
    """Serve one request of the child process: `url` and `keys` of the database, and the `order`."""
    with snapshot(Database(request["url"]), Seal(parse_keys(request["keys"])), SystemClock()) as work:
        yield from make(work, Order(**request["order"]))


def make(work: Work, order: Order) -> Iterator[Message]:
    """Give `weighed` (with `asks`, alone), then each `file`, then the `mark`; or `trouble` alone."""
    kind = ExportKind(order.kind)
    books, selection, mark = _selected(work, order)
    ledger = books.ledger
    run = dry_run(kind, ledger)
    weighed = (
        asdict(run) | {"corrected": len(selection.corrected), "gone": len(selection.gone)}
        if selection
        else (asdict(run))
    )
    weighed |= {"first": run.first and run.first.isoformat(), "last": run.last and run.last.isoformat()}
    if kind is ExportKind.ZIP and _picture_bytes(ledger) > MOST_PICTURE_BYTES:
        yield {"trouble": "too_large"}, []
        return
    asks = run.count == 0 or (order.ask_above is not None and run.count > order.ask_above)
    yield {"weighed": weighed, "asks": asks}, []
    if asks:
        return
    yield from _files(work, order, kind, books, mark)
    opened = used_accounts(ledger) if kind is ExportKind.BEANCOUNT else frozenset()
    yield {"mark": True}, [mark_bytes(advanced(mark, selection or ledger, opened))]


def _selected(work: Work, order: Order) -> tuple[Books, Selection | None, ExportMark]:
    mark = ExportMark()
    if order.mark_blob and (content := _content(work, order.person_id, order.mark_blob)) is not None:
        mark = mark_from(content)
    if order.fresh:
        books = stored_books(work, order.person_id)
        selection = since(books.ledger, mark)
        return Books(selection.ledger, books.blobs), selection, mark
    start, end = (date.fromisoformat(one) if one else None for one in (order.start, order.end))
    return stored_books(work, order.person_id, start, end), None, mark


def _files(work: Work, order: Order, kind: ExportKind, books: Books, mark: ExportMark) -> Iterator[Message]:
    # Only a file that continues an earlier one leaves out what that one has opened.
    options = Options(order.bom, DateOrder(order.date_order), mark.opened if order.fresh else frozenset())
    read = _reader(work, order.person_id, books.blobs)
    embeds = kind is ExportKind.ZIP or (kind is ExportKind.JSON and _picture_bytes(books.ledger) <= EMBEDDED_BYTES)
    made = order_files(kind, books) if order.sends else write(kind, books.ledger, options, read if embeds else None)
    whole = kind is ExportKind.JSON and not order.fresh and not order.start
    beside = account_file(work, order.person_id) if whole else None
    for one in [*made, beside] if beside else made:
        yield {"name": one.name, "media_type": one.media_type}, [one.content]


def _reader(work: Work, person_id: int, blobs: Mapping[str, int]) -> PictureReader:
    def read(picture: Picture) -> bytes:
        return _content(work, person_id, blobs[picture.id]) or b""

    return read


def _content(work: Work, person_id: int, blob_id: int) -> bytes | None:
    row = work.row(sa.select(blob.c.data).where(blob.c.id == blob_id, blob.c.person_id == person_id))
    return None if row is None else work.seal.open(row.data)


def _picture_bytes(ledger: Ledger) -> int:
    return sum(picture.size_bytes for entry in ledger.entries for picture in entry.pictures)
