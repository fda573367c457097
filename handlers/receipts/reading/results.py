"""What the extractor answers: every field with its raw text, confidence, origin and place (section 1 of the domain)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

Origin = Literal["rule", "ocr", "model"]


@dataclass(frozen=True, slots=True)
class Context:
    """What is known before reading: the day of arrival and the person's defaults.

    `country` is the ISO 3166 code of the person, `known_phones` maps digits of a telephone number to the merchant of an
    earlier receipt, `known_merchants` are names that the person has confirmed before.
    """

    received: datetime.date
    currency: str = "USD"
    country: str | None = None
    known_phones: Mapping[str, str] = field(default_factory=dict)
    known_merchants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """A value as read: its raw text, confidence 0-1, the page and the corners of its line.

    `origin` is `ocr` for what stands on a picture, `rule` for text layers and what a rule restored, `model` for what a
    language model says.
    """

    value: T
    raw: str
    confidence: float
    origin: Origin = "ocr"
    page: int = 0
    box: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A paid line; amounts in minor units."""

    text: str
    amount: int
    quantity: str | None = None
    unit_price: int | None = None


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A line of tax: the rate in percent as printed, the base where printed, and the amount in minor units."""

    label: str
    amount: int
    rate: str | None = None
    base: int | None = None


class Flag(StrEnum):
    """What the whole print is, beyond an ordinary receipt."""

    PARKING_NOTICE = "parking_notice"
    UNPAID = "unpaid"
    REFUND = "refund"
    INJECTION = "injection"
    SEVERAL = "several_receipts"
    UNREADABLE = "unreadable"
    GIFT_CARD = "gift_card"
    TAX_HIGH = "tax_high"
    TIP_HIGH = "tip_high"
    ITEMS_EXCEED = "items_exceed_total"
    SUMS_FIT = "sums_fit"


class Question(StrEnum):
    """What to ask before the draft is confirmed.

    `DATE_OLD` is a question of the conversation and no doubt about the reading, so it is not part of `needs_review`.
    """

    TOTAL = "total"
    DATE = "date"
    DATE_ORDER = "date_order"
    DATE_OLD = "date_old"
    DATE_FUTURE = "date_future"
    MERCHANT = "merchant"
    CURRENCY = "currency"
    NOT_POSITIVE = "not_positive"
    SEVERAL = "several_receipts"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class TotalCandidate:
    """A distinct amount that may be the total, with why."""

    amount: int
    score: float
    raw: str
    reasons: tuple[str, ...]
    page: int = 0
    box: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A receipt as read. Amounts are minor units of `currency`; positive is money spent, negative money back.

    `totals` are the best three distinct amounts, `dates` both readings of an ambiguous date (one otherwise).
    """

    currency: Field[str]
    merchant: Field[str] | None = None
    total: Field[int] | None = None
    date: Field[datetime.date] | None = None
    time: Field[datetime.time] | None = None
    totals: tuple[TotalCandidate, ...] = ()
    dates: tuple[datetime.date, ...] = ()
    subtotal: Field[int] | None = None
    discount: Field[int] | None = None
    tax: Field[int] | None = None
    tax_lines: tuple[TaxLine, ...] = ()
    tip: Field[int] | None = None
    service: Field[int] | None = None
    rounding: Field[int] | None = None
    tendered: Field[int] | None = None
    change: Field[int] | None = None
    cash_back: Field[int] | None = None
    items: tuple[Item, ...] = ()
    payment: Field[str] | None = None
    last4: Field[str] | None = None
    receipt_number: Field[str] | None = None
    tax_id: Field[str] | None = None
    phone: Field[str] | None = None
    address: Field[str] | None = None
    return_by: Field[datetime.date] | None = None
    warranty: Field[str] | None = None
    language: str | None = None
    country: str | None = None
    receipts_seen: int = 1
    flags: frozenset[Flag] = frozenset()
    questions: tuple[Question, ...] = ()

    @property
    def needs_review(self) -> bool:
        """Say whether something must be asked because the reading is in doubt."""
        return any(question is not Question.DATE_OLD for question in self.questions)
