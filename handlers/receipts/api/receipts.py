"""`/receipts`: drafts and what became of them; confirmed, edited and taken back by the same functions as in the chat.

A receipt is known by its id or by its code (`R7K2`). What is read of a file appears in it when the reading is done.
"""

from __future__ import annotations

import datetime
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import Field

from bot.core.errors import Problem
from bot.engine.api import Call, Reply, Route
from handlers.receipts import drafts
from handlers.receipts.api.pages import Paging, cursor_of, id_of
from handlers.receipts.api.transaction_shapes import Time
from handlers.receipts.api.transactions import TOLD
from handlers.receipts.api.values import (
    Currency,
    Day,
    Given,
    Line,
    Minor,
    Name,
    RowId,
    Tags,
    Taken,
    Words,
    missing,
    row_id,
    stale,
    unknown,
)
from handlers.receipts.fields import Fields, told
from handlers.receipts.flow import saving
from handlers.receipts.flow.flow import Seen
from handlers.receipts.merchants import display_name, merchant_key
from handlers.receipts.owner import owner_of
from storage import blobs
from storage.receipts import (
    categories,
    documents,
    history,
    receipt_list,
    receipts,
    rules,
    transactions,
)
from storage.receipts.receipts import CODE_LENGTH, WAITING
from storage.work import Work

READING = "reading"
"""The flag of a draft whose file is being read."""
State = Literal["draft", "needs_review", "confirmed", "rejected", "failed"]


class ReceiptPatch(Taken):
    """What changes; what is not named stays. `null` empties what may be empty."""

    merchant: Name | None = None
    date: Day | None = None
    time: Time | None = None
    currency: Currency | None = None
    total_minor: Minor | None = None
    tip_minor: Minor | None = None
    description: Line | None = None
    note: Words | None = None
    tags: Tags | None = None
    category_id: RowId | None = None


class ItemOut(Given):
    """A printed line."""

    text: str
    amount_minor: int
    quantity: str | None
    unit_price_minor: int | None


class TaxOut(Given):
    """A line of tax; the rate in percent as printed."""

    label: str
    amount_minor: int
    rate: str | None
    base_minor: int | None


class ReceiptOut(Given):
    """A receipt. Amounts are minor units of `currency`; `total_minor` is what the purchase cost in the end.

    `reading` says that its file is being read. `questions` are what must be settled before it can be confirmed;
    `confidence` is that of the total, 0 to 1.
    """

    id: str
    code: str
    revision: int
    state: str
    reading: bool
    created_at: datetime.datetime
    merchant: str | None
    date: datetime.date | None
    time: str | None
    currency: str
    kind: str
    total_minor: int | None
    subtotal_minor: int | None
    discount_minor: int | None
    tax_minor: int | None
    tip_minor: int | None
    description: str | None
    note: str | None
    tags: list[str]
    category_id: str | None
    reason: str | None
    receipt_number: str | None
    payment: str | None
    last4: str | None
    address: str | None
    language: str | None
    return_by: datetime.date | None
    confidence: float
    questions: list[str]
    possible_totals_minor: list[int]
    items: list[ItemOut]
    taxes: list[TaxOut]
    pages: int
    duplicate_of: str | None
    transaction_id: str | None


class ReceiptPage(Given):
    """A page, newest first."""

    data: list[ReceiptOut]
    next: str | None


class Listing(Paging):
    """Which receipts."""

    state: tuple[State, ...] = ()


class PageQuery(Taken):
    """Which page of a receipt of several."""

    page: int = Field(1, ge=1, le=20)


# -- answers -------------------------------------------------------------------------------------------------------


def _own(call: Call) -> sa.Row[Any]:
    """Return the receipt of an id or code; another person's is as unknown as one that does not exist (SEA-4)."""
    named = call.path["id"]
    if len(named) == CODE_LENGTH and named.isascii() and named.isalnum():
        found = receipts.by_code(call.work, call.person_id, named)
    else:
        found = receipts.load(call.work, call.person_id, row_id(named))
    if found is None:
        raise missing()
    return found


def _answer(call: Call, receipt_id: int) -> Reply:
    row = receipts.load(call.work, call.person_id, receipt_id)
    if row is None:
        raise missing()
    return Reply(shown(call.work, call.person_id, row), revision=row.revision)


