"""Corrections in the person's words: numbered, named, or a sentence; several at once (rule DRF-1).

    1 13.50, 2 Joe's Deli          by the numbers of the menu
    amount 13.50 date mar 3        by the names of the fields
    it was 13.50 at joe's deli yesterday
    13.50 / yesterday / coffee     a bare amount, day, or category

Pure: takes the fields and answers with changed ones, or None when nothing is understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from bot.core.fold import fold
from handlers.receipts.categories import Tree
from handlers.receipts.currencies import largest_usual
from handlers.receipts.fields import Fields, Kind, Value, told
from handlers.receipts.flow.flow import answered
from handlers.receipts.merchants import display_name
from handlers.receipts.owner import Owner
from handlers.receipts.typed import Expense, NoExpense, read_expense

LONGEST_NOTE = 200
_NAMES = {
    "amount": "amount", "total": "amount", "price": "amount", "sum": "amount",
    "store": "store", "shop": "store", "merchant": "store", "place": "store", "vendor": "store", "name": "store",
    "date": "date", "day": "date", "when": "date",
    "category": "category", "cat": "category",
    "note": "note", "memo": "note", "comment": "note",
    "tip": "tip", "tax": "tax", "time": "time", "currency": "currency",
}  # fmt: skip
_NUMBERS = {"1": "amount", "2": "store", "3": "date", "4": "category", "5": "note"}
_NUMBERED = re.compile(r"(?:^|[,;\n])\s*([1-5])[\s.):]+(?=\S)")
_NAMED = re.compile(rf"(?:^|[,;\n]|\s)\s*({'|'.join(_NAMES)})\s*(?:is|was|to|:|=)?\s+(?=\S)", re.I)
_LEAD = re.compile(
    r"^(?:(?:no|sorry|actually|oops|hm+|wait)\b[\s,.!]*)*"
    r"(?:(?:it|that|this)\s*(?:was|is|'s|should\s+be|must\s+be)|should\s+(?:be|have\s+been)|make\s+it|change\s+(?:it\s+)?to|"
    r"i\s+(?:paid|meant|spent)|meant|not\s+\S+\s+but)?\s*",
    re.I,
)
_DUMMY = "1.00"


@dataclass(frozen=True, slots=True)
class Changed:
    """The fields as corrected, and which of them the person named."""

    fields: Fields
    names: frozenset[str]


def has_lead(text: str) -> bool:
    """Tell whether a text begins as a correction does ("it was", "no,", "make it")."""
    found = _LEAD.match(text)
    return bool(found and found.end())


def is_addressed(text: str) -> bool:
    """Tell whether a text names the fields that it corrects, by number or by name."""
    named = _NAMED.match(text)
    return bool(_NUMBERED.match(text)) or bool(named and named.start() == 0)


def read(text: str, fields: Fields, owner: Owner, tree: Tree) -> Changed | None:
    """Return the corrected fields, None when nothing is understood."""
    text = text.strip()[:400]
    parts = _parts(text)
    if parts is None:
        return _sentence(text, fields, owner, tree)
    changed = Changed(fields, frozenset())
    for name, value in parts:
        done = change(name, value, changed.fields, owner, tree)
        if done is None:
            return None
        changed = Changed(done, changed.names | {name})
    return changed


def _parts(text: str) -> list[tuple[str, str]] | None:
    """Cut a text into (field, value) by numbers or names; None when it begins with neither."""
    for pattern, table in ((_NUMBERED, _NUMBERS), (_NAMED, _NAMES)):
        found = list(pattern.finditer(text))
        if found and not text[: found[0].start()].strip():
            ends = [*(one.start() for one in found[1:]), len(text)]
            return [
                (table[one[1].casefold()], text[one.end() : end].strip(" ,;"))
                for one, end in zip(found, ends, strict=True)
            ]
    return None


def change(name: str, value: str, fields: Fields, owner: Owner, tree: Tree) -> Fields | None:
    """Return the fields with one changed by what was written, None when the value cannot be read."""
    match name:
        case "amount":
            return _amount(value, fields, owner)
        case "store":
            return named(value, fields)
        case "date":
            day = day_in(value, owner)
            return None if day is None else dated(day, fields)
        case "category":
            found = category_in(value, tree)
            return None if found is None else categorised(found, fields)
        case "note":
            return fields.but(note=value[:LONGEST_NOTE])
        case "tip" | "tax":
            amount = amount_in(value, fields, owner)
            return None if amount is None else fields.but(**{name: told(amount, value)})
        case "currency":
            return _currency(value, fields, owner)
    return None


# -- one field -----------------------------------------------------------------------------------------------------


def amount_in(value: str, fields: Fields, owner: Owner) -> int | None:
    """Read an amount in the currency of a draft, None when there is none or it cannot be one."""
    found = read_expense(f"{value} thing", owner.today, fields.currency.value, owner.locale, owner.country)
    if isinstance(found, Expense):
        return found.amount_minor
    if isinstance(found, NoExpense) and found.reason == "what_for":
        return found.amount_minor
    return None


def _amount(value: str, fields: Fields, owner: Owner) -> Fields | None:
    found = read_expense(f"{value} thing", owner.today, fields.currency.value, owner.locale, owner.country)
    if not isinstance(found, Expense) or not found.amount_minor:
        return None
    return priced(found.amount_minor, fields.but(currency=_told_currency(found, fields)), value)


def _told_currency(found: Expense, fields: Fields) -> Value[str]:
    return fields.currency if found.currency == fields.currency.value else told(found.currency)


def priced(amount: int, fields: Fields, raw: str = "") -> Fields:
    """Return the fields with the amount that the person told; its sign is that of the kind of purchase."""
    back = fields.kind in ("refund", "income")
    amount = -abs(amount) if back else amount
    kind: Kind = "refund" if amount < 0 and fields.kind == "expense" else fields.kind
    left = answered(fields, "total", "not_positive", "amount", "unreadable")
    return left.but(total=told(amount, raw[:40]), kind=kind, totals=())


def named(value: str, fields: Fields) -> Fields | None:
    """Return the fields with the merchant that the person told."""
    name = display_name(value)
    return None if name is None else answered(fields, "merchant").but(merchant=told(name, value[:60]))


def day_in(value: str, owner: Owner) -> date | None:
    """Read a day ("yesterday", "3/15", "the 3rd"), None when there is none."""
    found = read_expense(f"{_DUMMY} thing {value}", owner.today, owner.currency, owner.locale, owner.country)
    if isinstance(found, Expense):
        return found.date
    return None


def dated(day: date, fields: Fields) -> Fields:
    """Return the fields with the day that the person told."""
    left = answered(fields, "date", "date_order", "date_old", "date_future")
    return left.but(date=told(day, day.isoformat()), dates=())


def category_in(value: str, tree: Tree) -> int | None:
    """Return the category that a name, its beginning or a word of it means, None when it is not one clear one."""
    exact = [one for one in tree.named(value) if not one.hidden]
    if exact:
        return exact[0].id
    wanted = fold(value).strip(" .!")
    if len(wanted) < 3:
        return None
    nodes = [node for one in tree.ids() if (node := tree.get(one)) is not None]
    for fits in (
        [node for node in nodes if fold(node.name).startswith(wanted)],
        [node for node in nodes if wanted in fold(node.name).split()],
        [node for node in nodes if fold(node.name).rstrip("s") == wanted.rstrip("s")],
    ):
        if len(fits) == 1:
            return fits[0].id
    return None


def categorised(category_id: int | None, fields: Fields) -> Fields:
    """Return the fields with the category that the person told."""
    return fields.but(category_id=category_id, reason="told", split=())


def _currency(value: str, fields: Fields, owner: Owner) -> Fields | None:
    found = read_expense(f"{_DUMMY} {value} thing", owner.today, owner.currency, owner.locale, owner.country)
    if not isinstance(found, Expense):
        return None
    return answered(fields, "currency").but(currency=told(found.currency, value))


# -- a sentence ----------------------------------------------------------------------------------------------------


def _sentence(text: str, fields: Fields, owner: Owner, tree: Tree) -> Changed | None:
    """Take what a sentence names: amount, merchant, day; a bare day or category alone."""
    bare = _LEAD.sub("", text, count=1).strip(" .!") or text
    category = category_in(bare, tree)
    if category is not None:
        return Changed(categorised(category, fields), frozenset({"category"}))
    found = read_expense(bare, owner.today, fields.currency.value, owner.locale, owner.country)
    if isinstance(found, NoExpense) and found.reason == "what_for" and found.amount_minor:
        return Changed(priced(found.amount_minor, fields, bare), frozenset({"amount"}))
    if isinstance(found, Expense) and abs(found.amount_minor) <= largest_usual(found.currency):
        with_amount = priced(found.amount_minor, fields.but(currency=_told_currency(found, fields)), bare)
        return _with_rest(found, with_amount, {"amount"})
    rest = read_expense(f"{_DUMMY} {bare}", owner.today, fields.currency.value, owner.locale, owner.country)
    if isinstance(rest, Expense) and (has_lead(text) or rest.date is not None):
        changed = _with_rest(rest, fields, set())
        return changed if changed.names else None
    return None


def _with_rest(found: Expense, fields: Fields, names: set[str]) -> Changed:
    if found.merchant:
        fields, names = fields.but(merchant=told(found.merchant, found.merchant)), names | {"store"}
        fields = answered(fields, "merchant")
    if found.date is not None:
        fields, names = dated(found.date, fields), names | {"date"}
    if found.tags:
        fields, names = fields.but(tags=tuple(dict.fromkeys((*fields.tags, *found.tags)))), names | {"tags"}
    if found.tip is not None:
        fields, names = fields.but(tip=told(found.tip)), names | {"tip"}
    return Changed(fields, frozenset(names))
