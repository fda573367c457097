"""Corrections in the person's words: numbered, named, or a sentence; several at once (rule DRF-1).

    1 13.50, 2 Joe's Deli          by the numbers of the menu
    amount 13.50 date mar 3        by the names of the fields
    it was 13.50 at joe's deli yesterday
    13.50 / yesterday / coffee     a bare amount, day, category or known store
    its starbucks not joes         what shall hold instead
    add a note: with Ann; tip 2    a note, a tip

Pure: takes the fields and answers with changed ones, or None when nothing is understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from bot.core.fold import fold
from handlers.receipts.categories import Tree, decide, learning
from handlers.receipts.currencies import currency_table, largest_usual
from handlers.receipts.fields import Fields, Kind, told
from handlers.receipts.flow import leads
from handlers.receipts.flow.flow import answered
from handlers.receipts.merchants import display_name, merchant_key, telling_brands
from handlers.receipts.owner import Owner
from handlers.receipts.typed import Expense, NoExpense, read_answer

LONGEST_NOTE = 200
_NAMES = {
    "amount": "amount", "total": "amount", "price": "amount", "sum": "amount",
    "store": "store", "shop": "store", "merchant": "store", "place": "store", "vendor": "store", "name": "store",
    "date": "date", "day": "date", "when": "date",
    "category": "category", "cat": "category",
    "note": "note", "memo": "note", "comment": "note",
    "tip": "tip", "tax": "tax", "time": "time", "currency": "currency",
    "importe": "amount", "tienda": "store", "fecha": "date", "categoria": "category", "categor\u00eda": "category",
    "nota": "note", "propina": "tip", "betrag": "amount", "laden": "store", "datum": "date", "kategorie": "category",
    "notiz": "note", "trinkgeld": "tip",
}  # fmt: skip
_NUMBERS = {"1": "amount", "2": "store", "3": "date", "4": "category", "5": "note"}
_NUMBERED = re.compile(r"(?:^|[,;\n])\s*([1-5])(?:\s*[):]|\s*\.(?!\d)|\s)\s*(?=\S)")
_SUM = re.compile(r"[^\w\s]{0,2}\d[\d.,]*[^\w\s]?")
_NAMED = re.compile(rf"(?:^|[,;\n]|\s)\s*({'|'.join(_NAMES)})\s*(?:is|was|to|:|=)?\s+(?=\S)", re.I)
_CHANGE = re.compile(
    rf"^(?:please\s+)?(?:change|set|update|fix|correct|edit)\s+(?:the\s+|my\s+)?(?=(?:{'|'.join(_NAMES)})\b)", re.I
)
_THAT = re.compile(r"^that\s+", re.I)
_ALSO_WORDS = frozenset({"ALL", "TRY", "TOP", "CUP"})
_DUMMY = "1.00"


@dataclass(frozen=True, slots=True)
class Changed:
    """The fields as corrected, and which of them the person named."""

    fields: Fields
    names: frozenset[str]


def is_addressed(text: str) -> bool:
    """Tell whether a text names the fields that it corrects, by name or by number.

    One number alone is one only before an amount: "1 13.50" corrects, "5 coffee" and "2 coffees 9.80" are purchases.
    """
    named = _NAMED.match(_CHANGE.sub("", text))
    numbered = list(_NUMBERED.finditer(text))
    if named and named.start() == 0:
        return True
    if not numbered or numbered[0].start() != 0:
        return False
    return len(numbered) > 1 or (numbered[0][1] == "1" and bool(_SUM.fullmatch(text[numbered[0].end() :].strip())))


def read(text: str, fields: Fields, owner: Owner, tree: Tree) -> Changed | None:
    """Return the corrected fields, None when nothing is understood."""
    text = _CHANGE.sub("", text.strip()[: leads.LONGEST])
    parts = _parts(text)
    if parts is None:
        return _aside(text, fields, owner) or _sentence(text, fields, owner, tree)
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
            found = category_in(value, tree) or _category_of_thing(value, tree)
            return None if found is None else categorised(found, fields)
        case "note":
            return fields.but(note=_THAT.sub("", value)[:LONGEST_NOTE])
        case "tip" | "tax":
            amount = amount_in(value, fields, owner)
            return None if amount is None else fields.but(**{name: told(amount, value)})
        case "currency":
            return _currency(value, fields, owner)
    return None


# -- one field -----------------------------------------------------------------------------------------------------


def amount_in(value: str, fields: Fields, owner: Owner) -> int | None:
    """Read an amount in the currency of a draft, None when there is none or it cannot be one."""
    found = read_answer(f"{value} thing", owner.today, fields.currency.value, owner.locale, owner.country)
    if isinstance(found, Expense):
        return found.amount_minor
    if isinstance(found, NoExpense) and found.reason == "what_for":
        return found.amount_minor
    return None


def _amount(value: str, fields: Fields, owner: Owner) -> Fields | None:
    found = read_answer(f"{value} thing", owner.today, fields.currency.value, owner.locale, owner.country)
    if not isinstance(found, Expense) or not found.amount_minor:
        return None
    return priced(found.amount_minor, _in_told_currency(found, fields), value)


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
    bare = value.strip(" .")
    day = f"the {bare}th" if bare.isdecimal() and 0 < int(bare[:3]) <= 31 else value
    found = read_answer(f"{_DUMMY} thing {day}", owner.today, owner.currency, owner.locale, owner.country)
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


def _category_of_thing(value: str, tree: Tree) -> int | None:
    """Return the category of a thing or a brand ("beer"), None when nothing is known of it."""
    return learning.own_category(tree, decide(value, description=value))


def categorised(category_id: int | None, fields: Fields) -> Fields:
    """Return the fields with the category that the person told."""
    return fields.but(category_id=category_id, reason="told", split=())


def _currency(value: str, fields: Fields, owner: Owner) -> Fields | None:
    found = read_answer(f"{_DUMMY} {value} thing", owner.today, owner.currency, owner.locale, owner.country)
    if not isinstance(found, Expense):
        return None
    return answered(fields, "currency").but(currency=told(found.currency, value))


# -- a sentence ----------------------------------------------------------------------------------------------------


def _aside(text: str, fields: Fields, owner: Owner) -> Changed | None:
    """Take a note or a tip that a sentence gives; a tip "plus" is added to the amount, another is inside it."""
    note, tip = leads.note_in(text), leads.tip_in(text)
    if note is not None:
        return Changed(fields.but(note=note[:LONGEST_NOTE]), frozenset({"note"}))
    if tip is None or fields.amount is None:
        return None
    written, on_top = tip
    if written == "0":
        return Changed(fields.but(tip=None), frozenset({"tip"}))
    amount = None if "%" in written else amount_in(written, fields, owner)
    if amount is None:
        return None
    tipped = fields.but(tip=told(amount, written))
    if on_top:
        return Changed(priced(abs(fields.amount) + amount, tipped, text), frozenset({"amount", "tip"}))
    return Changed(tipped, frozenset({"tip"}))


def _sentence(text: str, fields: Fields, owner: Owner, tree: Tree) -> Changed | None:
    """Take what a sentence names: amount, merchant, day; a bare day, category, currency or known store alone."""
    bare = leads.without_lead(text)
    category = category_in(bare, tree)
    if category is not None:
        return Changed(categorised(category, fields), frozenset({"category"}))
    if (code := _currency_named(bare)) is not None:
        return Changed(answered(fields, "currency").but(currency=told(code, bare)), frozenset({"currency"}))
    if merchant_key(bare) in telling_brands():
        return Changed(named(bare, fields) or fields, frozenset({"store"}))
    found = read_answer(bare, owner.today, fields.currency.value, owner.locale, owner.country)
    if isinstance(found, NoExpense) and found.reason == "what_for" and found.amount_minor:
        return Changed(priced(found.amount_minor, _in_told_currency(found, fields), bare), frozenset({"amount"}))
    if isinstance(found, Expense) and abs(found.amount_minor) <= largest_usual(found.currency):
        with_amount = priced(found.amount_minor, _in_told_currency(found, fields), bare)
        return _with_rest(found, with_amount, {"amount"})
    return _without_amount(text, bare, fields, owner)


def _without_amount(text: str, bare: str, fields: Fields, owner: Owner) -> Changed | None:
    """Take store, day, tags or thing of words that begin as a correction does, or that say nothing else."""
    rest = read_answer(f"{_DUMMY} {bare}", owner.today, fields.currency.value, owner.locale, owner.country)
    if not isinstance(rest, Expense):
        return None
    nameless = not (fields.name or fields.description)
    led = nameless or leads.has_lead(text) or leads.names_place(text)
    if not (led or rest.date is not None or rest.tags):
        return None
    if nameless:
        fields = fields.but(description=rest.description)
    changed = _with_rest(rest if led else replace(rest, merchant=_only_beside_day(rest)), fields, set())
    if not changed.names and leads.names_place(text):
        at_place = named(leads.place_in(text), fields)
        return None if at_place is None else Changed(at_place, frozenset({"store"}))
    if led and not changed.names and rest.description:
        return Changed(fields.but(description=rest.description), frozenset({"thing"}))
    return changed if changed.names else None


def _only_beside_day(rest: Expense) -> str | None:
    return rest.merchant if rest.date is not None else None


def _currency_named(bare: str) -> str | None:
    """Return the currency that is all a text names ("in euros", "EUR"), None for other words."""
    word = fold(bare).strip(" .!")
    named, table = word.removeprefix("in "), currency_table()
    code = named.upper() if named != word or bare.strip(" .!").isupper() else ""
    return table.words.get(named) or (code if code in table.exponents and code not in _ALSO_WORDS else None)


def _in_told_currency(found: Expense | NoExpense, fields: Fields) -> Fields:
    if found.currency is None or found.currency == fields.currency.value:
        return fields
    return answered(fields, "currency").but(currency=told(found.currency))


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
