"""Work that takes too long for a turn: the language model, speech, typesetting, pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class AskModel:
    """Ask the language model for one JSON object.

    `system` is ours, `data` is marked as material and never as orders, `schema` is a JSON schema, `role` picks the
    model by setting (`letters`, `classify`). `prompt_version` is stored with the answer; `person` is a keyed hash.
    """

    purpose: str
    prompt_version: str
    role: str
    system: str
    data: dict[str, str]
    schema: dict[str, Any]
    max_tokens: int
    person: str


@wire
@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """A parsed answer with what it took (rule LLM-13); cost is in 1/10,000 of a US cent, None when unknown."""

    answer: dict[str, Any]
    model: str
    input_tokens: int
    output_tokens: int
    cost_e4: int | None
    duration_ms: int = 0
    input_sha256: str = ""


@wire
@dataclass(frozen=True, slots=True)
class Transcribe:
    """Turn a voice clip (`blob`) into text."""

    blob: int
    media_type: str
    language: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard; `seconds` is the clip's length when the vendor told it."""

    text: str
    language: str | None = None
    seconds: float | None = None


@wire
@dataclass(frozen=True, slots=True)
class TypesetLetter:
    """Typeset a letter (see `integrations.press` for the document's fields)."""

    document: dict[str, Any]


@wire
@dataclass(frozen=True, slots=True)
class TypesetSheet:
    """Typeset a paper about money: a receipt, a credit note, a quote (`integrations.press.sheet` has the fields)."""

    document: dict[str, Any]


@wire
@dataclass(frozen=True, slots=True)
class TypesetPages:
    """The finished PDF: blob id, hex SHA-256, number of pages, blob ids of page pictures (PNG), characters dropped."""

    pdf: int
    sha256: str
    pages: int
    pictures: list[int] = field(default_factory=list)
    dropped: str = ""


@wire
@dataclass(frozen=True, slots=True)
class PreparePictures:
    """Make print copies of pictures or PDF pages (blob ids): upright, grey, no metadata."""

    blobs: list[int]


@wire
@dataclass(frozen=True, slots=True)
class PrepareSignature:
    """Cut a hand signature out of its photo (a blob id): its ink on white, to stand above the signature line."""

    blob: int


@wire
@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """The print copies of one original (a PDF gives up to three), or `trouble`: unreadable, too_large, unsupported.

    A signature has one copy, or the trouble `no_signature`.
    """

    original: int
    sha256: str
    prints: list[int] = field(default_factory=list)
    taken_at: str | None = None
    trouble: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class PreparedPictures:
    """The outcome for each original, in order."""

    pictures: list[PreparedPicture]


@wire
@dataclass(frozen=True, slots=True)
class ReadText:
    """Read the printed text on pictures or PDF pages (blob ids), such as a photo of a ticket.

    `subject` and `fields` (name to a line on it) say what a reader that understands should pick out as well; one that
    only sees letters leaves that. `prompt_version` is kept with the answer; `person` is a keyed hash.
    """

    blobs: list[int]
    purpose: str = "read_text"
    prompt_version: str = ""
    subject: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    person: str = ""


@wire
@dataclass(frozen=True, slots=True)
class TextFound:
    """What was read, line by line, all pictures in order; empty when nothing could be read.

    `found` holds the fields of each subject that was seen, as printed: proposals, to be held against `text` and
    confirmed. The rest is what it took (rule LLM-13), as in `ModelAnswer`; a reader that is no model leaves it.
    """

    text: str
    found: list[dict[str, str]] = field(default_factory=list)
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_e4: int | None = None
    duration_ms: int = 0
    input_sha256: str = ""


MODEL_CALLS = (AskModel, ReadText)
"""Calls that a language model answers: they count against a person's allowance (rule TXT-7)."""
