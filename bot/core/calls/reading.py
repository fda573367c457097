"""Reading what is printed on pictures and PDF pages: lines of text with their places."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line of text as read: how sure the reader is, in thousandths, and its four corners.

    `box` holds x and y of the corners, clockwise from the top left, in pixels of the upright page.
    """

    text: str
    score: int
    box: tuple[int, ...]


@wire
@dataclass(frozen=True, slots=True)
class PrintedPage:
    """One upright page; `source` is `ocr` or `text` (a text layer, whose lines are certain)."""

    width: int
    height: int
    lines: list[PrintedLine] = field(default_factory=list)
    source: str = "ocr"


@wire
@dataclass(frozen=True, slots=True)
class ReadPrint:
    """Read the pictures and PDFs of these blobs, in order. `closely` asks for the slower second look."""

    blobs: list[int]
    closely: bool = False


@wire
@dataclass(frozen=True, slots=True)
class PrintRead:
    """The pages of all blobs, with how long it took; `trouble` names what could not be read, by blob id.

    `hashes` are perceptual hashes of pictures, 64 bits, by blob id: alike pictures differ in few bits.
    """

    pages: list[PrintedPage]
    reader: str
    duration_ms: int
    trouble: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, int] = field(default_factory=dict)
