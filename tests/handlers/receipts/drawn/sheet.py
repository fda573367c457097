"""The texts of drawn receipts: what is printed, how it is drawn, and what a reader should answer.

    # my-kedai-01
    company: KEDAI RUNCIT MAJU SDN BHD / Kedai Maju
    date: 2018-03-02
    total: 12.40
    look: scan mono
    ---
    ^KEDAI RUNCIT MAJU SDN BHD
    MILO 1KG | 12.40

A line starts with `^` to stand in the middle, `>` at the right, `@` as a logo; a second mark (`^^`) doubles the
letters, `!` after the mark makes them bold. ` | ` sets columns: the last one ends at the right edge. `===` and `---`
are rules, `%` is a mark without letters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).with_name("texts")
LINES = Path(__file__).with_name("lines")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One receipt: its name, what is known of it, and its printed lines."""

    name: str
    known: dict[str, str]
    lines: tuple[str, ...]

    @property
    def look(self) -> frozenset[str]:
        """Return the words that say how it is drawn."""
        return frozenset(self.known.get("look", "scan mono").split())

    @property
    def label(self) -> dict[str, Any]:
        """Return the label in the form of the development set; what is absent is not labelled."""
        names = [part.strip() for part in self.known["company"].split(" / ")]
        amounts = {key: self.known.get(key) for key in ("total", "tax", "subtotal")}
        return {
            "file": self.name,
            "source": "wild" if "photo" in self.look else "sroie",
            "company": names[0] or None,
            "company_alt": names[1:],
            "date": self.known.get("date"),
            "total_alt": [],
            "currency": self.known.get("currency"),
            "item_prices": self.known["items"].split() if "items" in self.known else None,
            "address": self.known.get("address"),
            "language": self.known.get("language"),
            **amounts,
        }


def sheets(file: Path) -> Iterator[Sheet]:
    """Yield the receipts of one file of texts."""
    for part in ("\n" + file.read_text("utf-8")).split("\n# ")[1:]:
        head, _, body = part.partition("\n---\n")
        name, *facts = head.splitlines()
        known = {key.strip(): value.strip() for key, _, value in (fact.partition(":") for fact in facts)}
        yield Sheet(name.strip(), known, tuple(body.rstrip("\n").split("\n")))
