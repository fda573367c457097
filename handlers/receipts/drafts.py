"""From what was read to a draft in the database: the same way for pictures, typed lines, bank texts, mail and the API.

`of_reading` and `of_expense` make fields of what a reader answered; `settled` adds what the person taught (the name
they gave a merchant, the category of last time); `open_draft` stores the draft; `entry_of` is what the ledger gets when
the person says OK.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from typing import Any

import sqlalchemy as sa

from bot.core.calls.reading import PrintedPage
from bot.core.masking import mask
from handlers.receipts import reading as printed
from handlers.receipts import regulars
from handlers.receipts.books import shares
from handlers.receipts.categories import decide, learning
from handlers.receipts.currencies import exponent
from handlers.receipts.fields import Fields, Item, Kind, Portion, TaxLine, Value, told
from handlers.receipts.later import milestones
from handlers.receipts.merchants import display_name, merchant_key
from handlers.receipts.owner import Owner
from handlers.receipts.reading import Context, Flag, Reading
from handlers.receipts.typed import Expense
from storage.receipts import accounts, categories, documents, line_items, receipts, transactions
from storage.receipts.line_items import Line
from storage.receipts.transactions import Entry, Part
from storage.work import Work

LONGEST_RAW = 20_000
MOST_WAITING = 200
"""Drafts that may wait per person (section 2)."""

_SAME = (
    "subtotal", "discount", "tax", "tip", "service", "rounding", "tendered", "change", "cash_back", "payment", "last4",
    "receipt_number", "tax_id", "phone", "address", "return_by", "warranty", "date", "time", "total",
)  # fmt: skip


# -- from a reading ------------------------------------------------------------------------------------------------


def context_of(work: Work, owner: Owner, lines: Sequence[str] = ()) -> Context:
    """Return what is known of a person before a print of these lines is read: their merchants too (PR-40)."""
    phones, names = regulars.of_print(work, owner.id, lines) if lines else ({}, ())
    return Context(owner.today, owner.currency, owner.country, phones, names)


def lines_of(pages: Sequence[PrintedPage]) -> list[str]:
    """Return the lines of pages."""
    return [line.text for page in pages for line in page.lines]


def of_reading(reading: Reading, *, reader: str, raw_text: str = "") -> Fields:
    """Return the fields of a print as read; card numbers in the text are masked (SEC-R3)."""
    same: dict[str, Any] = {name: _value(field) for name in _SAME if (field := getattr(reading, name)) is not None}
    return Fields(
        currency=_value(reading.currency),
        kind="refund" if _is_refund(reading) else "expense",
        merchant=_merchant(reading),
        items=tuple(Item(mask(one.text).text, one.amount, one.quantity, one.unit_price) for one in reading.items),
        tax_lines=tuple(TaxLine(one.label, one.amount, one.rate, one.base) for one in reading.tax_lines),
        language=reading.language,
        flags=tuple(sorted(reading.flags)),
        questions=tuple(reading.questions),
        totals=tuple(one.amount for one in reading.totals),
        dates=reading.dates,
        confidence=reading.total.confidence if reading.total else 0.0,
        reader=reader,
        raw_text=mask(raw_text[:LONGEST_RAW]).text,
        **same,
    )


def text_of(pages: Sequence[PrintedPage]) -> str:
    """Return the text of pages, line by line."""
    return "\n".join(lines_of(pages))


def _value(field: printed.Field[Any]) -> Value[Any]:
    return Value(field.value, field.raw, round(field.confidence, 3), field.origin, field.page, tuple(field.box))


def _merchant(reading: Reading) -> Value[str] | None:
    if reading.merchant is None:
        return None
    name = display_name(reading.merchant.value)
    return None if name is None else _value(reading.merchant).but_value(name)


def _is_refund(reading: Reading) -> bool:
    return Flag.REFUND in reading.flags or (reading.total is not None and reading.total.value < 0)


# -- from a typed line ---------------------------------------------------------------------------------------------


def of_expense(expense: Expense, owner: Owner, *, raw_text: str = "") -> Fields:
    """Return the fields of what was typed or forwarded; without a date it was today, at this minute."""
    day = expense.date or owner.today
    ambiguous = expense.question == "date"
    return Fields(
        currency=Value(expense.currency),
        kind=_kind(expense),
        total=told(expense.amount_minor, raw_text[:100]),
        merchant=Value(expense.merchant, expense.merchant) if expense.merchant else None,
        description=expense.description,
        date=Value(day, "" if expense.date is None else day.isoformat(), 0.5 if ambiguous else 1.0),
        time=Value(time(*divmod(owner.minute, 60))) if day == owner.today else None,
        tip=told(expense.tip) if expense.tip is not None else None,
        last4=Value(expense.last4, expense.last4) if expense.last4 else None,
        note=expense.note,
        tags=expense.tags,
        dates=expense.dates if ambiguous else (),
        questions=("date_order",) if ambiguous else (),
        recurring=expense.recurring,
        confidence=expense.confidence,
        raw_text=mask(raw_text[:LONGEST_RAW]).text,
    )


def _kind(expense: Expense) -> Kind:
    kinds: dict[str, Kind] = {"expense": "expense", "refund": "refund", "income": "income", "transfer": "transfer"}
    return kinds[expense.kind.value]


# -- what the person taught ----------------------------------------------------------------------------------------


def settled(work: Work, owner: Owner, fields: Fields) -> Fields:
    """Return the fields with the merchant's name and the category as this person has them (CAT-1, CAT-5, CAT-7)."""
    fields = _renamed(work, owner, fields)
    if fields.reason == "told":
        return fields
    tree = learning.own_tree(work, owner.id, owner.locale)
    if fields.kind in ("income", "transfer"):
        own = tree.by_key("income" if fields.kind == "income" else "cash.withdrawal")
        return fields.but(category_id=own, reason="kind")
    key = merchant_key(fields.name) if fields.name else None
    rules = learning.own_rules(work, owner.id, key)
    texts = [one.text for one in fields.items]
    decision = decide(fields.name, texts, fields.description, rules, merchant_key=key)
    return fields.but(category_id=learning.own_category(tree, decision), reason=str(decision.reason))


