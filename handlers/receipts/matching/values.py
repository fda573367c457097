"""The two sides of a match: what a receipt says of a purchase, and what the bank says of a movement of money.

Amounts are minor units of their currency, positive when money was spent. Merchants are keys of `merchant_key`; a bank
line has up to two, of its raw descriptor and of the vendor's clean name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

Day = date


@dataclass(frozen=True, slots=True)
class Receipt:
    """A confirmed receipt; `kind` is that of its transaction, `has_tip` tells that a tip was read on it."""

    id: int
    date: date
    amount_minor: int
    currency: str
    merchant: str | None = None
    kind: str = "expense"
    cash_back_minor: int = 0
    has_tip: bool = False
    is_restaurant: bool = False
    last4: str | None = None
    minute: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a bank account; `original` is the amount abroad (minor units, currency) that its text names."""

    id: int
    date: date
    amount_minor: int
    currency: str
    merchants: tuple[str, ...] = ()
    authorized: Day | None = None
    original: tuple[int, str] | None = None
    is_restaurant: bool = False
    last4: str | None = None
