"""EXP-8: QIF, one file for each currency, because the format names none.

    !Type:Cash
    D03/15/2026
    T-26.23
    PTrader Joe's
    LGroceries:Supermarket
    Mweekly shop
    ^

Parts of a split follow as S, E and $ lines. Only posted entries appear. The format has no ids: a file that is imported
twice doubles, and whoever sends it says so (`Notice.IMPORT_DOUBLES`). It has no date format either, so it is a setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from handlers.receipts.currencies import decimal_text
from handlers.receipts.exports.export_file import ExportFile
from handlers.receipts.exports.ledger import Entry, Ledger, Split, State
from handlers.receipts.exports.plain_text import one_line

_CATEGORY = str.maketrans({":": "-", "/": "-", "|": "-", "[": "(", "]": ")", "^": "-"})
_UNCATEGORISED = "Uncategorised"


class DateOrder(StrEnum):
    """How dates are written in QIF: as the importing program's country writes them."""

    MONTH_FIRST = "mdy"
    DAY_FIRST = "dmy"
    YEAR_FIRST = "ymd"


_DATES = {DateOrder.MONTH_FIRST: "%m/%d/%Y", DateOrder.DAY_FIRST: "%d/%m/%Y", DateOrder.YEAR_FIRST: "%Y-%m-%d"}


def qif_files(ledger: Ledger, order: DateOrder = DateOrder.MONTH_FIRST) -> tuple[ExportFile, ...]:
    """Write `ledger-USD.qif` and one more file for every other currency."""
    posted = [entry for entry in ledger.entries if entry.state is State.POSTED]
    return tuple(
        _file(ledger, [entry for entry in posted if entry.currency == currency], order)
        for currency in sorted({entry.currency for entry in posted})
    )


def _file(ledger: Ledger, entries: list[Entry], order: DateOrder) -> ExportFile:
    lines = ["!Type:Cash", *(line for entry in entries for line in _entry(ledger, entry, order)), ""]
    return ExportFile(f"ledger-{entries[0].currency}.qif", "application/qif", "\r\n".join(lines).encode())


def _entry(ledger: Ledger, entry: Entry, order: DateOrder) -> Iterator[str]:
    yield f"D{entry.date.strftime(_DATES[order])}"
    yield f"T{decimal_text(-entry.amount_minor, entry.currency)}"
    yield f"P{one_line(entry.merchant)}"
    yield f"L{_category(ledger, entry.parts[0].category_id)}"
    if memo := " / ".join(filter(None, map(one_line, (entry.description, entry.note, entry.receipt_code)))):
        yield f"M{memo}"
    for part in entry.splits:
        yield from _part(ledger, part, entry.currency)
    yield "^"


def _part(ledger: Ledger, part: Split, currency: str) -> Iterator[str]:
    yield f"S{_category(ledger, part.category_id)}"
    if part.note:
        yield f"E{one_line(part.note)}"
    yield f"${decimal_text(-part.amount_minor, currency)}"


def _category(ledger: Ledger, category_id: str | None) -> str:
    names = [one_line(category.name).translate(_CATEGORY) for category in ledger.path(category_id)]
    return ":".join(names) or _UNCATEGORISED
