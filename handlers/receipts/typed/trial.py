"""One text read from a JSON object, for `main.py try expense`: the same rules as in the chat, no storage.

    {"text": "5.50 coffee", "today": "2026-03-18", "currency": "USD"}

`locale` ("en") and `country` (ISO 3166, null) may be given too. The answer has the draft's fields; `amount_minor` is
null and `reason` tells why when the text is no expense. Two drafts in one text: `drafts` holds all, and the fields are
those of the first. Words that are likely a purchase but would be asked about in a chat have `question` "purchase".
What cannot be read gives `error`, never an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from enum import Enum

from bot.core.clock import SystemClock
from handlers.receipts.currencies import is_currency
from handlers.receipts.typed.entry import Expense, NoExpense, Several
from handlers.receipts.typed.reader import read_answer, read_expense

Answer = dict[str, object]
NO_ANSWER: Answer = {field.name: None for field in fields(Expense)} | {
    "dates": [],
    "tags": [],
    "candidates": [],
    "reason": None,
}


class _BadRequestError(ValueError):
    """The object cannot be read; the message names the field."""


def check(request: object) -> Answer:
    """Read one text; whatever cannot be read gives `error` with the field's name, never an exception."""
    try:
        if not isinstance(request, Mapping):
            raise _BadRequestError("request")
        text, locale, country = (_text(request, name) for name in ("text", "locale", "country"))
        currency = (_text(request, "currency") or "USD").upper()
        if not is_currency(currency):
            raise _BadRequestError("currency")
        told = (text, _today(request), currency, locale or "en", country or None)
        reading = read_expense(*told)
        return _likely(told) if isinstance(reading, NoExpense) and reading.reason == "likely" else _answer(reading)
    except _BadRequestError as error:
        return NO_ANSWER | {"error": f"bad field: {error}"}


def _likely(told: tuple[str, date, str, str, str | None]) -> Answer:
    """Answer with the fields of what a chat would ask about ("thai basil 21"), and the question it would ask."""
    answer = _answer(read_answer(*told))
    return answer if answer["question"] else answer | {"question": "purchase"}


def _text(request: Mapping[object, object], name: str) -> str:
    match request.get(name):
        case None if name != "text":
            return ""
        case str() as text:
            return text.strip()
        case _:
            raise _BadRequestError(name)


def _today(request: Mapping[object, object]) -> date:
    text = _text(request, "today")
    if not text:
        return SystemClock().now().date()
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise _BadRequestError("today") from error


def _answer(reading: Expense | Several | NoExpense) -> Answer:
    match reading:
        case Several(drafts):
            listed = [_fields(draft) for draft in drafts]
            return listed[0] | {"drafts": listed}
        case Expense():
            return _fields(reading)
        case NoExpense():
            return NO_ANSWER | {
                "reason": reading.reason,
                "question": reading.question,
                "candidates": list(reading.candidates),
                "seen_minor": reading.amount_minor,
                "seen_currency": reading.currency,
            }


def _fields(expense: Expense) -> Answer:
    return NO_ANSWER | {field.name: _plain(getattr(expense, field.name)) for field in fields(Expense)}


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
