"""What cares for a coached person beside the coach itself: safety, check-ins, the export, the account of use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from handlers.coaching import accounts, exporting, handing_over, later, safety

if TYPE_CHECKING:
    from bot.engine.registry import Registry


def register(registry: Registry) -> None:
    """Register what is heard before other words are taken as free text."""
    safety.register(registry)
    registry.add_texts(Path(__file__).with_name("care_texts"))
    for part in (later, accounts, exporting, handing_over):
        part.register(registry)


def register_last(registry: Registry) -> None:
    """Register what is asked when no other service knew the words; right before the coach."""
    safety.register_last(registry)
