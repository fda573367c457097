"""People: their addresses, linking and unlinking them, two persons who become one, and who asks after a silence.

`linking` hands out and takes codes, `confirming` asks, `merging` does it under both persons' hold, `silence` asks a
number that was silent for ninety days who it is (ID-4 to ID-10), `resting` lets addresses beyond the plan read only
(LG-9), `trail` shows a person their own audit.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry


def register(registry: Registry) -> None:
    """Add the words, the questions, the timers, the guard, and what staff may do."""
    from handlers.people import (
        confirming,
        linking,
        merging,
        own_copy,
        resting,
        silence,
        staff,
        stepping,
        trail,
        unlinking,
    )

    registry.add_texts(Path(__file__).with_name("texts"))
    for part in (silence, resting, linking, confirming, merging, unlinking, stepping, own_copy, trail, staff):
        part.register(registry)
