"""Amounts of money in a text: number, currency, period, and what makes them no price (DD-5, DD-6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from handlers.coaching.decisions.lexicon import alternatives, any_of, data, finder
from handlers.coaching.decisions.mentions import Finds, Kind, Mention, Price
from handlers.coaching.decisions.numerals import DIGITS, decimal_of, number_words, value_of_words

PERIODS = ("month", "year", "week", "once", "other")
LARGEST = Decimal(10) ** 9
_BETWEEN_RANGE = re.compile(r"\s?(?:-|to|till|until|hasta|a)\s?")
_REST_OF_RANGE = re.compile(r"\s?(?:-|to|till|until|hasta)\s?(?=[$€£¥₹]?\d)")


@dataclass(frozen=True, slots=True)
class _Number:
    start: int
    end: int
    value: Decimal | None
    currency: str | None
    is_word: bool


def minor_units(value: Decimal, currency: str) -> int:
    """Return an amount in the currency's smallest unit, rounded half up."""
    digits = data("money")["decimals"].get(currency, 2)
    return int((min(value, LARGEST) * 10**digits).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@cache
def _signs() -> str:
    return "|".join(re.escape(sign) for sign in sorted(data("money")["signs"], key=len, reverse=True))


@cache
def _currency_words() -> str:
    return alternatives(source.replace(" ", r"\s") for source in data("money")["words"])


@cache
def _number_pattern() -> re.Pattern[str]:
    before = rf"(?:(?<![a-z0-9])(?P<sign>{_signs()}|{_currency_words()})\s?|(?<![\w.,#/])(?<![a-z]-))"
    number = rf"(?P<digits>{DIGITS})(?P<k>\s?k(?![a-z0-9]))?"
    after = rf"(?:\s?(?P<after>{_signs()})(?!\s?\d)(?![a-z])|[\s-]?(?P<word>(?:{_glued_words()})(?![a-z0-9])))?"
    return re.compile(before + number + after)


@cache
def _glued_words() -> str:
    return "|".join(source.replace(" ", r"\s") for source in sorted(data("money")["words"], key=len, reverse=True))


@cache
def _word_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?P<number>{number_words()})(?:[\s-](?P<word>{_currency_words()}))?")


@cache
def _after_period() -> re.Pattern[str]:
    groups = "|".join(
        f"(?P<{period}>{_period_source(period)})" for period in ("other", "once", "year", "week", "month")
    )
    filler = (
        r"(?:\s?(?:per|a|each|every|por|/)\s?(?:member|person|head|user|seat|people|"
        r"miembro|persona)|\sflat|\susd|\sbilled|\spaid|,)?"
    )
    return re.compile(rf"{filler}(?:\s|-)?(?:{groups})(?![a-z0-9])")


def _period_source(period: str) -> str:
    entries = [phrase.strip() for phrase in data("money")["periods"][period].split(",")]
    return "|".join(
        entry.replace(" ", r"\s?" if entry.startswith("/") else r"\s")
        for entry in sorted(entries, key=len, reverse=True)
    )


def currency_code(name: str | None, own: str) -> str:
    """Return the ISO code of a sign or a word; dollars are the person's own when they have dollars."""
    if name is None or name == "CENT":
        return own
    if name == "DOLLAR":
        return own if own in data("money")["dollars"]["codes"].split() else "USD"
    return name


def _named(sign: str | None, word: str | None) -> str | None:
    if sign and sign in data("money")["signs"]:
        return str(data("money")["signs"][sign])
    for text in (sign, word):
        for source, code in data("money")["words"].items():
            if text and re.fullmatch(source.replace(" ", r"\s"), text):
                return str(code)
    return None


def _digit_numbers(flat: str) -> Iterator[_Number]:
    for match in _number_pattern().finditer(flat):
        sign = match["sign"] or match["after"]
        currency = _named(sign, match["word"])
        code = currency_code(currency, "USD")
        value = decimal_of(match["digits"], is_dollar=code in data("money")["dollars"]["codes"].split())
        if value is not None and match["k"]:
            value *= 1000
        if value is None and match["k"] and re.fullmatch(r"\d+[.,]\d", match["digits"]):
            value = Decimal(match["digits"].replace(",", ".")) * 1000
        if value is not None and currency == "CENT":
            value /= 100
        yield _Number(match.start(), match.end(), value, currency, is_word=False)


def _word_numbers(flat: str) -> Iterator[_Number]:
    for match in _word_pattern().finditer(flat):
        value = value_of_words(match["number"])
        if value is None:
            continue
        currency = _named(None, match["word"])
        amount = Decimal(value) / 100 if currency == "CENT" else Decimal(value)
        yield _Number(match.start(), match.end(), amount, currency, is_word=True)


