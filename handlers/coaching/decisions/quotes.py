"""The rule that a proposal stands on the person's own words (PP-1)."""

from __future__ import annotations

from enum import StrEnum

from handlers.coaching.decisions.reader import read_value
from handlers.coaching.decisions.text import same_characters
from handlers.coaching.decisions.values import Category, Context


class Verdict(StrEnum):
    """What becomes of a model's proposal: it stands, the person is asked, or it is dropped."""

    STANDS = "stands"
    ASK = "ask"
    DROP = "drop"


def is_quoted(quote: str, text: str) -> bool:
    """Say whether the quote stands in the text, typographic signs and spaces made plain in both."""
    plain = same_characters(quote)
    return bool(plain) and plain in same_characters(text)


def check_quote(text: str, quote: str, category: Category, value: str, context: Context) -> Verdict:
    """Judge a proposed value by its quote: no quote or no value in it drops it, another value asks."""
    if not is_quoted(quote, text):
        return Verdict.DROP
    read = read_value(quote, category, context)
    if read is None:
        return Verdict.DROP
    return Verdict.STANDS if read == value else Verdict.ASK