def shown(work: Work, person_id: int, row: sa.Row[Any]) -> ReceiptOut:
    """Return a receipt as the API shows it."""
    fields = drafts.load(work, row)
    booked = [one for one in transactions.of_receipt(work, person_id, row.id) if one.kind != "transfer"]
    minor = {name: _minor(getattr(fields, name)) for name in ("subtotal", "discount", "tax", "tip")}
    return ReceiptOut(
        id=str(row.id), code=row.code, revision=row.revision, state=row.state, reading=READING in fields.flags,
        created_at=row.created_at,
        merchant=fields.name, date=fields.day, time=None if fields.time is None else f"{fields.time.value:%H:%M}",
        currency=fields.currency.value, kind=fields.kind, total_minor=fields.amount,
        description=fields.description, note=fields.note, tags=list(fields.tags),
        category_id=None if fields.category_id is None else str(fields.category_id), reason=fields.reason,
        receipt_number=fields.receipt_number.value if fields.receipt_number else None,
        payment=fields.payment.value if fields.payment else None, last4=fields.last4.value if fields.last4 else None,
        address=fields.address.value if fields.address else None, language=fields.language,
        return_by=fields.return_by.value if fields.return_by else None, confidence=fields.confidence,
        questions=list(fields.questions), possible_totals_minor=list(fields.totals),
        items=[
            ItemOut(text=one.text, amount_minor=one.amount, quantity=one.quantity, unit_price_minor=one.unit_price)
            for one in fields.items
        ],
        taxes=[
            TaxOut(label=one.label, amount_minor=one.amount, rate=one.rate, base_minor=one.base)
            for one in fields.tax_lines
        ],
        pages=len(documents.of_receipt(work, person_id, row.id)),
        duplicate_of=None if row.older_id is None else str(row.older_id),
        transaction_id=str(booked[0].id) if booked else None,
        **{f"{name}_minor": value for name, value in minor.items()},
    )  # fmt: skip


def _minor(value: Any) -> int | None:
    return None if value is None else int(value.value)


def listing(call: Call) -> Reply:
    """Return a page of receipts."""
    wanted: Listing = call.query
    rows = receipt_list.page(
        call.work, call.person_id, states=wanted.state, before=id_of(wanted.cursor), limit=wanted.limit + 1
    )
    page = rows[: wanted.limit]
    more = cursor_of(page[-1].id) if len(rows) > len(page) else None
    return Reply(ReceiptPage(data=[shown(call.work, call.person_id, row) for row in page], next=more))


def get(call: Call) -> Reply:
    """Return one receipt."""
    row = _own(call)
    return Reply(shown(call.work, call.person_id, row), revision=row.revision)


def picture(call: Call) -> Reply:
    """Return a page as it was kept, to be saved and never to be shown by the browser (MED-8)."""
    row = _own(call)
    pages = documents.of_receipt(call.work, call.person_id, row.id)
    if call.query.page > len(pages):
        raise missing()
    page = pages[call.query.page - 1]
    stored = call.work.row(
        sa.select(blobs.blob).where(blobs.blob.c.id == page.blob_id, blobs.blob.c.person_id == call.person_id)
    )
    if stored is None:
        raise missing()
    extension = _EXTENSIONS.get(page.media_type, "bin")
    return Reply(
        data=call.work.seal.open(stored.data), media_type=page.media_type,
        filename=f"{row.code}-{call.query.page}.{extension}",
    )  # fmt: skip


_EXTENSIONS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "image/heic": "heic",
    "image/tiff": "tiff", "application/pdf": "pdf",
}  # fmt: skip
FILES = tuple(_EXTENSIONS)
"""What is taken and given back (MED-1)."""


# -- changes -------------------------------------------------------------------------------------------------------


def patch(call: Call) -> Reply:
    """Change what is named, in a draft or in a confirmed receipt together with its transaction."""
    row, change = _own(call), call.body
    if call.matches is not None and call.matches != row.revision:
        raise stale()
    if row.state not in (*WAITING, "confirmed"):
        raise Problem(409, "closed", "A receipt that was dropped does not change.")
    fields = _changed(call, drafts.load(call.work, row), change)
    if row.state == "confirmed":
        done = _edit_confirmed(call, row, fields)
    else:
        done = receipts.change(call.work, call.person_id, row.id, fields.as_draft(), revision=row.revision)
    if not done:
        raise stale()
    if not fields.questions and fields.amount is not None:
        receipts.move(call.work, call.person_id, row.id, was=("needs_review",), to="draft")
    if "category_id" in change.model_fields_set and fields.name:
        rule = rules.Rule("merchant", merchant_key(fields.name), fields.category_id)
        rules.teach(call.work, call.person_id, rule)
    return _answer(call, row.id)


