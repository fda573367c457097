"""What is read from one text: an expense, several, or none with its reason."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What the money did."""

    EXPENSE = "expense"
    REFUND = "refund"
    INCOME = "income"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Expense:
    """A draft as the text states it; what the text does not say is None or empty.

    `amount_minor` is positive for money spent and negative for money back, in the smallest unit of `currency`.
    `dates` holds both readings of an ambiguous date, the taken one first (DAT-5). `question` names the field that the
    person should confirm ("date"), with `candidates` to choose from.
    """

    amount_minor: int
    currency: str
    merchant: str | None = None
    description: str | None = None
    date: datetime.date | None = None
    dates: tuple[datetime.date, ...] = ()
    kind: Kind = Kind.EXPENSE
    tip: int | None = None
    tags: tuple[str, ...] = ()
    note: str | None = None
    last4: str | None = None
    split: int | None = None
    recurring: str | None = None
    confidence: float = 1.0
    question: str | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Several:
    """Several expenses in one text, in its order (TX-31)."""

    drafts: tuple[Expense, ...]


@dataclass(frozen=True, slots=True)
class NoExpense:
    """Why a text is no expense.

    Reasons of NOT-1 and NOT-2: `otp`, `declined`, `due`, `balance`, `statement`, `shipping`, `advert`, `income`,
    `transfer`, `search`. What a person's own sentence says instead of spending: `planned` (also denied and wished
    for), `due` (owed), `quoted` (a price), `fine`, `talk`. Reasons to ask: `no_amount`, `what_for` (a number alone),
    `which_amount`, `currency`, `zero`, `too_large`, `planned`, `doubtful` (some evidence of a purchase, not enough),
    `likely` (a name that nobody knows and an everyday number: most people would call it a purchase); `question` then
    names the field and `candidates` the choices. `amount_minor` and `currency` tell what was seen, so that an income
    or a reminder can be offered.
    """

    reason: str
    question: str | None = None
    candidates: tuple[str, ...] = ()
    amount_minor: int | None = None
    currency: str | None = None


Reading = Expense | Several | NoExpense
