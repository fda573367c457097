"""What the stored fields of a receipt (`receipt.fields`) say to an export, and fields made of an entry that comes in.

The one place of the exports that knows how the fields are stored.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from handlers.receipts.exports.ledger import Details, Entry


@dataclass(frozen=True, slots=True)
class Facts:
    """What is in the fields and in no column."""

    merchant: str = ""
    description: str = ""
    tip_minor: int = 0
    details: Details | None = None


def facts_of(fields: bytes) -> Facts:
    """Read stored fields; what cannot be read says nothing."""
    try:
        return msgspec.json.decode(fields, type=Facts)
    except msgspec.DecodeError:
        return Facts()


def fields_of(entry: Entry) -> bytes:
    """Return the fields of a receipt that an imported entry stands for."""
    return msgspec.json.encode(Facts(entry.merchant, entry.description, entry.tip_minor, entry.details))