def _edit_confirmed(call: Call, row: sa.Row[Any], fields: Fields) -> bool:
    if fields.amount is None:
        raise Problem(422, "incomplete", "A confirmed receipt has a total.", field="total_minor")
    owner = owner_of(call.work, call.person_id)
    pictured = bool(documents.of_receipt(call.work, call.person_id, row.id))
    entry = drafts.entry_of(call.work, owner, fields, source_id=row.source_id, pictured=pictured)
    return history.edit(call.work, call.person_id, row.id, fields.as_draft(), entry, revision=row.revision)


def _changed(call: Call, fields: Fields, change: ReceiptPatch) -> Fields:
    given = change.model_fields_set
    values: dict[str, Any] = {name: getattr(change, name) or None for name in given & {"description", "note"}}
    for name, field in (("total", "total_minor"), ("tip", "tip_minor"), ("date", "date"), ("currency", "currency")):
        if field in given:
            one = getattr(change, field)
            values[name] = None if one is None else told(one)
    if "currency" in given and change.currency is None:
        raise Problem(400, "invalid", "cannot be null", field="currency")
    if change.total_minor == 0:
        raise Problem(422, "amount", "An amount is not zero.", field="total_minor")
    if "time" in given:
        values["time"] = told(datetime.time.fromisoformat(change.time)) if change.time else None
    if "merchant" in given:
        values["merchant"] = _merchant(change.merchant)
    if "tags" in given:
        values["tags"] = change.tags or ()
    if "category_id" in given:
        values |= {"category_id": _category(call, change.category_id), "reason": TOLD}
    return fields.but(**values, questions=_left(fields.questions, given))


def _left(questions: tuple[str, ...], given: set[str]) -> tuple[str, ...]:
    """Return the questions that an answer of the person does not settle."""
    settled = {"total_minor": ("total", "amount"), "date": ("date", "date_order"), "currency": ("currency",),
               "merchant": ("merchant",)}  # fmt: skip
    gone = {question for field in given for question in settled.get(field, ())}
    return tuple(one for one in questions if one not in gone)


def _merchant(name: str | None) -> Any:
    if name is None:
        return None
    display = display_name(name)
    if display is None:
        raise Problem(400, "invalid", "holds no letter or digit", field="merchant")
    return told(display, name)


def _category(call: Call, text: str | None) -> int | None:
    wanted = None if text is None else row_id(text)
    if not categories.known(call.work, call.person_id, [wanted]):
        raise unknown("category_id")
    return wanted


def confirm(call: Call) -> Reply:
    """Save a draft to the ledger; one that is saved already answers the same and makes nothing new (DRF-2)."""
    row = _own(call)
    if call.matches is not None and call.matches != row.revision:
        raise stale()
    if row.state == "confirmed":
        return _answer(call, row.id)
    if row.state not in WAITING:
        raise Problem(409, "closed", "A receipt that was dropped cannot be confirmed.")
    fields = drafts.load(call.work, row)
    if fields.amount is None:
        raise Problem(422, "incomplete", "Its total is not known yet.", field="total_minor")
    saving.confirm(call.turn, Seen(owner_of(call.work, call.person_id), row, fields))
    return _answer(call, row.id)


def delete(call: Call) -> Reply:
    """Take a receipt out of the books, or drop a draft; in the chat UNDO brings a confirmed one back for a day."""
    row = _own(call)
    if call.matches is not None and call.matches != row.revision:
        raise stale()
    if row.state == "confirmed":
        history.delete(call.work, call.person_id, row.id)
    else:
        receipts.move(call.work, call.person_id, row.id, was=(*WAITING, "failed"), to="rejected")
    return Reply(status=204)


ROUTES = (
    Route("GET", "/receipts", listing, "List receipts", ReceiptPage, query=Listing),
    Route("GET", "/receipts/{id}", get, "Get a receipt by id or code", ReceiptOut),
    Route(
        "PATCH", "/receipts/{id}", patch, "Change a receipt", ReceiptOut, body=ReceiptPatch, writes=True,
        versioned=True,
    ),
    Route("DELETE", "/receipts/{id}", delete, "Delete a receipt", status=204, writes=True),
    Route("POST", "/receipts/{id}/confirm", confirm, "Save a draft to the ledger", ReceiptOut, writes=True),
    Route("GET", "/receipts/{id}/picture", picture, "Download a page", query=PageQuery, gives=FILES),
)  # fmt: skip
