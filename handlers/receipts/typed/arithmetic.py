"""Sums that people type: "3 x 4.25", "45 + 9 tip", "plus 20% tip", "split 4" (rule AMT-7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from handlers.receipts.typed.amounts import BEYOND, Amount, Rank
from handlers.receipts.typed.lexicon import alternatives, data, entry, listed, phrases
from handlers.receipts.typed.message import Message

_PRODUCT = re.compile(r"\s?(?:[^\W\d_]{2,20}\s)?(?:x|×|\*|@)\s?")
_PLUS = re.compile(r"\s?(?:\+|plus|más|mas|piu)\s?(?:an?\s)?")
_AND = re.compile(r"\s?(?:and|und|y|et|e|con|with|mit|avec|,|&)?\s?(?:an?\s)?")
_AND_CENTS = re.compile(r"\s(?:and\s|und\s|y\s|et\s)?")
_HALF = re.compile(r"(?<!\w)(?:split\s(?:it\s)?(?:in\shalf|50/50|fifty-fifty)|half each|(?<=\s)in\shalf)(?!\w)")
_MOST_PEOPLE = 50


@dataclass(frozen=True, slots=True)
class Share:
    """How many people shared a sum."""

    people: int


@cache
def _split() -> re.Pattern[str]:
    word = alternatives(listed(entry("numbers", "split")))
    return re.compile(
        rf"{word}\W{{1,3}}(?:it\s)?(?:by\s|in\s|into\s|between\s|among\s|with\s|durch\s|entre\s|par\s|per\s)?"
        r"(?P<n>\d{1,2})(?!\w|[.,]\d)(?:\s?ways?|\speople)?|(?P<m>\d{1,2})[- ]way\ssplit"
    )


@cache
def _ways() -> re.Pattern[str]:
    """Return the matcher of a split whose sum stands between its words ("split the $96 bill at nando's 3 ways")."""
    word, counts = alternatives(listed(entry("numbers", "split"))), "|".join(data("numbers")["units"])
    return re.compile(
        rf"(?:{word}\s(?=[^.;\n]{{0,20}}\d))[^.;\n]{{2,60}}?(?P<ways>\s(?P<n>\d{{1,2}}|{counts})[ -]ways?)(?!\w)"
    )


@cache
def _tip_after() -> re.Pattern[str]:
    return re.compile(rf"\s?(?:of\s|de\s)?{alternatives(listed(entry('numbers', 'tips')))}")


@cache
def _tip_before() -> re.Pattern[str]:
    return re.compile(rf"{alternatives(listed(entry('numbers', 'tips')))}\W{{0,3}}(?:of\s|was\s|de\s)?\Z")


def take_split(message: Message) -> int | None:
    """Return into how many equal parts a sum goes, and mark the words as read."""
    text = message.blank()
    if half := _HALF.search(text):
        message.take(*half.span())
        return 2
    if ways := _ways().search(text):
        people = int(ways["n"]) if ways["n"].isdecimal() else int(data("numbers")["units"][ways["n"]])
        if 1 < people <= _MOST_PEOPLE:
            message.take(*ways.span("ways"))
            return people
    match = _split().search(text)
    if not match or not 0 < (people := int(match["n"] or match["m"])) <= _MOST_PEOPLE:
        return None
    message.take(*match.span())
    return people


def is_tip(message: Message, start: int, end: int) -> bool:
    """Say whether the number at a span is named a tip."""
    return bool(_tip_after().match(message.flat, end) or _tip_before().search(message.flat[max(0, start - 16) : start]))


def combined(message: Message, amounts: list[Amount]) -> tuple[list[Amount], Amount | None]:
    """Return the amounts with products, sums and cents joined, and the tip that a sum contains."""
    joined: list[Amount] = []
    tip: Amount | None = None
    for amount in amounts:
        if joined and (merged := _merged(message, joined[-1], amount)):
            joined[-1] = merged
            if is_tip(message, amount.start, amount.end):
                tip = amount
                if match := _tip_after().match(message.flat, amount.end):
                    message.take(*match.span())
        else:
            joined.append(amount)
    if tip is None and len(joined) == 2 and "total" not in message.flat and "incl" not in message.flat:
        tips = [amount for amount in joined if is_tip(message, amount.start, amount.end)]
        rest = [amount for amount in joined if amount not in tips]
        if len(tips) == 1 and rest:
            tip = tips[0]
            message.take(tip.start, tip.end)
            return [_sum(rest[0], tip, span=rest[0])], tip
    return joined, tip


def _merged(message: Message, left: Amount, right: Amount) -> Amount | None:
    between = message.flat[left.end : right.start]
    if len(between) > 24:
        return None
    if _PRODUCT.fullmatch(between) and (left.rank is Rank.BARE or right.rank is Rank.BARE):
        strong = left if left.rank > right.rank else right
        return replace(strong, start=left.start, end=right.end, value=min(left.value * right.value, BEYOND))
    if right.value < 1 and left.has_sign and right.has_sign and left.value % 1 == 0 and _AND_CENTS.fullmatch(between):
        return replace(left, end=right.end, value=left.value + right.value)
    if _PLUS.fullmatch(between) or (_AND.fullmatch(between) and is_tip(message, right.start, right.end)):
        return _sum(left, right, span=None)
    return None


def _sum(left: Amount, right: Amount, *, span: Amount | None) -> Amount:
    strong = left if left.rank >= right.rank else replace(left, rank=right.rank, code=right.code, shared=right.shared)
    return replace(
        strong, start=left.start, end=span.end if span else right.end, value=left.value + right.value, has_sign=True
    )


def percent_tip(message: Message, percentages: list[tuple[int, int, Decimal]]) -> Decimal | None:
    """Return the tip in per cent that a text adds ("plus 20% tip"), and mark its words as read."""
    for start, end, value in percentages:
        if is_tip(message, start, end) and 0 < value <= 100:
            lead = re.search(
                r"(?:\+|plus|with|and|mit|con|avec)\s?(?:an?\s)?(?:tip\s(?:of\s)?)?\Z",
                message.flat[max(0, start - 16) : start],
            )
            after = _tip_after().match(message.flat, end)
            message.take(start - (len(lead[0]) if lead else 0), after.end() if after else end)
            return value
    return None


def tip_words() -> re.Pattern[str]:
    """Return the matcher of words for a tip."""
    return phrases("numbers", "tips")
