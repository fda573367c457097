"""How many pictures a person may have read (rule CAP-14): reserved before the reader sees one, settled after.

A picture for which no reading is left is kept, as a draft that asks for its values: typing is always free.
"""

from __future__ import annotations

from bot.engine.rights import Booked
from bot.engine.turn import Turn
from storage.receipts import readings

FEATURE = "receipts.read"
USED_UP = "quota"
"""The trouble of a picture that waits for a reading."""


def reserve(turn: Turn, document_id: int) -> str | None:
    """Set one reading aside and return its operation, None when there is none left.

    All looks at a document that one message caused are one operation; another try later is another one.
    """
    earlier = len(readings.of_document(turn.work, turn.person.id, document_id))
    operation = f"document:{document_id}:{earlier}:{FEATURE}"
    booked = turn.registry.rights.reserve(turn, FEATURE, operation)
    return operation if booked is Booked.GRANTED else None


def settle(turn: Turn, operation: str, *, was_read: bool) -> None:
    """Count a reading, or give it back when nothing could be read."""
    if operation:
        turn.registry.rights.settle(turn, FEATURE, operation, used=1 if was_read else 0)


def told(turn: Turn) -> str:
    """Return what is left and what would allow more, in the words of whoever decides; a space before it if any."""
    said = turn.registry.rights.decide(turn, FEATURE).told
    return f" {said}" if said else ""
