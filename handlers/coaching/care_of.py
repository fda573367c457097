"""What cares for a coached person beside the coach itself: safety, check-ins, the export, the account of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.coaching import later, safety

if TYPE_CHECKING:
    from bot.engine.registry import Registry


def register(registry: Registry) -> None:
    """Register what is heard before other words are taken as free text."""
    safety.register(registry)
    later.register(registry)


def register_last(registry: Registry) -> None:
    """Register what is asked when no other service knew the words; right before the coach."""
    safety.register_last(registry)
