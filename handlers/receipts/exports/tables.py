"""EXP-1 and EXP-2: the ledger and its items as CSV, for spreadsheets and for programs.

UTF-8 with or without the mark that Excel wants, CRLF, comma, dot decimals. In `amount` minus means spent (the sign is
turned round); `tax`, `tip` and the amounts of items stand as printed. Text cells are guarded (EXP-11).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from bot.core.cells import guarded
from handlers.receipts.currencies import decimal_text
from handlers.receipts.exports.export_file import ExportFile
from handlers.receipts.exports.ledger import Entry, Item, Ledger
from handlers.receipts.exports.picture_names import picture_names
from handlers.receipts.exports.plain_text import clean

COLUMNS = [
    *("id", "date", "merchant", "description", "category", "parent", "amount", "currency", "kind", "account"),
    *("tags", "tax", "tip", "note", "receipt_code", "picture_file", "state", "updated_at"),
]
ITEM_COLUMNS = ["receipt_id", "line", "text", "quantity", "unit_price", "amount", "tax", "category"]
_MEDIA_TYPE = "text/csv; charset=utf-8"


def entries_csv(ledger: Ledger, *, bom: bool = False) -> ExportFile:
    """Write one row per entry in `COLUMNS`; `bom` puts the mark in front by which Excel knows UTF-8."""
    names = picture_names(ledger)
    rows = (_entry_row(ledger, entry, "; ".join(names.get(entry.id, ()))) for entry in ledger.entries)
    return ExportFile("transactions.csv", _MEDIA_TYPE, _csv(COLUMNS, rows, bom=bom))


def items_csv(ledger: Ledger, *, bom: bool = False) -> ExportFile:
    """Write one row per line of a receipt in `ITEM_COLUMNS`; `receipt_id` is the `id` of the entries' table."""
    return ExportFile("items.csv", _MEDIA_TYPE, _csv(ITEM_COLUMNS, _item_rows(ledger), bom=bom))


def _csv(columns: list[str], rows: Iterable[list[str]], *, bom: bool) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig" if bom else "utf-8")


def _entry_row(ledger: Ledger, entry: Entry, picture_file: str) -> list[str]:
    path = ledger.path(entry.category_id)
    account = ledger.account(entry.account_id)
    return [
        _text(entry.id),
        entry.date.isoformat(),
        _text(entry.merchant),
        _text(entry.description),
        _text(path[-1].name if path else ""),
        _text(" > ".join(category.name for category in path[:-1])),
        decimal_text(-entry.amount_minor, entry.currency),
        entry.currency,
        entry.kind,
        _text(account.name if account else ""),
        _text(", ".join(entry.tags)),
        decimal_text(entry.tax_minor, entry.currency),
        decimal_text(entry.tip_minor, entry.currency),
        _text(entry.note),
        _text(entry.receipt_code),
        picture_file,
        entry.state,
        moment(entry.updated_at),
    ]


def _item_rows(ledger: Ledger) -> Iterator[list[str]]:
    for entry in ledger.entries:
        for line, item in enumerate(entry.items, 1):
            yield [_text(entry.id), str(line), *_item_cells(ledger, entry.currency, item)]


def _item_cells(ledger: Ledger, currency: str, item: Item) -> list[str]:
    return [
        _text(item.text),
        "" if item.quantity is None else f"{item.quantity:f}",
        "" if item.unit_price_minor is None else decimal_text(item.unit_price_minor, currency),
        decimal_text(item.amount_minor, currency),
        "" if item.tax_minor is None else decimal_text(item.tax_minor, currency),
        _text(ledger.category_name(item.category_id)),
    ]


def _text(text: str) -> str:
    return guarded(clean(text))


def moment(at: datetime) -> str:
    """Write a moment in UTC to the second, as ISO 8601 with a Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
