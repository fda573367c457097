"""A finished file of an export, and how writers ask for a picture's bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from handlers.receipts.exports.ledger import Picture

PictureReader = Callable[[Picture], bytes]


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file to send: a plain name without path parts, its media type, its bytes."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
