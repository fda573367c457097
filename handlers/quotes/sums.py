"""What a quote comes to: items, less a discount, plus tax from the rounded rest (QT-5, QT-8). Minor units, half up."""

from __future__ import annotations

from dataclasses import dataclass

_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Sums:
    """`subtotal_minor` is the original price; it stays beside every discount."""

    subtotal_minor: int
    discount_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        """What is paid in the end."""
        return self.subtotal_minor - self.discount_minor + self.tax_minor


def share(amount_minor: int, bps: int) -> int:
    """Return a share in basis points, rounded half up."""
    return (amount_minor * bps + _WHOLE // 2) // _WHOLE


def sums(subtotal_minor: int, *, discount_bps: int, tax_bps: int) -> Sums:
    """Return what an amount comes to."""
    discount = share(subtotal_minor, discount_bps)
    return Sums(subtotal_minor, discount, share(subtotal_minor - discount, tax_bps))
