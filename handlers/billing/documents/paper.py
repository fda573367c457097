"""What a document says, from its stored snapshot alone: the same row makes the same file (PY-6, A77)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.money import Money
from bot.core.seal import Seal
from storage.billing import documents

TITLES = {"receipt": "Receipt", "invoice": "Invoice", "credit_note": "Credit note"}
METHODS = {
    "stripe": "Card (Stripe)", "razorpay": "Razorpay", "stars": "Telegram Stars", "offline": "Received by us",
    "none": "Nothing to pay",
}  # fmt: skip


def of(seal: Seal, row: sa.Row[Any]) -> dict[str, Any] | None:
    """Return the fields of a numbered document for the press; None when its person's data was deleted."""
    kept = orjson.loads(seal.open(row.snapshot))
    if not kept:
        return None
    facts = [("Paid by", METHODS.get(kept["method"], str(kept["method"])))]
    if kept["credits"]:
        facts = [("Corrects", kept["credits"])]
    return sheet(
        TITLES[row.kind],
        number=documents.label(row),
        date=kept["date"],
        seller=kept["seller"],
        facts=facts,
        lines=kept["lines"],
        sums=[*_sums(kept), ("Given back" if kept["credits"] else "Total paid", row.total_minor)],
        currency=row.currency,
        demo=kept["demo"],
    )


def sheet(
    title: str,
    *,
    number: str,
    date: str,
    seller: list[str],
    facts: list[tuple[str, str]],
    lines: Iterable[tuple[str, int, int]],
    sums: list[tuple[str, int]],
    currency: str,
    demo: bool,
) -> dict[str, Any]:
    """Return the fields of a paper (`TypesetSheet`): lines are (text, quantity, amount), the last sum is the total."""
    return {
        "title": title,
        "seller": seller,
        "facts": [("Number", number), ("Date", date), *facts],
        "columns": ["Item", "Quantity", "Amount"],
        "rows": [[text, str(quantity), str(Money(amount, currency))] for text, quantity, amount in lines],
        "sums": [(name, str(Money(minor, currency))) for name, minor in sums],
        "demo": demo,
    }


def _sums(kept: dict[str, Any]) -> list[tuple[str, int]]:
    sums: list[tuple[str, int]] = []
    if kept["discount"]:
        name, amount = kept["discount"]
        sums.append((f"Discount {name}".strip(), -amount))
    if kept["taxes"]:
        sums.append(("Net", kept["net"]))
    return [*sums, *((name, amount) for name, amount in kept["taxes"])]
