"""What is to be sent to another program, written down for an adapter that knows neither ledger nor person.

    {"orders": [{"id": "rcp_...", "find": {"query": ...}, "store": {...}, "update": {...},
                 "pictures": [{"blob": 7, "name": "...jpg", "announce": {...}}]}]}

Requests are those of `firefly`, with `{group}`, `{journal:0}`, `{attachment}` where the other program's ids belong.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from handlers.receipts.exports.actual import actual_file
from handlers.receipts.exports.export_file import ExportFile
from handlers.receipts.exports.export_kind import ExportKind
from handlers.receipts.exports.firefly import FireflyStep, FoundGroup, firefly_steps
from handlers.receipts.exports.stored import Books

BATCH = 25
GROUP, JOURNAL = "{group}", "{journal:%d}"


def order_files(kind: ExportKind, books: Books) -> Iterator[ExportFile]:
    """Give the orders in files of at most `BATCH` entries; for Actual one file with all lists."""
    if kind is ExportKind.ACTUAL:
        yield actual_file(books.ledger)
        return
    steps = firefly_steps(books.ledger)
    for number, at in enumerate(range(0, len(steps), BATCH), 1):
        orders = [_order(step, books) for step in steps[at : at + BATCH]]
        yield ExportFile(f"orders-{number}.json", "application/json", orjson.dumps({"orders": orders}))


def _order(step: FireflyStep, books: Books) -> dict[str, object]:
    found = FoundGroup(GROUP, tuple(JOURNAL % number for number in range(len(step.parts))))
    pictures = [
        {"blob": books.blobs[picture.id], "name": name, "announce": step.announce(picture, JOURNAL % 0).json}
        for picture, name in zip(step.entry.pictures, step.file_names, strict=True)
    ]
    return {
        "id": step.entry.id,
        "find": dict(step.find.query),
        "store": step.store.json,
        "update": step.update(found).json,
        "pictures": pictures,
    }
