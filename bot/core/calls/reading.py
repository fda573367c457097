"""Reading what is printed on pictures and PDF pages: lines of text with their places, or fields with their evidence."""

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


@wire
@dataclass(frozen=True, slots=True)
class DetectText:
    """Read the pictures of these blobs by a cloud service that sees letters only; the answer is a `PrintRead`."""

    blobs: list[int]


@wire
@dataclass(frozen=True, slots=True)
class ReadReceipt:
    """Have a model read the receipt on these pictures; nothing but the pictures leaves. `person` is a keyed hash."""

    blobs: list[int]
    prompt_version: str = "receipt 1"
    person: str = ""


@wire
@dataclass(frozen=True, slots=True)
class SeenField:
    """A field as a model says that it is printed, with the line that it stands on."""

    value: str
    evidence: str


RECEIPT_FIELDS = ("merchant", "date", "currency", "total", "subtotal", "tax", "tip")


@wire
@dataclass(frozen=True, slots=True)
class ReceiptRead:
    """What a model saw on a receipt: its lines, and fields (`RECEIPT_FIELDS`) where it saw them.

    All of it is a proposal, to be held against what a reader without a mind of its own saw (rule OCR-5). The rest is
    what it took (rule LLM-13).
    """

    fields: dict[str, SeenField]
    lines: list[str]
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_e4: int | None = None
    duration_ms: int = 0
    input_sha256: str = ""
