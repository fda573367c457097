"""The kinds of export by name, which entries each takes, what a dry run says, and the writing of files.

    EXPORT csv march      write(ExportKind.CSV, ledger.between(...), options)
    EXPORT ofx new        write(ExportKind.OFX, since(ledger, mark).ledger, options)

The writers are loaded when they are asked for. Firefly III and Actual are also spoken to by requests (`firefly_steps`,
`actual_requests`); as a file, Actual's is written here and Firefly III has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from handlers.receipts.exports.export_file import ExportFile, PictureReader
from handlers.receipts.exports.ledger import Entry, Ledger, State
from handlers.receipts.exports.qif import DateOrder


class ExportKind(StrEnum):
    """What can be asked for after `EXPORT`."""

    CSV = "csv"
    ITEMS = "items"
    ZIP = "zip"
    JSON = "json"
    BEANCOUNT = "beancount"
    HLEDGER = "hledger"
    OFX = "ofx"
    QIF = "qif"
    FIREFLY = "firefly"
    ACTUAL = "actual"


class Notice(StrEnum):
    """What the person should know before the file is sent."""

    IMPORT_DOUBLES = "import_doubles"
    LEFT_OUT = "left_out"
    NO_PICTURES = "no_pictures"


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of the person and what an earlier export has done.

    `bom` is for Excel, `date_order` for QIF, `opened` for beancount (`ExportMark.opened`).
    """

    bom: bool = False
    date_order: DateOrder = DateOrder.MONTH_FIRST
    opened: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sums:
    """What one currency comes to, in minor units: spent, money back or in (as positive), and spent less back."""

    currency: str
    count: int
    spent_minor: int
    back_minor: int

    @property
    def net_minor(self) -> int:
        """Return spent less back."""
        return self.spent_minor - self.back_minor


@dataclass(frozen=True, slots=True)
class DryRun:
    """What an export would hold: entries that go, entries of this range that this kind does not take, and sums."""

    count: int
    left_out: int
    pictures: int
    first: date | None
    last: date | None
    sums: tuple[Sums, ...]
    notices: tuple[Notice, ...]


_EVERY_STATE = frozenset({ExportKind.CSV, ExportKind.ITEMS, ExportKind.ZIP, ExportKind.JSON})
_WITH_DRAFTS = frozenset({ExportKind.BEANCOUNT, ExportKind.HLEDGER})
_WITH_PICTURES = frozenset({ExportKind.ZIP, ExportKind.FIREFLY})


def takes(kind: ExportKind, entry: Entry) -> bool:
    """Say whether an entry appears in an export of this kind."""
    if kind in _EVERY_STATE:
        return True
    if kind in _WITH_DRAFTS:
        return entry.state is not State.VOID
    return entry.state is State.POSTED and (kind is not ExportKind.FIREFLY or entry.amount_minor != 0)


def dry_run(kind: ExportKind, ledger: Ledger) -> DryRun:
    """Count and sum what an export would hold, without writing it."""
    taken = [entry for entry in ledger.entries if takes(kind, entry)]
    pictures = sum(len(entry.pictures) for entry in taken)
    left_out = len(ledger.entries) - len(taken)
    notices = {
        Notice.IMPORT_DOUBLES: kind is ExportKind.QIF,
        Notice.LEFT_OUT: left_out > 0,
        Notice.NO_PICTURES: pictures > 0 and kind not in _WITH_PICTURES,
    }
    return DryRun(
        count=len(taken),
        left_out=left_out,
        pictures=pictures,
        first=taken[0].date if taken else None,
        last=taken[-1].date if taken else None,
        sums=tuple(_sums(currency, taken) for currency in sorted({entry.currency for entry in taken})),
        notices=tuple(notice for notice, holds in notices.items() if holds),
    )


def _sums(currency: str, entries: list[Entry]) -> Sums:
    amounts = [entry.amount_minor for entry in entries if entry.currency == currency and entry.state is not State.VOID]
    spent = sum(amount for amount in amounts if amount > 0)
    return Sums(currency, len(amounts), spent, spent - sum(amounts))


def write(
    kind: ExportKind, ledger: Ledger, options: Options, read_picture: PictureReader | None = None
) -> Iterator[ExportFile]:
    """Give the files of an export one after the other; `read_picture` is needed for ZIP and embeds pictures in JSON.

    Raises ValueError for a ZIP without `read_picture`, and for Firefly III, which takes no file.
    """
    match kind:
        case ExportKind.CSV | ExportKind.ITEMS:
            from handlers.receipts.exports.tables import entries_csv, items_csv

            yield (entries_csv if kind is ExportKind.CSV else items_csv)(ledger, bom=options.bom)
        case ExportKind.ZIP:
            from handlers.receipts.exports.archive import archive

            if read_picture is None:
                raise ValueError("a ZIP needs a reader of pictures")
            yield from archive(ledger, read_picture, bom=options.bom)
        case ExportKind.JSON:
            from handlers.receipts.exports.ledger_file import ledger_file

            yield ledger_file(ledger, read_picture)
        case ExportKind.BEANCOUNT:
            from handlers.receipts.exports.beancount import beancount_file

            yield beancount_file(ledger, options.opened)
        case ExportKind.HLEDGER:
            from handlers.receipts.exports.hledger import hledger_file

            yield hledger_file(ledger)
        case ExportKind.OFX:
            from handlers.receipts.exports.ofx import ofx_file

            yield ofx_file(ledger)
        case ExportKind.QIF:
            from handlers.receipts.exports.qif import qif_files

            yield from qif_files(ledger, options.date_order)
        case ExportKind.ACTUAL:
            from handlers.receipts.exports.actual import actual_file

            yield actual_file(ledger)
        case ExportKind.FIREFLY:
            raise ValueError("Firefly III takes requests, not a file")
        case _:
            assert_never(kind)
