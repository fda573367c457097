"""How many pages of proof a letter may have by its person's plan (`appeals.evidence_pages`), beside its own limit.

A page holds one picture, or two when the letter has more than four (rule LET-4). Papers that the city wants, a form or
a photo ID, stand alone and are never counted: whoever may appeal may send what has to be sent (PL-1).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.rights import Decision
from bot.engine.turn import Turn
from handlers.appeals.facts import EvidenceItem
from handlers.appeals.letter import MOST_EXHIBITS

FEATURE = "appeals.evidence_pages"
PAIR_ABOVE = 4
_ALONE = ("form", "photo_id")


def pages_of(items: Sequence[EvidenceItem]) -> int:
    """Return how many pages the proof among a letter's exhibits takes."""
    pictures = sum(max(1, len(item.prints)) for item in items)
    pages, room = 0, False
    for item in items:
        for _ in range(max(1, len(item.prints))):
            shares = pictures > PAIR_ABOVE and item.kind not in _ALONE
            if not (shares and room) and item.kind not in _ALONE:
                pages += 1
            room = shares and not room
    return pages


def right(turn: Turn) -> Decision:
    """Return how many pages the person's plan has, and what would allow more."""
    return turn.registry.rights.decide(turn, FEATURE)


def surplus(turn: Turn, items: Sequence[EvidenceItem]) -> int:
    """Return how many exhibits, taken from the end, have to stay out; 0 for a letter that fits."""
    kept = list(items)
    value = right(turn).value if kept else None
    while len(kept) > MOST_EXHIBITS or (value is not None and pages_of(kept) > int(value)):
        last = next((n for n in reversed(range(len(kept))) if kept[n].kind not in _ALONE), len(kept) - 1)
        del kept[last]
    return len(items) - len(kept)
