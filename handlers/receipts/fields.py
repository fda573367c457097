"""What is known of one purchase, as it is stored: every field with its value, its raw text, how sure it is, and where
it came from (section 1 of the receipts rules).

The whole is one JSON object, sealed in the receipt's row. Unknown keys of a newer release are ignored, so that old
code can read what new code wrote.
"""

from __future__ import annotations

import datetime
from typing import Any, Generic, Literal, TypeVar

import msgspec

from handlers.receipts.merchants import merchant_key
from handlers.receipts.phones import phone_key
from storage.receipts.receipts import Draft

T = TypeVar("T")
Origin = Literal["rule", "ocr", "model", "person"]
Kind = Literal["expense", "refund", "income", "transfer"]


class Value(msgspec.Struct, Generic[T], frozen=True, omit_defaults=True):
    """A value with its raw text, confidence 0-1, origin, page and the corners of its line."""

    value: T
    raw: str = ""
    confidence: float = 1.0
    origin: Origin = "rule"
    page: int = 0
    box: tuple[int, ...] = ()

    def but_value(self, value: T) -> Value[T]:
        """Return the same evidence for another spelling of the value."""
        return msgspec.structs.replace(self, value=value)


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """A paid line; amounts in minor units."""

    text: str
    amount: int
    quantity: str | None = None
    unit_price: int | None = None
    category_id: int | None = None


class TaxLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of tax: its rate in percent as printed, its base where printed, its amount in minor units."""

    label: str
    amount: int
    rate: str | None = None
    base: int | None = None


class Portion(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a split purchase belongs to a category (None: Uncategorised), in minor units."""

    amount: int
    category_id: int | None = None


class Fields(msgspec.Struct, frozen=True, omit_defaults=True):
    """A purchase. Amounts are minor units of `currency`; positive was spent, negative came back.

    `totals` and `dates` are what else the total or the date may be; `questions` is what must be asked before it can be
    saved (`handlers.receipts.reading.Question`, and `amount`). `category_id` is None for Uncategorised, `reason` tells
    why (`handlers.receipts.categories.Reason`). `told` says that the category was named by the person. The portions of
    a split purchase add to its total when it is booked (CAT-8).
    """

    currency: Value[str]
    kind: Kind = "expense"
    total: Value[int] | None = None
    merchant: Value[str] | None = None
    description: str | None = None
    date: Value[datetime.date] | None = None
    time: Value[datetime.time] | None = None
    subtotal: Value[int] | None = None
    discount: Value[int] | None = None
    tax: Value[int] | None = None
    tip: Value[int] | None = None
    service: Value[int] | None = None
    rounding: Value[int] | None = None
    tendered: Value[int] | None = None
    change: Value[int] | None = None
    cash_back: Value[int] | None = None
    payment: Value[str] | None = None
    last4: Value[str] | None = None
    receipt_number: Value[str] | None = None
    order_number: Value[str] | None = None
    tax_id: Value[str] | None = None
    phone: Value[str] | None = None
    address: Value[str] | None = None
    return_by: Value[datetime.date] | None = None
    warranty: Value[str] | None = None
    language: str | None = None
    items: tuple[Item, ...] = ()
    tax_lines: tuple[TaxLine, ...] = ()
    category_id: int | None = None
    reason: str | None = None
    split: tuple[Portion, ...] = ()
    note: str | None = None
    tags: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    totals: tuple[int, ...] = ()
    dates: tuple[datetime.date, ...] = ()
    recurring: str | None = None
    confidence: float = 1.0
    reader: str = "rule"
    raw_text: str = ""

    def dump(self) -> bytes:
        """Return the fields as JSON."""
        return _ENCODER.encode(self)

    @staticmethod
    def load(stored: bytes) -> Fields:
        """Read what `dump` wrote."""
        return _DECODER.decode(stored)

    def but(self, **changes: Any) -> Fields:
        """Return the same purchase with some fields changed."""
        return msgspec.structs.replace(self, **changes)

    @property
    def name(self) -> str | None:
        """The merchant, or None."""
        return self.merchant.value if self.merchant else None

    @property
    def day(self) -> datetime.date | None:
        """The date, or None."""
        return self.date.value if self.date else None

    @property
    def amount(self) -> int | None:
        """The total in minor units, or None."""
        return self.total.value if self.total else None

    @property
    def minute(self) -> int | None:
        """The minute of the day, or None."""
        return None if self.time is None else self.time.value.hour * 60 + self.time.value.minute

    def as_draft(self) -> Draft:
        """Return what is stored: the JSON, and the plain columns by which it is found."""
        return Draft(
            fields=self.dump(),
            date=self.day,
            minute=self.minute,
            currency=self.currency.value,
            total_minor=self.amount,
            merchant_key=merchant_key(self.name) if self.name else None,
            number=self.receipt_number.value if self.receipt_number else None,
            confidence_percent=round(self.confidence * 100),
            phone=phone_key(self.phone.value) if self.phone else None,
        )


def told(value: T, raw: str = "") -> Value[T]:
    """Return a value that the person gave."""
    return Value(value, raw, 1.0, "person")


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Fields)
