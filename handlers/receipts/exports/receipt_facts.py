"""What the stored fields of a receipt say to an export, and fields made of an entry that comes in from a file.

The one place of the exports that knows `handlers.receipts.fields`. Where a field was read, how sure it is and what else
it may be is not exported: what comes in again was told by the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from handlers.receipts.exports.ledger import Details, Entry, Kind
from handlers.receipts.fields import Fields, Item, TaxLine, told

_AMOUNTS = {
    "subtotal": "subtotal_minor", "discount": "discount_minor", "service": "service_minor",
    "rounding": "rounding_minor", "tendered": "tendered_minor", "change": "change_minor",
    "cash_back": "cash_back_minor",
}  # fmt: skip
_TEXTS = {
    "address": "address", "phone": "phone", "tax_id": "tax_id", "receipt_number": "number", "payment": "payment_method",
}  # fmt: skip
_PLAIN = ("time", "return_by")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is in the fields and in no column; kind, category, tags and note are those of a draft."""

    merchant: str = ""
    description: str = ""
    tip_minor: int = 0
    details: Details | None = None
    kind: Kind = Kind.EXPENSE
    category_id: int | None = None
    tags: tuple[str, ...] = ()
    note: str = ""


def facts_of(stored: bytes) -> Facts:
    """Read stored fields; what cannot be read says nothing."""
    try:
        fields = Fields.load(stored)
    except msgspec.DecodeError:
        return Facts()
    details = _details(fields)
    return Facts(
        merchant=fields.name or "",
        description=fields.description or "",
        tip_minor=fields.tip.value if fields.tip else 0,
        details=None if details == Details() else details,
        kind=Kind(fields.kind),
        category_id=fields.category_id,
        tags=fields.tags,
        note=fields.note or "",
    )


def _details(fields: Fields) -> Details:
    values: dict[str, Any] = {}
    for names in (_AMOUNTS, _TEXTS, dict(zip(_PLAIN, _PLAIN, strict=True))):
        for name, detail in names.items():
            if (found := getattr(fields, name)) is not None:
                values[detail] = found.value
    warranty = fields.warranty.value if fields.warranty else ""
    until = _day(warranty)
    return Details(
        **values, language=fields.language or "", warranty_until=until, warranty="" if until is not None else warranty
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def fields_of(entry: Entry, category_id: int | None) -> Fields:
    """Return the fields of a receipt that an imported entry stands for."""
    details = entry.details or Details()
    values: dict[str, Any] = {}
    for names in (_AMOUNTS, _TEXTS, dict(zip(_PLAIN, _PLAIN, strict=True))):
        for name, detail in names.items():
            if (found := getattr(details, detail)) not in (None, ""):
                values[name] = told(found)
    warranty = details.warranty_until.isoformat() if details.warranty_until else details.warranty
    return Fields(
        currency=told(entry.currency),
        kind=entry.kind.value,
        total=told(entry.amount_minor),
        merchant=told(entry.merchant) if entry.merchant else None,
        description=entry.description or None,
        date=told(entry.date),
        tip=told(entry.tip_minor) if entry.tip_minor else None,
        warranty=told(warranty) if warranty else None,
        language=details.language or None,
        items=tuple(_item(one) for one in entry.items),
        tax_lines=tuple(TaxLine(one.label, one.amount_minor, _number(one.rate_percent), one.base_minor)
                        for one in entry.taxes),
        category_id=category_id,
        note=entry.note or None,
        tags=entry.tags,
        **values,
    )  # fmt: skip


def _item(one: Any) -> Item:
    return Item(one.text, one.amount_minor, _number(one.quantity), one.unit_price_minor)


def _number(value: Any) -> str | None:
    return None if value is None else f"{value:f}"