def _renamed(work: Work, owner: Owner, fields: Fields) -> Fields:
    if fields.merchant is None or fields.merchant.origin == "person":
        return fields
    name = learning.merchant_name(work, owner.id, merchant_key(fields.merchant.value), fields.merchant.value)
    return fields.but(merchant=fields.merchant.but_value(name))


# -- to the database -----------------------------------------------------------------------------------------------


def open_draft(
    work: Work, owner: Owner, fields: Fields, *, source_id: int | None = None, pages: Sequence[int] = ()
) -> sa.Row[Any]:
    """Store a settled draft with its documents as pages; return its id and code."""
    state = "draft" if is_settled(fields) else "needs_review"
    row = receipts.add(work, owner.id, fields.as_draft(), state=state, source_id=source_id)
    for order, document_id in enumerate(pages):
        documents.attach(work, owner.id, document_id, receipt_id=row.id, page_order=order)
    keep_lines(work, owner.id, row.id, fields)
    milestones.watch(work, owner.id, row.id)
    return row


def is_settled(fields: Fields) -> bool:
    """Tell whether nothing is left to ask before a draft can be saved."""
    return not fields.questions and fields.amount is not None


def keep_lines(work: Work, person_id: int, receipt_id: int, fields: Fields) -> None:
    """Store the printed items and tax lines of a receipt."""
    items = [Line("item", one.amount, one.category_id, one.text, one.quantity, one.unit_price) for one in fields.items]
    taxes = [
        Line("tax", one.amount, text=one.label, rate_basis_points=_basis_points(one.rate), base_minor=one.base)
        for one in fields.tax_lines
    ]
    if items or taxes:
        line_items.replace(work, person_id, receipt_id, [*items, *taxes])


def _basis_points(rate: str | None) -> int | None:
    try:
        return None if rate is None else round(float(rate.replace(",", ".").strip("% ")) * 100)
    except ValueError:
        return None


def load(work: Work, row: sa.Row[Any]) -> Fields:
    """Return the fields of a receipt's row."""
    return Fields.load(work.seal.open(row.fields))


