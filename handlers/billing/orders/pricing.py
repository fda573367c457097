"""What an order comes to: lines, less a discount, plus tax; never a sum that no gateway takes (PY-1, CP-5, PY-12)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from handlers.billing.tax import Rate, tax

FILE = Path(__file__).parent.parent / "data" / "minimums.toml"
LEAST = 50


@dataclass(frozen=True, slots=True)
class Totals:
    """Minor units: `net_minor` is after the discount and before the tax."""

    discount_minor: int
    net_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        """What is charged."""
        return self.net_minor + self.tax_minor


def totals(gross_minor: int, wished_minor: int, rate: Rate, least_minor: int) -> Totals:
    """Return what lines of `gross_minor` come to with a discount that is wished.

    A discount never exceeds the price. One that would leave less than a gateway takes shrinks until that is left; one
    that leaves nothing stays.
    """
    discount = min(max(wished_minor, 0), gross_minor)
    found = _made(gross_minor, discount, rate)
    if not discount or not 0 < found.total_minor < least_minor:
        return found
    while discount and found.total_minor < least_minor:
        missing = (least_minor - found.total_minor) * 10_000 // (10_000 + rate.bps)
        discount = max(discount - max(missing // 2, 1), 0)
        found = _made(gross_minor, discount, rate)
    return found


def _made(gross_minor: int, discount_minor: int, rate: Rate) -> Totals:
    net = gross_minor - discount_minor
    return Totals(discount_minor, net, tax(net, rate.bps))


@cache
def _table() -> dict[str, int]:
    found: dict[str, int] = tomllib.loads(FILE.read_text("utf-8"))["least"]
    return found


def least_of(currency: str) -> int:
    """Return the least that is charged in a currency."""
    return _table().get(currency, LEAST)
