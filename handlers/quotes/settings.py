"""What quotes need to know of this installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.errors import Permanent
from bot.engine.registry import Registry
from handlers.quotes.calculator import Calculator


@dataclass(frozen=True, slots=True)
class QuoteSettings:
    """The calculators by kind, the usual one first; `demo` is printed on every paper."""

    calculators: Mapping[str, Calculator]
    demo: bool = False

    @property
    def usual(self) -> Calculator:
        """The calculator of a line that names none."""
        return next(iter(self.calculators.values()))

    def of(self, kind: str) -> Calculator:
        """Return the calculator of a kind; raise Permanent for one that was taken out."""
        found = self.calculators.get(kind)
        if found is None:
            raise Permanent(f"no calculator for {kind}")
        return found


def settings_of(registry: Registry) -> QuoteSettings:
    """Return them."""
    found: QuoteSettings = registry.settings[QuoteSettings]
    return found
