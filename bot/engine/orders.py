"""What may be bought beside letters: a service opens an order, the till takes the money, the service fulfils (PY-*).

A service names what is bought by a purpose ("pack", "plan", "quote") and a reference of its own, and registers under
the purpose what happens when it is paid. It knows no provider. Fulfilment is keyed by purpose and reference, so it
happens once however often a payment is told (PY-4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.engine.turn import Turn


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order: minor units for all of `quantity` together."""

    text: str
    amount_minor: int
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to buy; the amounts are ours, never the caller's.

    `stars` is the price inside Telegram where digital goods are sold for Stars only; physical goods have none. `title`
    names all of it on pages and in messages, and is what a provider is told: nothing personal stands in it (VEN-8).
    What `renews` is charged again by itself, so no code takes anything off it.
    `tax_bps` is the tax that was promised with the price; without one the till takes its own.
    """

    purpose: str
    reference: str
    lines: tuple[Line, ...]
    currency: str
    is_physical: bool
    expires_at: datetime
    stars: int | None = None
    coupon: str = ""
    title: str = ""
    renews: bool = False
    tax_bps: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """An order that waits for its payment: where to pay (a page of ours), and what is to be paid in the end.

    An order over nothing is paid already and has no page (A71); one for Stars has none either, its invoice comes by
    itself.
    """

    id: int
    url: str
    total_minor: int
    currency: str
    is_paid: bool = False


@dataclass(frozen=True, slots=True)
class Paid:
    """An order that was paid, as the one who fulfils it sees it."""

    id: int
    purpose: str
    reference: str
    total_minor: int
    currency: str


Fulfil = Callable[["Turn", Paid], None]
"""Gives what was paid for, once; raises Refusal before it changed anything when it cannot: then all goes back."""

Undo = Callable[["Turn", Paid], None]
"""Takes back what is left of it (after a refund, or while the bank disputes the charge), or gives that again."""


class Till(Protocol):
    """Who takes orders. Called in a turn: no network, rows in the turn's own commit."""

    def open(self, turn: Turn, wanted: Wanted) -> Opened:
        """Open an order, expiring an open one of the same purpose (PY-2); raise Refusal for what may not be sold."""
        ...
