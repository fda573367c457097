"""SPLIT: a purchase in several categories, by amount or by printed item (rule CAT-8).

U> split R7K2: 10 food, rest home
B> R7K2: Trader Joe's $26.23, Mar 15, Food $10.00 + Home $16.23. Saved.
"""

from __future__ import annotations

import re

from bot.core.errors import Mistake
from bot.engine.turn import Turn
from handlers.receipts import wording
from handlers.receipts.fields import Fields, Portion
from handlers.receipts.flow.books.opened import Books, amount_in, category_named, open_books, plain
from handlers.receipts.flow.flow import Seen, keep, open_receipt, receipt_flow, see
from storage.receipts import receipts

_CODED = re.compile(r"#?((?=\w*\d)(?=\w*[A-Z])[2-9A-HJ-KM-NP-Z]{4})\s*(?:[:,]|\bas\b|\binto\b)?\s*(\S.*)?", re.I | re.S)
_JOINT = re.compile(
    r"\s*[,;\n]\s*(?!\d{3}\b)|\s+(?:and|\+)\s+(?=[^\w\s]?\d|(?:the\s+)?(?:rest|remainder|items?)\b)", re.I
)
_REST = re.compile(
    r"(?:the\s+)?(?:rest|remainder)\s+(?:is\s+|to\s+|for\s+)?(\S.*)|(\S.*?)\s+(?:the\s+)?(?:rest|remainder)", re.I
)
_ITEM = re.compile(r"(?:items?|lines?)\s+#?(\d{1,3})\s+(?:is\s+|to\s+|for\s+)?(\S.*)", re.I)
_AMOUNT = re.compile(r"([^\w\s]{0,2}\d[\d.,]*[^\w\s,]{0,1})\s*(?:for\s+|to\s+)?(\D+)|(\D+?)\s*([^\w\s]{0,2}\d[\d.,]*)")


def split(turn: Turn, rest: str) -> bool:
    """Split a receipt; False when the words name none, for then they may be a purchase ("split 4")."""
    found = _CODED.fullmatch(rest)
    if found is None:
        return False
    row = receipts.by_code(turn.work, turn.person.id, found[1])
    seen = None if row is None else see(turn, row.id)
    if seen is None:
        turn.say("receipts.no_such_code", code=found[1].upper())
        return True
    try:
        _keep(turn, seen, portions(open_books(turn), seen.fields, found[2] or ""))
    except Mistake as mistake:
        turn.say(mistake.key, **mistake.args_)
    return True


def _keep(turn: Turn, seen: Seen, parts: tuple[Portion, ...]) -> None:
    main = max(parts, key=lambda one: abs(one.amount))
    split = parts if len(parts) > 1 else ()
    now = keep(turn, seen, seen.fields.but(split=split, category_id=main.category_id, reason="told"))
    if not now.waits:
        books = open_books(turn)
        line = wording.line(turn, now.owner, books.tree, now.fields)
        turn.say("receipts.changed", code=now.row.code, line=line)
        for told in turn.registry.words.get("receipt_changed", ()):
            told(turn, str(now.row.id))
    elif turn.conversation.top is None or turn.conversation.top.flow != receipt_flow.name:
        open_receipt(turn, now.row.id)


def portions(books: Books, fields: Fields, text: str) -> tuple[Portion, ...]:
    """Return the parts, which add to the total: what is left over goes to the rest, else to the largest part.

    Raises Mistake for a part that is not understood, and for parts that come to more than the total.
    """
    if fields.amount is None or not text:
        raise Mistake("books.split_how")
    sign, total = (-1, -fields.amount) if fields.amount < 0 else (1, fields.amount)
    sums: dict[int, int] = {}
    rest: int | None = None
    for one in _JOINT.split(text.strip(" .")):
        left = _REST.fullmatch(one)
        if left is not None:
            rest = _category(books, left[1] or left[2])
            sums.setdefault(rest, 0)
            continue
        category, amount = _part(books, fields, one)
        sums[category] = sums.get(category, 0) + amount
    over = total - sum(sums.values())
    if over < 0 or not sums:
        raise Mistake("books.split_too_much", total=wording.money(total, fields.currency.value))
    sums[rest if rest is not None else max(sums, key=lambda one: sums[one])] += over
    return tuple(Portion(sign * amount, category) for category, amount in sums.items() if amount)


def _part(books: Books, fields: Fields, text: str) -> tuple[int, int]:
    item = _ITEM.fullmatch(text)
    if item is not None and 0 < int(item[1]) <= len(fields.items):
        return _category(books, item[2]), abs(fields.items[int(item[1]) - 1].amount)
    found = _AMOUNT.fullmatch(text)
    whole = category_named(books, text)
    if found is None and whole is not None:
        return whole, 0
    if found is None:
        raise Mistake("books.split_how")
    amount = amount_in(books, f"{found[1] or found[4]} {fields.currency.value}")
    if amount is None or amount[0] <= 0:
        raise Mistake("books.split_how")
    return _category(books, found[2] or found[3]), amount[0]


def _category(books: Books, name: str) -> int:
    found = category_named(books, name)
    if found is None:
        raise Mistake("books.no_category", name=plain(name))
    return found
