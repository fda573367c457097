"""What Parley asks of itself and of other programs about a person's books: files made, files read, entries sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class MakeExport:
    """Write an export in a process of its own.

    Dates are ISO text, half-open. `fresh` asks for what the mark (`mark_blob`, 0 for none) has not seen. With more
    entries than `ask_above` nothing is written: the answer says what it would be. `sends` makes orders for another
    program instead of a file.
    """

    export_id: int
    person_id: int
    kind: str
    start: str | None = None
    end: str | None = None
    fresh: bool = False
    mark_blob: int = 0
    ask_above: int | None = None
    date_order: str = "mdy"
    bom: bool = False
    sends: bool = False


@wire
@dataclass(frozen=True, slots=True)
class MadeFile:
    """A finished file, kept for a day."""

    blob: int
    name: str
    media_type: str
    size: int


@wire
@dataclass(frozen=True, slots=True)
class BooksSum:
    """What one currency comes to in a file, in minor units."""

    currency: str
    count: int
    spent_minor: int
    back_minor: int


@wire
@dataclass(frozen=True, slots=True)
class Weighed:
    """What a file of the books holds: entries, those left out, pictures, first and last date, sums, notices."""

    count: int
    left_out: int = 0
    pictures: int = 0
    first: str | None = None
    last: str | None = None
    sums: list[BooksSum] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    corrected: int = 0
    gone: int = 0


@wire
@dataclass(frozen=True, slots=True)
class ExportMade:
    """The files, and the blob of what this kind has sent by now; with `asks` neither, for the person is asked first."""

    weighed: Weighed
    files: list[MadeFile] = field(default_factory=list)
    mark_blob: int | None = None
    asks: bool = False


@wire
@dataclass(frozen=True, slots=True)
class ReadBooks:
    """Look into a file of books that a person sent (`ours`: our JSON, else a table) and say what it holds.

    For a table: which column is what (column number by field name), how dates are written, and whether signs turn;
    empty, they are guessed.
    """

    person_id: int
    blob: int
    currency: str
    columns: dict[str, int] = field(default_factory=dict)
    date_order: str = ""
    flipped: bool | None = None


@wire
@dataclass(frozen=True, slots=True)
class BooksRead:
    """What a file holds, how many of its entries are in the books already, and how a table was understood."""

    ours: bool
    weighed: Weighed
    known: int = 0
    refused: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    headings: list[str] = field(default_factory=list)
    date_order: str = ""
    flipped: bool = False
    example: str = ""


@wire
@dataclass(frozen=True, slots=True)
class TakeBooks:
    """Bring a file's entries into the person's books, some at a time; what is in them already stays as it is."""

    person_id: int
    blob: int
    currency: str
    columns: dict[str, int] = field(default_factory=dict)
    date_order: str = ""
    flipped: bool | None = None


@wire
@dataclass(frozen=True, slots=True)
class BooksTaken:
    """How many entries were added, and how many were there already (also by an earlier attempt of this call)."""

    added: int
    known: int


@wire
@dataclass(frozen=True, slots=True)
class SendToFirefly:
    """Send the orders of a blob to a Firefly III of the person's, from `skip` on."""

    base_url: str
    token: str
    orders: int
    skip: int = 0


@wire
@dataclass(frozen=True, slots=True)
class SendToActual:
    """Send the lists of a blob to an Actual HTTP server of the person's."""

    base_url: str
    token: str
    budget: str
    orders: int


@wire
@dataclass(frozen=True, slots=True)
class BooksSent:
    """What came of orders: how many are done by now, made, changed; ids refused; pictures that did not arrive."""

    done: int
    made: int = 0
    changed: int = 0
    refused: list[str] = field(default_factory=list)
    lost_pictures: int = 0
    missing: list[str] = field(default_factory=list)
