"""What a model says of a receipt, held against what a reader without a mind of its own saw (rules OCR-5, SEC-R1).

Pure. A total that both saw is surer; one that differs is asked; one that nobody else saw is suspect, and can become the
total by the person's word only. Names and days of a model fill what is missing, and replace nothing that was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from bot.core.calls.reading import PrintedPage, SeenField
from handlers.receipts.currencies import exponent, is_currency
from handlers.receipts.merchants import folded
from handlers.receipts.reading.amounts import WHOLE_IN_PRINT, amounts_in
from handlers.receipts.reading.extractor import read_receipt
from handlers.receipts.reading.results import Context, Field, Flag, Question, Reading, TotalCandidate
from handlers.receipts.reading.rows import page_of_text

AGREED, SUSPECT, FILLED = 0.97, 0.3, 0.7
MOST_TOTALS = 3
_OLDEST, _NEWEST = timedelta(days=731), timedelta(days=1)
T = TypeVar("T")


def with_model(
    pages: Sequence[PrintedPage], said: dict[str, SeenField], lines: Sequence[str], context: Context
) -> Reading:
    """Return the reading of a receipt of which a model gave its opinion; `pages` are what other readers saw."""
    seen = read_receipt(pages, context) if any(page.lines for page in pages) else None
    told = read_receipt([page_of_text("\n".join(lines))], context)
    reading = seen or _doubted(told)
    if Flag.INJECTION in told.flags:
        reading = replace(reading, flags=reading.flags | {Flag.INJECTION})
    reading = _with_currency(reading, said.get("currency"))
    texts = [line.text for page in pages for line in page.lines]
    reading = _with_total(reading, said.get("total"), texts)
    reading = _with_date(reading, said.get("date"), context.received)
    return _with_merchant(reading, said.get("merchant"))


def _doubted(told: Reading) -> Reading:
    """Return the reading of a model's own lines: nothing of it was seen by anybody else."""
    total = None if told.total is None else replace(told.total, confidence=SUSPECT, origin="model")
    merchant = None if told.merchant is None else replace(told.merchant, confidence=FILLED, origin="model")
    day = None if told.date is None else replace(told.date, confidence=FILLED, origin="model")
    asked = replace(told, total=total, merchant=merchant, date=day)
    return _asking(asked, Question.TOTAL) if total is not None else asked


def _with_currency(reading: Reading, said: SeenField | None) -> Reading:
    """Let the model settle a currency that the print leaves open, when the amounts stay what they are."""
    code = said.value.strip().upper() if said else ""
    if Question.CURRENCY not in reading.questions or said is None or not is_currency(code):
        return reading
    if exponent(code) != exponent(reading.currency.value):
        return reading
    return _without(replace(reading, currency=Field(code, said.evidence[:60], FILLED, "model")), Question.CURRENCY)


# -- the total -----------------------------------------------------------------------------------------------------


def _with_total(reading: Reading, said: SeenField | None, texts: Sequence[str]) -> Reading:
    amount = _amount(said, reading.currency.value)
    if said is None or amount is None:
        return reading
    witnessed = abs(amount) in {abs(one) for one in _amounts(texts, reading.currency.value)}
    best = reading.total
    if witnessed and best is not None and abs(best.value) == abs(amount):
        surer = replace(best, confidence=max(best.confidence, AGREED))
        return _without(replace(reading, total=surer), Question.TOTAL)
    opinion = TotalCandidate(amount, 0.0, said.value[:40], ("model",))
    others = [one for one in reading.totals if one.amount != amount]
    ordered = [opinion, *others] if witnessed else [*others[: MOST_TOTALS - 1], opinion]
    if best is None:
        best = Field(amount, said.value[:40], SUSPECT, "model")
    doubtful = replace(best, confidence=min(best.confidence, 0.5 if witnessed else SUSPECT))
    return _asking(replace(reading, total=doubtful, totals=tuple(ordered[:MOST_TOTALS])), Question.TOTAL)


def _amount(said: SeenField | None, currency: str) -> int | None:
    """Return the one amount that a model's field is, None for anything else; 0 is no total of anything."""
    found = _amounts([said.value], currency) if said else []
    return found[0] if len(found) == 1 and found[0] != 0 else None


def _amounts(texts: Iterable[str], currency: str) -> list[int]:
    whole = currency in WHOLE_IN_PRINT
    return [one.minor for text in texts for one in amounts_in(text, exponent(currency), whole_is_money=whole)]


# -- day and name --------------------------------------------------------------------------------------------------


def _with_date(reading: Reading, said: SeenField | None, today: date) -> Reading:
    try:
        day = date.fromisoformat(said.value.strip()) if said else None
    except ValueError:
        day = None
    if said is None or day is None or not today - _OLDEST <= day <= today + _NEWEST:
        return reading
    if reading.date is None:
        filled = replace(reading, date=Field(day, said.evidence[:60], FILLED, "model"), dates=(day,))
        return _without(filled, Question.DATE)
    if day == reading.date.value:
        return _without(replace(reading, dates=(day,)), Question.DATE_ORDER)
    return _asking(replace(reading, dates=(reading.date.value, day)), Question.DATE_ORDER)


def _with_merchant(reading: Reading, said: SeenField | None) -> Reading:
    """Fill a merchant that was not read; it must stand in the line that the model names as its evidence."""
    if reading.merchant is not None or said is None or not folded(said.value):
        return reading
    if folded(said.value) not in folded(said.evidence):
        return reading
    return _without(replace(reading, merchant=Field(said.value, said.evidence, FILLED, "model")), Question.MERCHANT)


def _asking(reading: Reading, question: Question) -> Reading:
    return reading if question in reading.questions else replace(reading, questions=(*reading.questions, question))


def _without(reading: Reading, question: Question) -> Reading:
    return replace(reading, questions=tuple(one for one in reading.questions if one is not question))