def as_booked(work: Work, person_id: int, receipt_id: int, fields: Fields) -> Fields:
    """Return the fields of a confirmed receipt with the category and the split that its transaction has by now.

    Categories are merged and deleted, and earlier purchases follow a correction: that changes the books only.
    """
    booked = next((one for one in transactions.of_receipt(work, person_id, receipt_id) if one.kind != "transfer"), None)
    if booked is None:
        return fields
    split = tuple(Portion(one.amount_minor, one.category_id) for one in booked.parts)
    return fields.but(category_id=booked.category_id, split=split)


def recategorised(work: Work, person_id: int, category_id: int, into: int | None) -> None:
    """Let drafts that wait follow a category that was merged into another one."""
    for row in receipts.waiting(work, person_id, MOST_WAITING):
        fields = load(work, row)
        split = tuple(Portion(one.amount, into if one.category_id == category_id else one.category_id)
            for one in fields.split)  # fmt: skip
        main = into if fields.category_id == category_id else fields.category_id
        moved = fields.but(category_id=main, split=split)
        if moved != fields:
            receipts.change(work, person_id, row.id, moved.as_draft(), revision=row.revision)


def _parts(fields: Fields, amount: int) -> tuple[Part, ...]:
    """Return the parts of a split purchase; an amount that was corrected since is split in the same proportion."""
    weights = [abs(one.amount) for one in fields.split]
    if len(weights) < 2 or not sum(weights):
        return ()
    cut = shares.split(amount, weights)
    return tuple(Part(one.category_id, share) for one, share in zip(fields.split, cut, strict=True))


def _theirs(work: Work, person_id: int, entry: Entry) -> Entry:
    """Return an entry without categories that its person has no more (a draft restored by UNDO may name one)."""

    def own(category_id: int | None) -> int | None:
        return category_id if categories.known(work, person_id, [category_id]) else None

    parts = tuple(replace(one, category_id=own(one.category_id)) for one in entry.parts)
    return replace(entry, category_id=own(entry.category_id), parts=parts)


def entry_of(work: Work, owner: Owner, fields: Fields, *, source_id: int | None = None, pictured: bool) -> Entry:
    """Return the movement of money that a purchase is; raise ValueError while its amount is not known."""
    if fields.amount is None:
        raise ValueError("a purchase without an amount cannot be booked")
    entry = Entry(
        date=fields.day or owner.today,
        amount_minor=fields.amount,
        currency=fields.currency.value,
        exponent=exponent(fields.currency.value),
        kind=fields.kind,
        category_id=fields.category_id,
        account_id=account_of(work, owner.id, fields),
        source_id=source_id,
        minute=fields.minute,
        pictured=pictured,
        merchant_key=merchant_key(fields.name) if fields.name else None,
        merchant=fields.name,
        description=fields.description,
        note=fields.note,
        tags=fields.tags,
        reason=fields.reason,
        also=" ".join([fields.raw_text[:4000], *(one.text for one in fields.items)]),
        parts=_parts(fields, fields.amount),
    )
    return _theirs(work, owner.id, entry)


def cash_back_of(owner: Owner, fields: Fields) -> Entry | None:
    """Return the transfer that cash handed out with a purchase is, None without any (PR-15)."""
    if fields.cash_back is None or fields.cash_back.value <= 0:
        return None
    currency = fields.currency.value
    return Entry(
        date=fields.day or owner.today, amount_minor=fields.cash_back.value, currency=currency,
        exponent=exponent(currency), kind="transfer", merchant=fields.name,
    )  # fmt: skip


def account_of(work: Work, person_id: int, fields: Fields) -> int | None:
    """Return the account that paid: the card of the last four digits, or cash; None when nothing tells."""
    if fields.last4 is not None and len(fields.last4.value) == 4 and fields.last4.value.isdigit():
        return accounts.find_or_add(work, person_id, kind="card", last4=fields.last4.value)
    if fields.payment is not None and fields.payment.value == "cash":
        return accounts.find_or_add(work, person_id, kind="cash")
    return None
