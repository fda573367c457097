"""What a calculator is: the plug-in that knows one kind of goods, its words, its questions and its price (section 15).

The conversation, versions, papers and payment know no goods. A calculator reads a line into fields, names the field
that is missing next, tells what it understood, and prices what is complete. It is pure: no clock, no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Fields = dict[str, Any]
"""What is known of an item, as JSON; the words are its calculator's."""

Said = tuple[str, Mapping[str, object]]
"""A text key with its arguments."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a text made of the fields; `doubts` say what was not taken, and why it is asked again (QT-1)."""

    fields: Fields
    doubts: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked next, and the answers that there are, if they are few."""

    field: str
    said: Said
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Priced:
    """An item with its price: the unit price is rounded, and the amount is the unit price times the quantity.

    `text` names it for its author, `offered` for a customer, without any cost of ours; `details` follow it on paper.
    `breaks` are (quantity, unit price) of other quantities; `facts` are for information and part of no price.
    """

    text: str
    offered: str
    quantity: int
    unit_minor: int
    amount_minor: int
    breaks: tuple[tuple[int, int], ...] = ()
    facts: tuple[Said, ...] = ()
    details: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a whole quote, whatever its items: the file of the calculator says so."""

    currency: str
    tax_bps: int
    author_discount_bps: int
    valid_days: int


class Calculator(Protocol):
    """Who prices one kind of goods. `rates` is the snapshot that a quote keeps, as `snapshot` gave it (QT-2)."""

    @property
    def kind(self) -> str:
        """Its name in stored quotes."""
        ...

    @property
    def terms(self) -> Terms:
        """What holds for a whole quote now."""
        ...

    def read(self, text: str, known: Fields, asked: str = "") -> Read:
        """Return the fields with what a text adds or changes; `asked` is the field that was asked for."""
        ...

    def missing(self, known: Fields) -> Question | None:
        """Return the next question, None when the item is complete."""
        ...

    def told(self, known: Fields) -> tuple[Said, ...]:
        """Return what was understood of a complete item, for a person to confirm."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """Return all rates and settings, as JSON."""
        ...

    def price(self, known: Fields, rates: Mapping[str, Any]) -> Priced:
        """Price a complete item by a snapshot."""
        ...
