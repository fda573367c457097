"""Merchants that the person knows: a telephone number or a name of an earlier receipt fills in what a new one lacks.

    U> (photo) CARDHOLDER COPY / 415-555-0123 / TOTAL 9.00
    B> Luna Books $9.00, ...

Only what stands on the print or in the text itself is looked up (PR-40), by hash, so that the work does not grow with
the books.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from handlers.receipts.fields import Fields, Value
from handlers.receipts.merchants import merchant_key
from handlers.receipts.phones import phone_key, phones_in
from handlers.receipts.typed import Expense
from handlers.receipts.typed.lexicon import flat
from handlers.receipts.typed.nouns import all_generic
from storage.receipts import known
from storage.work import Work

_WORD = re.compile(r"[^\W\d_][\w'&.-]*|\d{1,3}(?=\s[^\W\d_])")
_TOP_LINES, _FOOT_LINES = 14, 6
_LONGEST_NAME = 4
_MOST_WORDS = 16
_SHORTEST_KEY = 3


def of_print(work: Work, person_id: int, lines: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the merchants of the telephone numbers on a print, and the names on it that the person knows."""
    numbers = {number: key for line in lines for number in phones_in(line) if (key := phone_key(number))}
    called = _names(known.by_phone(work, person_id, numbers.values()))
    lines = lines if len(lines) <= _TOP_LINES + _FOOT_LINES else [*lines[:_TOP_LINES], *lines[-_FOOT_LINES:]]
    keys = [key for line in lines if len(key := merchant_key(line)) >= _SHORTEST_KEY and not key.isdecimal()]
    names = _names(known.by_merchant(work, person_id, keys))
    return {number: called[key] for number, key in numbers.items() if key in called}, tuple(names.values())


def in_words(work: Work, person_id: int, expense: Expense, text: str) -> Expense:
    """Return a purchase in words with the merchant that the person knows by its number or by name."""
    if expense.merchant is None:
        numbers = [key for number in phones_in(text) if (key := phone_key(number))]
        by_number = _names(known.by_phone(work, person_id, numbers)) if numbers else {}
        if name := next(iter(by_number.values()), None):
            return replace(expense, merchant=name)
    said = merchant_key(expense.merchant) if expense.merchant else ""
    names = _names(known.by_merchant(work, person_id, _keys_in(text, said)))
    best = max(names, key=len, default=None)
    if best is None or best == said:
        return expense
    return replace(expense, merchant=names[best], description=_without(expense.description, best))


def knows(work: Work, person_id: int, merchant: str) -> bool:
    """Tell whether the person has a saved receipt of a merchant."""
    return bool(known.by_merchant(work, person_id, [merchant_key(merchant)]))


def _keys_in(text: str, said: str) -> Iterable[str]:
    """Return the keys of the names that words side by side could be: longer than what was read, not things alone."""
    words = list(islice((match[0] for match in _WORD.finditer(text)), _MOST_WORDS))
    spans = [words[at : at + count] for count in range(_LONGEST_NAME, 0, -1) for at in range(len(words) - count + 1)]
    for span in spans:
        key = merchant_key(" ".join(span))
        if len(key) >= _SHORTEST_KEY and said in key and key != said and not _is_thing(span):
            yield key


def _is_thing(span: Sequence[str]) -> bool:
    return len(span) == 1 and all_generic([flat(span[0])])


def _without(description: str | None, key: str) -> str | None:
    kept = [word for word in (description or "").split() if merchant_key(word) not in key]
    return " ".join(kept) or None


def _names(found: dict[str, bytes]) -> dict[str, str]:
    named = {key: Fields.load(fields).name for key, fields in found.items()}
    return {key: name for key, name in named.items() if name}


def phone_of(text: str) -> Value[str] | None:
    """Return the one telephone number of a person's own words."""
    found = phones_in(text)
    return Value(found[0], found[0]) if len(found) == 1 else None
