"""What the operator decides about banks, and what other parts of the books want to hear of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.engine.registry import Registry
from bot.engine.turn import Turn

Booked = Callable[[Turn], None]
"""Called in the turn in which new lines from the link day on were booked, and never for history (BNK-7)."""


@dataclass(frozen=True, slots=True)
class BankSettings:
    """Whether a bank vendor is configured, and who hears of new spending."""

    is_offered: bool = True
    booked: Booked | None = None


def settings_of(registry: Registry) -> BankSettings:
    """Return the settings that were registered."""
    found: BankSettings = registry.settings.get(BankSettings, BankSettings(is_offered=False))
    return found
