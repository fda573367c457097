"""`main.py try receipt`: pictures and PDFs of receipts to fields, with no key and no network (domain section 5.1).

Each file gives one JSON line. `seconds` is the time of reading and extraction, without the start of the reading
process, which all files share. A picture without a total is looked at a second time, more closely (rule OCR-7).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.core.calls.reading import PrintedPage
from integrations.child import ChildFailed
from integrations.ocr.worker import FileRead, OcrWorker

if TYPE_CHECKING:
    from handlers.receipts.reading import Context, Reading

NOTHING: dict[str, Any] = {
    "vendor": None,
    "date": None,
    "total": None,
    "tax": None,
    "subtotal": None,
    "tip": None,
    "currency": None,
    "confidence": 0.0,
    "needs_review": True,
}


async def try_receipts(files: Sequence[Path], context: Context) -> AsyncIterator[dict[str, Any]]:
    """Yield a line for each file: amounts as decimal text, the date as ISO text, null for what is not known.

    What cannot be read has nulls and `error`: not_found, or a trouble of the reader.
    """
    worker = OcrWorker()
    try:
        await _start(worker)
        for path in files:
            started = time.perf_counter()
            line = await _line(worker, path, context)
            yield {"file": str(path), **line, "seconds": round(time.perf_counter() - started, 3)}
    finally:
        await worker.close()


async def _start(worker: OcrWorker) -> None:
    try:
        await worker.warm()
    except ChildFailed:
        return  # each file then tells by itself


async def _line(worker: OcrWorker, path: Path, context: Context) -> dict[str, Any]:
    from handlers.receipts.reading import read_receipt

    try:
        data = await asyncio.to_thread(path.read_bytes)
    except OSError:
        return NOTHING | {"error": "not_found"}
    read = await _read(worker, data)
    if read.trouble:
        return NOTHING | {"error": read.trouble}
    reading = read_receipt(read.pages, context)
    if reading.total is None and any(page.source == "ocr" for page in read.pages):
        reading = _better(reading, await _read(worker, data, closely=True), context)
    return _fields(reading) | _doubt(read.pages)


async def _read(worker: OcrWorker, data: bytes, *, closely: bool = False) -> FileRead:
    for _ in range(2):  # as a job would: once more, in a new process
        try:
            return await worker.read(data, closely=closely)
        except ChildFailed:
            continue
    return FileRead(trouble="failed")


def _better(reading: Reading, again: FileRead, context: Context) -> Reading:
    from handlers.receipts.reading import read_receipt

    second = read_receipt(again.pages, context) if again.pages else reading
    return second if second.total is not None else reading


def _doubt(pages: Sequence[PrintedPage]) -> dict[str, Any]:
    return {} if any(page.lines for page in pages) else {"error": "nothing_printed"}


def _fields(reading: Reading) -> dict[str, Any]:
    from handlers.receipts.reading.amounts import exponent_of

    currency = reading.currency.value
    exponent = exponent_of(currency)

    def amount(name: str) -> str | None:
        field = getattr(reading, name)
        return None if field is None else str(Decimal(field.value).scaleb(-exponent))

    return {
        "vendor": reading.merchant.value if reading.merchant else None,
        "date": reading.date.value.isoformat() if reading.date else None,
        **{name: amount(name) for name in ("total", "tax", "subtotal", "tip")},
        "currency": currency,
        "confidence": round(reading.total.confidence, 3) if reading.total else 0.0,
        "needs_review": reading.needs_review,
    }
