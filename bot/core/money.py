"""Amounts of money: integer minor units with their currency, never a float."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's smallest unit (`Money(1995)` is $19.95)."""

    amount_minor: int
    currency: str = "USD"

    def __str__(self) -> str:
        """Write the amount as people read it: `$19.95`, `-$3.00`, `19.95 EUR`, `700 Stars` (no minor unit)."""
        if self.currency == "XTR":
            return f"{self.amount_minor:,} {'Star' if self.amount_minor == 1 else 'Stars'}"
        sign, minor = ("-", -self.amount_minor) if self.amount_minor < 0 else ("", self.amount_minor)
        whole = f"{minor // 100:,}.{minor % 100:02d}"
        return f"{sign}${whole}" if self.currency == "USD" else f"{sign}{whole} {self.currency}"

    def tax(self, basis_points: int) -> Money:
        """Return the tax on this amount at `basis_points` (1/100 %), rounded half up."""
        return Money((self.amount_minor * basis_points + 5_000) // 10_000, self.currency)

    def __add__(self, other: Money) -> Money:
        """Add two amounts of one currency; raise ValueError when the currencies differ."""
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount_minor + other.amount_minor, self.currency)
