"""What a document says, from its stored snapshot alone: the same row makes the same file (PY-6, A77)."""

from __future__ import annotations

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
    return {
        "title": TITLES[row.kind],
        "number": documents.label(row),
        "date": kept["date"],
        "seller": kept["seller"],
        "facts": facts,
        "rows": [_row(text, quantity, amount, row.currency) for text, quantity, amount in kept["lines"]],
        "sums": _sums(kept, row.currency),
        "total": ("Given back" if kept["credits"] else "Total paid", str(Money(row.total_minor, row.currency))),
        "demo": kept["demo"],
    }


def _row(text: str, quantity: int, amount: int, currency: str) -> dict[str, str]:
    written = str(quantity) if quantity != 1 else ""
    return {"text": text, "quantity": written, "amount": str(Money(amount, currency))}


def _sums(kept: dict[str, Any], currency: str) -> list[tuple[str, str]]:
    sums: list[tuple[str, str]] = []
    if kept["discount"]:
        name, amount = kept["discount"]
        sums.append((f"Discount {name}".strip(), str(Money(-amount, currency))))
    if kept["taxes"]:
        sums.append(("Net", str(Money(kept["net"], currency))))
    return sums + [(name, str(Money(amount, currency))) for name, amount in kept["taxes"]]
