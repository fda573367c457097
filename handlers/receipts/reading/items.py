"""Paid lines: what stands above the sums, with a price in the right column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from handlers.receipts.reading.entries import Entry, Value
from handlers.receipts.reading.labels import plain_words
from handlers.receipts.reading.results import Item

_NO_ITEM = re.compile(
    r"\b(?:tel|phone|fax|gst ?(?:no|id|reg)|reg ?no|invoice|receipt ?no|date|time|cashier|table|server|order|check"
    r"|terminal|auth|approval|ref\b|trans|www|http|price ?(?:each|/)|unit price)\b|^\W*(?:purchase|amount|sale)\W*$"
)
_NOT_PAID = frozenset({"hint", "header", "count", "tip_hint", "tax_section", "cash_back"})
_STARTS_QUANTITY = re.compile(r"^\W*(\d{1,3})\s*(?:[xX×@]\s*)?\b")


def items_of(entries: Sequence[Entry]) -> list[tuple[Item, Entry]]:
    """Return the items with their entries; lines without an own name take the name of the line above."""
    body = _body(entries)
    column = _column(body)
    found: list[tuple[Item, Entry]] = []
    name = ""
    for entry in body:
        value = _price(entry, column)
        words = _name(entry.text)
        if value is None or value.minor == 0:
            name = words if len(words) > 2 and value is None else name
            continue
        if entry.label.name == "discount" or value.minor < 0 or _NO_ITEM.search(plain_words(entry.text)):
            continue
        if not name and sum(c.isalpha() for c in words) < 3 and value.minor == sum(item.amount for item, _ in found):
            continue
        shown = words if sum(c.isalpha() for c in words) > 2 else name
        found.append((_item(shown, entry, value), entry))
        name = ""
    return found


def discounts_among(entries: Sequence[Entry]) -> list[int]:
    """Return the reductions that stand between the items, as positive amounts."""
    body = _body(entries)
    return [
        abs(entry.last.minor)
        for entry in body
        if entry.last is not None and entry.last.minor and (entry.label.name == "discount" or entry.last.minor < 0)
    ]


def _body(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries above the first sum."""
    ends = {"subtotal", "total", "tax", "tendered", "change", "rounding", "tip", "service"}
    end = next((at for at, e in enumerate(entries) if e.label.name in ends and e.money), len(entries))
    return [entry for entry in entries[:end] if entry.label.name not in _NOT_PAID]


def _column(body: Sequence[Entry]) -> float | None:
    """Return the usual right edge of the last amount of a line."""
    edges = [entry.money[-1].cell.right for entry in body if entry.money]
    return median(edges) if len(edges) >= 3 else None


def _price(entry: Entry, column: float | None) -> Value | None:
    if not entry.money:
        return None
    value = entry.money[-1]
    width = value.cell.right - value.cell.left
    if column is not None and value.cell.right < column - max(3 * width, 12 * value.cell.height):
        return None
    return value


def _name(text: str) -> str:
    text = re.sub(r"\s+", " ", re.sub(r"^\W+|[\s$€£@xX*]+$", "", text)).strip()
    return _STARTS_QUANTITY.sub("", text).strip() or text


def _item(name: str, entry: Entry, value: Value) -> Item:
    quantity = _STARTS_QUANTITY.match(entry.values[0].cell.text) if entry.values else None
    unit = next(
        (v.minor for v in entry.values[:-1] if v.minor and value.minor % v.minor == 0 and v.minor <= value.minor), None
    )
    return Item(name[:120], value.minor, quantity[1] if quantity else None, unit if unit and unit >= 10 else None)
