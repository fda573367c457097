"""Amounts in English words, as voices are transcribed: "twelve fifty", "a hundred and twenty" (rule AMT-6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

from handlers.receipts.merchants import written_brands
from handlers.receipts.typed.amounts import Amount, Rank
from handlers.receipts.typed.lexicon import alternatives, data, flat
from handlers.receipts.typed.message import Message
from handlers.receipts.typed.signs import sign_after

_LONGEST_RUN = 12
_POINT = "point"
_NOTES = {"fiver": Decimal(5), "tenner": Decimal(10)}
_NOTE = re.compile(r"(?:(?<!\w)an?\s)?(?<!\w)(fiver|tenner)(?!\w)")


@cache
def _values() -> dict[str, int]:
    numbers = data("numbers")
    return {**numbers["units"], **numbers["tens"]}


@cache
def _run() -> re.Pattern[str]:
    number = alternatives([*_values(), *data("numbers")["multipliers"], "oh"])
    one = r"(?<!\w)an?(?=\s(?:dollar|buck|euro|pound|quid)(?!\w))"
    return re.compile(
        rf"{one}|(?:(?<!\w)an?\s(?=hundred|thousand|grand))?{number}(?:[\s-](?:and\s|point\s)?{number}){{0,{_LONGEST_RUN}}}"
    )


def find_word_amounts(message: Message, default: str, *, only_with_currency: bool) -> list[Amount]:
    """Return the amounts in number words; those without a currency word only when asked for."""
    found = []
    text = _without_brands(message.blank())
    for match in _run().finditer(text):
        tokens = re.split(r"[\s-]", match[0])
        value = _money(tokens)
        if value is None:
            continue
        beside = sign_after(message.text, message.flat, match.end(), default)
        if only_with_currency and not beside:
            continue
        if beside and beside.is_cents:
            value /= 100
        found.append(
            Amount(
                match.start(),
                match.end() + (beside.length if beside else 0),
                value,
                Rank.CURRENCY if beside else Rank.BARE,
                beside.code if beside else None,
                beside.shared if beside else None,
                has_sign=bool(beside),
            )
        )
    found += [
        Amount(*match.span(), _NOTES[match[1]], Rank.CURRENCY, "GBP", has_sign=True) for match in _NOTE.finditer(text)
    ]
    found = _with_hundredths(message, found)
    return [
        replace(amount, rank=Rank.DECIMALS) if amount.value % 1 and not amount.has_sign else amount for amount in found
    ]


@cache
def _brands() -> re.Pattern[str]:
    """Return the matcher of brands of several words with a number word in them ("seven eleven", "five guys")."""
    split = {name: flat(name).replace("-", " ").split() for name in written_brands()}
    return re.compile(
        alternatives(" ".join(said) for said in split.values() if len(said) > 1 and _values().keys() & set(said))
    )


def _without_brands(text: str) -> str:
    """Blank the numbers in brands when there are others: "seven eleven snacks four eighty"."""
    left = _brands().sub(lambda found: "\n" * len(found[0]), text)
    return left if _run().search(left) or re.search(r"\d", left) else text


def _with_hundredths(message: Message, found: list[Amount]) -> list[Amount]:
    """Join "a dollar" and "ninety nine": a second number of two digits right after the currency is its hundredths."""
    joined: list[Amount] = []
    for amount in found:
        last = joined[-1] if joined else None
        follows = last is not None and message.flat[last.end : amount.start] in (" ", " and ")
        if (
            last
            and follows
            and last.has_sign
            and not amount.has_sign
            and last.value % 1 == 0
            and 10 <= amount.value <= 99
        ):
            joined[-1] = replace(last, end=amount.end, value=last.value + amount.value / 100)
        else:
            joined.append(amount)
    return joined


def _money(tokens: Sequence[str]) -> Decimal | None:
    """Return the value of number words: a cardinal, a pair of whole and hundredths, or digits after "point"."""
    words = [token for token in tokens if token not in ("a", "an", "and")]
    if not words:
        return Decimal(1)
    if _POINT in words:
        at = words.index(_POINT)
        whole, digits = _cardinal(words[:at]), [_values().get(word, -1) for word in words[at + 1 :]]
        if whole is None or not digits or not all(0 <= digit <= 99 for digit in digits):
            return None
        return Decimal(f"{whole}.{''.join(map(str, digits))}")
    whole = _cardinal(words)
    if whole is not None:
        return Decimal(whole)
    for at in range(1, len(words)):
        major, minor = _cardinal(words[:at]), _hundredths(words[at:])
        if major is not None and minor is not None:
            return major + Decimal(minor) / 100
    return None


def _hundredths(words: Sequence[str]) -> int | None:
    if words[0] == "oh" and len(words) == 2:
        unit = _values().get(words[1], 10)
        return unit if unit < 10 else None
    value = _cardinal(words)
    return value if value is not None and 10 <= value <= 99 else None


def _cardinal(words: Sequence[str]) -> int | None:
    """Return the value of words that form one cardinal number, or None ("twelve fifty" forms two)."""
    total, part, room = 0, 0, 1_000
    multipliers = data("numbers")["multipliers"]
    if not words:
        return None
    for word in words:
        factor = multipliers.get(word)
        value = _values().get(word)
        if factor == 100 and part < 100 and room != 100:
            part, room = max(part, 1) * 100, 100
        elif factor == 1000 and not total:
            total, part, room = max(part, 1) * factor, 0, 1_000
        elif value is not None and value < room and (value < 10 or room >= 100):
            part, room = part + value, 10 if value >= 20 else 0
        else:
            return None
    return total + part
