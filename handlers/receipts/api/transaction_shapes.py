"""The shapes in which transactions come and go over the API; from them its description is made (`openapi.json`)."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from handlers.receipts.api.pages import Paging
from handlers.receipts.api.values import Currency, Day, Given, Line, Minor, Name, RowId, Tag, Tags, Taken, Words
from storage.receipts import words

Kind = Literal["expense", "refund", "income", "transfer"]
State = Literal["pending", "posted"]
AnyState = Literal["pending", "posted", "void"]


Time = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["18:22"])]
OwnId = Annotated[str, Field(pattern=r"^[0-9]{1,19}$", description="An id, or `0` for Uncategorised.")]


def _answers_one(text: str) -> str:
    if not words.stems(text):
        raise ValueError("holds no word")
    return text


class ShareIn(Taken):
    """A part of a split transaction."""

    amount_minor: Minor
    category_id: RowId | None = None


Shares = Annotated[tuple[ShareIn, ...], Field(max_length=50)]


class TransactionIn(Taken):
    """A new transaction. Without `category_id` it is decided as for a receipt; `null` is Uncategorised.

    The same `external_id` is never taken twice (CAP-12).
    """

    date: Day
    time: Time | None = None
    amount_minor: Minor
    currency: Currency
    kind: Kind | None = Field(None, description="Without it: `expense`, or `refund` when the amount is negative.")
    state: State = "posted"
    merchant: Name | None = None
    description: Line | None = None
    note: Words | None = None
    tags: Tags = ()
    category_id: RowId | None = None
    account_id: RowId | None = None
    parts: Shares = ()
    external_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class TransactionPatch(Taken):
    """What changes; what is not named stays."""

    date: Day | None = None
    time: Time | None = None
    amount_minor: Minor | None = None
    currency: Currency | None = None
    kind: Kind | None = None
    state: AnyState | None = None
    merchant: Name | None = None
    description: Line | None = None
    note: Words | None = None
    tags: Tags | None = None
    category_id: RowId | None = None
    account_id: RowId | None = None
    parts: Shares | None = None


class Share(Given):
    """A part of a split transaction."""

    amount_minor: int
    category_id: str | None


class TransactionOut(Given):
    """A movement of money; positive was spent."""

    id: str
    revision: int
    date: datetime.date
    time: str | None
    amount_minor: int
    currency: str
    kind: str
    state: str
    merchant: str | None
    description: str | None
    note: str | None
    tags: list[str]
    category_id: str | None
    account_id: str | None
    receipt_id: str | None
    has_picture: bool
    parts: list[Share]


class Sum(Given):
    """How many of a currency match, and what they add to."""

    currency: str
    count: int
    amount_minor: int


class TransactionPage(Given):
    """A page, newest first; `sums` of all that match, when they were asked for."""

    data: list[TransactionOut]
    next: str | None
    sums: list[Sum] | None = None


class Listing(Paging):
    """The filters of SEA-5; all that are given must hold. A list may be given as `a,b` or several times."""

    account: tuple[OwnId, ...] = ()
    category: tuple[OwnId, ...] = Field((), description="With everything under it; `0` is Uncategorised.")
    merchant: Name | None = None
    text: Annotated[str, Field(max_length=200), AfterValidator(_answers_one)] | None = None
    kind: tuple[Kind, ...] = ()
    tag: tuple[Tag, ...] = ()
    from_: Day | None = Field(None, alias="from")
    to: Day | None = Field(None, description="The day after the last.")
    min: Annotated[int, Field(ge=0, le=10**13)] | None = Field(
        None, description="Absolute, in the smallest unit of `currency`, in hundredths without one."
    )
    max: Annotated[int, Field(ge=0, le=10**13)] | None = None
    currency: Currency | None = None
    state: tuple[AnyState, ...] = ()
    has_receipt: bool | None = None
    sums: bool = False
