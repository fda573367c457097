"""The one process that decodes, renders and reads (rule MED-3): started by the first file, ended when it is idle."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.core.calls.reading import PrintedLine, PrintedPage
from integrations.child import Bounds
from integrations.ocr.sizes import claimed_pixels
from integrations.pictures.copies import MOST_BYTES
from integrations.pictures.kinds import kind_of
from integrations.resident import Resident

BOUNDS = Bounds(memory=1_400_000_000, seconds=30)
MOST_PIXELS = 40_000_000
READING_SHARE = 0.8
"""Of the time that a file has: what takes longer is answered with what was read until then."""

_WORK = Path(__file__).with_name("work.py")


@dataclass(frozen=True, slots=True)
class FileRead:
    """The pages of one file with how long reading took, or `trouble`.

    Troubles: unsupported, too_large, unreadable, encrypted, no_reader.
    """

    pages: list[PrintedPage] = field(default_factory=list)
    duration_ms: int = 0
    trouble: str | None = None
    perceptual_hash: int | None = None


class OcrWorker:
    """Reads one file after the other; outlives any file that its process does not."""

    def __init__(
        self, bounds: Bounds = BOUNDS, *, idle_seconds: float = 600, queue_seconds: float = 100, source: Path = _WORK
    ) -> None:
        self._process = Resident(source, "read", bounds, idle_seconds=idle_seconds, queue_seconds=queue_seconds)
        self._seconds = bounds.seconds * READING_SHARE

    @property
    def pid(self) -> int | None:
        """The process id of the reading process while it lives."""
        return self._process.pid

    async def warm(self) -> None:
        """Load the models now; without them nothing happens. Raise ChildFailed."""
        await self._process.ask(({}, []))

    async def read(self, data: bytes, *, closely: bool = False) -> FileRead:
        """Read a picture or PDF; raise ChildFailed when the process failed at it, or was not free in time."""
        kind = kind_of(data)
        if kind is None:
            return FileRead(trouble="unsupported" if data else "unreadable")
        if len(data) > MOST_BYTES or (claimed_pixels(data, kind) or 0) > MOST_PIXELS:
            return FileRead(trouble="too_large")
        request = {"kind": kind, "closely": closely, "seconds": self._seconds}
        head, _ = await self._process.ask((request, [data]))
        if trouble := head.get("trouble"):
            return FileRead(trouble=trouble)
        pages = [_page(page) for page in head["pages"]]
        return FileRead(pages, head["ms"], perceptual_hash=head["hash"])

    async def close(self) -> None:
        """End the process."""
        await self._process.close()


def _page(packed: dict[str, Any]) -> PrintedPage:
    lines = [PrintedLine(text, score, tuple(box)) for text, score, box in packed["lines"]]
    return PrintedPage(packed["width"], packed["height"], lines, packed["source"])
