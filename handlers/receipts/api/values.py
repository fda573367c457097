"""What the API's bodies are made of: ids as text, amounts as integers, bounded texts without hidden characters.

An id has 63 bits, more than a number of JavaScript holds, so it travels as a string. `row_id` gives an id that nobody
has for text that is none: an unknown id, another person's and nonsense answer alike (RA-17).
"""

from __future__ import annotations

import datetime
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.core.errors import Problem
from handlers.receipts.currencies import is_currency

NOBODY = -1
_LARGEST_ID = 2**63 - 1
MOST_MINOR = 10**13
"""Of one amount, in minor units: a million of the largest still add up in 64 bits."""
EARLIEST, LATEST = datetime.date(1900, 1, 1), datetime.date(2200, 1, 1)
_LINE_BREAKS = "\n\t"


def row_id(text: str) -> int:
    """Return the row id that a text is, or one that no row has."""
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        return NOBODY
    number = int(text)
    return number if 0 < number <= _LARGEST_ID else NOBODY


def missing() -> Problem:
    """Return what is said of everything that this person does not have."""
    return Problem(404, "not_found", "There is nothing here.")


def unknown(field: str) -> Problem:
    """Return what is said of a reference to what this person does not have."""
    return Problem(400, "unknown", "You have nothing of this id.", field=field)


def stale() -> Problem:
    """Return what is said when a row changed since the caller saw it."""
    return Problem(409, "stale", "It changed meanwhile. Read it again.", field="If-Match")


def _clean(text: str) -> str:
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") and c not in _LINE_BREAKS for c in text):
        raise ValueError("holds characters that nobody sees")
    return text.strip()


def _one_line(text: str) -> str:
    if any(c in _LINE_BREAKS for c in text):
        raise ValueError("must be one line")
    return _clean(text)


def _filled(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


def _currency(code: str) -> str:
    if not is_currency(code):
        raise ValueError("is no ISO 4217 code in capitals")
    return code


def _tag(text: str) -> str:
    tag = text.removeprefix("#")
    if not tag or not all(c.isalnum() or c in "-_" for c in tag):
        raise ValueError("has letters, digits, - and _ only")
    return tag


RowId = Annotated[str, Field(pattern=r"^[0-9]{1,19}$", description="The id of a row of yours, as text.")]
Minor = Annotated[
    int, Field(ge=-MOST_MINOR, le=MOST_MINOR, description="In the currency's smallest unit; positive was spent.")
]
Currency = Annotated[str, Field(max_length=3), AfterValidator(_currency)]
Day = Annotated[datetime.date, Field(ge=EARLIEST, le=LATEST)]
Name = Annotated[str, Field(max_length=60), AfterValidator(_one_line), AfterValidator(_filled)]
Line = Annotated[str, Field(max_length=200), AfterValidator(_one_line)]
Words = Annotated[str, Field(max_length=1000), AfterValidator(_clean)]
Tag = Annotated[str, Field(max_length=40), AfterValidator(_tag)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=20)]


class Taken(BaseModel):
    """A body or a query: what is not named here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Given(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, defer_build=True)
