"""The local reader behind its port: reads what is printed on pictures and PDFs, with no key and no network."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path

from bot.core.calls import Again, Done, Outcome, Refused
from bot.core.calls.reading import PrintedPage, PrintRead, ReadPrint
from bot.core.ports import Attempt, LookUp, Perform
from integrations.child import ChildFailed
from integrations.ocr.worker import OcrWorker

_LATER = timedelta(seconds=20)


class Ocr:
    """Reads the blobs of a call one after the other; what cannot be read is named in `trouble`, by blob id.

    Troubles are unsupported, too_large, unreadable, encrypted, gone, no_reader, and failed: the process did not survive
    the file. A first failure is tried Again. When nothing at all was read for want of the models, or because the
    process failed, the call is Refused with `no_reader` or `failed`.
    """

    vendor = "ocr"
    places = 1

    def __init__(self, worker: OcrWorker | None = None) -> None:
        self.calls: Mapping[type, Perform] = {ReadPrint: self.read}
        self.look_ups: Mapping[type, LookUp] = {}
        self._worker = worker or OcrWorker()

    async def read(self, call: ReadPrint, attempt: Attempt) -> Outcome:
        """Read every blob in order."""
        pages: list[PrintedPage] = []
        trouble: dict[str, str] = {}
        hashes: dict[str, int] = {}
        duration_ms = 0
        for blob in call.blobs:
            try:
                file = await self._worker.read(await attempt.files.get(blob), closely=call.closely)
            except KeyError:
                trouble[str(blob)] = "gone"
                continue
            except ChildFailed as failure:
                if failure.code in ("busy", "closed"):
                    return Again(f"the reader is {failure.code}", _LATER, whole_vendor=False)
                if attempt.number <= 1:
                    return Again(f"the reader failed: {failure}", whole_vendor=False)
                trouble[str(blob)] = "failed"
                continue
            pages += file.pages
            duration_ms += file.duration_ms
            if file.perceptual_hash is not None:
                hashes[str(blob)] = file.perceptual_hash
            if file.trouble:
                trouble[str(blob)] = file.trouble
        for code in ("no_reader", "failed"):
            if not pages and code in trouble.values():
                return Refused(code, "nothing was read")
        return Done(PrintRead(pages, reader(), duration_ms, trouble, hashes))

    async def close(self) -> None:
        """End the reading process."""
        await self._worker.close()


@cache
def reader() -> str:
    """Return which reader this is, for the record of a reading."""
    version = tomllib.loads(Path(__file__).with_name("models.toml").read_text())["rapidocr"]
    return f"local_ocr rapidocr {version}"