def find_amounts(finds: Finds, own: str, *, has_topic: bool = False) -> None:
    """Add every number that may be money; bare numbers that count things, name versions or hours are left out."""
    flat = finds.flat
    found: list[Mention] = []
    for number in sorted([*_digit_numbers(flat), *_word_numbers(flat)], key=lambda number: number.start):
        if not finds.is_free(number.start, number.end) or any(m.end > number.start for m in found):
            continue
        if mention := _mention(flat, number, own, has_topic=has_topic):
            found.append(mention)
    for mention in _ranges(flat, found):
        finds.add(mention.kind, mention.start, mention.end, mention.value)


def _mention(flat: str, number: _Number, own: str, *, has_topic: bool) -> Mention | None:
    period, end = _period_after(flat, number.end)
    has_currency = number.currency is not None
    if number.is_word and not has_currency and not period and not has_topic and not _priced_before(flat, number.start):
        return None
    if not has_currency and not period and not _stands_alone(flat, number.start, number.end):
        return None
    flaw = _flaw(flat, number, end)
    code = currency_code(number.currency, own)
    minor = minor_units(number.value, code) if number.value is not None else 0
    return Mention(Kind.MONEY, number.start, end, Price(minor, code, period, has_currency, flaw))


def _priced_before(flat: str, start: int) -> bool:
    return bool(
        re.search(
            r"(?:charge|charging|price|cobrar|price at|price is|it at|it to|price to)\s(?:de\s|at\s|is\s)?$",
            flat[max(0, start - 16) : start],
        )
    )


def _period_after(flat: str, end: int) -> tuple[str | None, int]:
    match = _after_period().match(flat, end)
    if not match:
        return None, end
    if (
        match.lastgroup == "month"
        and match["month"] in ("pm", "p.m.")
        and not re.search(r"[$€£]", flat[max(0, end - 9) : end])
    ):
        return None, end
    if match.lastgroup == "once" and re.match(
        r"\s(?:we|i|it|the|they|there|my|our|you)\b", flat[match.end() : match.end() + 7]
    ):
        return None, end
    return match.lastgroup, match.end()


def _stands_alone(flat: str, start: int, end: int) -> bool:
    if flat[end : end + 1] == ")" and "(" not in flat[max(0, start - 12) : start]:
        return False
    if re.match(r"[a-z%°:/]|-[a-z]|\s?%", flat[end : end + 2]) or flat[end - 1 : end] in ".,":
        return False
    following = re.match(r"\s([a-z'/]+(?:\s[a-z]+)?)", flat[end : end + 24])
    if following and not re.match(any_of("money", "flaws", "after_bare"), following[1]):
        return False
    return not re.search(
        r"(?:#|version|v|patch|level|episode|season|top|phase|task|step|week|day|part|chapter|at|number|option)\s?$",
        flat[max(0, start - 9) : start],
    )


def _flaw(flat: str, number: _Number, end: int) -> str | None:
    before = flat[max(0, number.start - 24) : number.start]
    if number.value is None:
        return "unreadable"
    if re.search(any_of("money", "flaws", "before")[:-1] + r"\s?)$", before) or before.rstrip().endswith("~"):
        return "vague"
    after = flat[number.end :][:24] + " "
    later = flat[end:][:24] + " "
    for rest in (after, later):
        if re.match(
            rf"\s?(?:{'|'.join(p.strip() for p in data('money')['flaws']['after'].split(','))})(?![a-z0-9])", rest
        ):
            return "vague"
        if re.match(rf"\s?{any_of('money', 'flaws', 'discount_after')}", rest):
            return "discount"
    return None


def _ranges(flat: str, found: list[Mention]) -> list[Mention]:
    """Join "27-47", "20 to 30" into one flawed amount, unless "from" makes it a change (DD-4)."""
    joined: list[Mention] = []
    for mention in found:
        previous = joined[-1] if joined else None
        if (
            previous
            and _BETWEEN_RANGE.fullmatch(flat[previous.end : mention.start])
            and isinstance(previous.value, Price)
        ):
            is_change = re.search(r"(?:from|de|desde)\s$", flat[max(0, previous.start - 6) : previous.start])
            is_dash = "-" in flat[previous.end : mention.start]
            if is_dash or not is_change:
                joined[-1] = Mention(Kind.MONEY, previous.start, mention.end, replace(previous.value, flaw="range"))
                continue
        joined.append(mention)
    return joined


def find_free(finds: Finds, own: str) -> None:
    """Add the word "free" where it can be a price: not free time, a free month, or a person who is free."""
    for match in finder("pricing", "free").finditer(finds.flat):
        rest = finds.flat[match.end() : match.end() + 24]
        before = finds.flat[max(0, match.start() - 12) : match.start()]
        if re.match(rf"[\s-]{any_of('pricing', 'free_things')}", rest) or re.search(
            r"(?:feel|ad|am|i'm|im|sugar|drama|set me|first|always)[\s-]$", before
        ):
            continue
        finds.add(Kind.MONEY, *match.span(), Price(0, own, None, has_currency=True))
