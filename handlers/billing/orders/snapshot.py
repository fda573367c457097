"""What an order was about, as it was told when it was opened: sealed with its row and never changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.seal import Seal
from bot.engine.orders import Line

INCLUDED = "Tax (included)"
"""The line of a tax that the prices include: what it comes to is known when Stripe has worked it out (PY-12)."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Lines in minor units, what the discount is called, the tax as it is told."""

    title: str = ""
    lines: tuple[Line, ...] = ()
    discount: str = ""
    taxes: tuple[tuple[str, int], ...] = ()

    def seal(self, seal: Seal) -> bytes:
        """Return it as it is stored."""
        lines = [[line.text, line.amount_minor, line.quantity] for line in self.lines]
        kept = {"title": self.title, "lines": lines, "discount": self.discount, "taxes": self.taxes}
        return seal.seal(orjson.dumps(kept))


def read(seal: Seal, stored: bytes) -> Snapshot:
    """Return what was stored; an empty one where the person's data was deleted."""
    found = orjson.loads(seal.open(stored))
    lines = tuple(Line(text, amount, quantity) for text, amount, quantity in found.get("lines", ()))
    taxes = tuple((str(name), int(amount)) for name, amount in found.get("taxes", ()))
    return Snapshot(str(found.get("title", "")), lines, str(found.get("discount", "")), taxes)


def taxed(seal: Seal, order: sa.Row[Any], tax_minor: int) -> dict[str, Any]:
    """Return the columns of an order that change when the tax in its total is known; the total never does (PY-1)."""
    kept = replace(of(seal, order), taxes=((INCLUDED, tax_minor),) if tax_minor else ())
    return {"tax_minor": tax_minor, "net_minor": order.total_minor - tax_minor, "snapshot": kept.seal(seal)}


def of(seal: Seal, order: sa.Row[Any]) -> Snapshot:
    """Return the snapshot of an order."""
    return read(seal, order.snapshot)
