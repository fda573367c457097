"""Reading a file of books that a person sent, in a process that does nothing else (CAP-12).

`read` says what it holds; `entries` gives it in pieces that `taking.take` brings into the books: first the frame
(categories, accounts, rules, budgets), then some entries at a time. The file is a stranger's until it has been read:
sizes and counts are bounded, and what does not fit together is refused with a code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from bot.core.clock import SystemClock
from bot.core.seal import Seal, parse_keys
from handlers.receipts.exports.export_kind import ExportKind, dry_run
from handlers.receipts.exports.ledger import Entry, Ledger
from handlers.receipts.exports.ledger_file import LedgerFile, LedgerFileError, ledger_file, read_ledger_file
from handlers.receipts.exports.making import Message
from handlers.receipts.exports.stored import stored_frame
from handlers.receipts.exports.table_file import TableFile, TableFileError, Understanding, read_table
from handlers.receipts.exports.taking import present
from storage.blobs import blob
from storage.database import Database
from storage.snapshot import snapshot
from storage.work import Work

MOST_ENTRIES, MOST_AMOUNT = 50_000, 10**15
PIECE = 40
"""Entries that are brought in by one commit: a few milliseconds, other people's turns go between."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which file, and how to understand it; the fields are those of the calls `ReadBooks` and `TakeBooks`."""

    person_id: int
    blob: int
    currency: str
    columns: dict[str, int]
    date_order: str = ""
    flipped: bool | None = None


@dataclass(frozen=True, slots=True)
class _File:
    ours: LedgerFile | None
    table: TableFile | None
    ledger: Ledger


def read(request: dict[str, Any], blobs: list[bytes]) -> Iterator[Message]:
    """Give one message: what `BooksRead` tells, or `trouble` with a code."""
    order = Order(**request["order"])
    with _opened(request) as work:
        yield preview(work, order), []


def entries(request: dict[str, Any], blobs: list[bytes]) -> Iterator[Message]:
    """Give the frame and the entries in pieces, or `trouble` alone."""
    order = Order(**request["order"])
    with _opened(request) as work:
        yield from pieces(work, order)


@contextmanager
def _opened(request: dict[str, Any]) -> Iterator[Work]:
    with snapshot(Database(request["url"]), Seal(parse_keys(request["keys"])), SystemClock()) as work:
        yield work


def preview(work: Work, order: Order) -> dict[str, Any]:
    """Say what the file holds, and how much of it is in the books already."""
    try:
        file = _file(work, order)
    except (LedgerFileError, TableFileError) as error:
        return {"trouble": error.code}
    run = dry_run(ExportKind.JSON, file.ledger)
    weighed = asdict(run) | {"first": run.first and run.first.isoformat(), "last": run.last and run.last.isoformat()}
    known = present(work, order.person_id, [entry.id for entry in file.ledger.entries])
    told = {"ours": file.table is None, "weighed": weighed | {"notices": []}, "known": len(known)}
    return told | (file.table.told() if file.table else {})


def pieces(work: Work, order: Order) -> Iterator[Message]:
    """Give what is to be brought in."""
    try:
        file = _file(work, order)
    except (LedgerFileError, TableFileError) as error:
        yield {"trouble": error.code}, []
        return
    ledger, pictures = file.ledger, file.ours.pictures if file.ours else {}
    if file.ours:
        yield {"frame": True}, [ledger_file(ledger.with_entries(())).content]
    for at in range(0, len(ledger.entries), PIECE):
        some = ledger.entries[at : at + PIECE]
        names = [one.id for entry in some for one in entry.pictures if one.id in pictures]
        yield {"pictures": names}, [msgspec.json.encode(some), *(pictures[name] for name in names)]


def _file(work: Work, order: Order) -> _File:
    row = work.row(sa.select(blob.c.data).where(blob.c.id == order.blob, blob.c.person_id == order.person_id))
    if row is None:
        raise LedgerFileError("gone", "the file is not kept any more")
    content = work.seal.open(row.data)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        ours = read_ledger_file(content)
        _check_size(ours.ledger)
        return _File(ours, None, ours.ledger)
    understanding = Understanding(order.columns, order.date_order, order.flipped)
    table = read_table(content, stored_frame(work, order.person_id), order.currency, understanding)
    _check_size(table.ledger)
    return _File(None, table, table.ledger)


def _check_size(ledger: Ledger) -> None:
    if len(ledger.entries) > MOST_ENTRIES:
        raise LedgerFileError("too_large", f"more than {MOST_ENTRIES} entries")
    if any(abs(amount) > MOST_AMOUNT for entry in ledger.entries for amount in _amounts(entry)):
        raise LedgerFileError("damaged", "no such amount")


def _amounts(entry: Entry) -> Iterator[int]:
    yield entry.amount_minor
    for parts in (entry.splits, entry.items, entry.taxes):
        yield from (part.amount_minor for part in parts)
