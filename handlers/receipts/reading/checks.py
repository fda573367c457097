"""What the reading is worth: the confidence of the total, the checks CHK-1 to CHK-6, and what is asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

from handlers.receipts.reading.results import Flag, Question, Reading, TotalCandidate
from handlers.receipts.reading.sums import ITEM_TOLERANCE

ACCEPTED = 0.8
NO_RIVAL = -2.0
OLDEST = timedelta(days=2 * 365 + 1)
HIGHEST_TAX, HIGHEST_TIP = 30, 50


def confidence_of(totals: Sequence[TotalCandidate]) -> float:
    """Return 0-1 from the score of the best total and its margin over the second distinct amount."""
    if not totals:
        return 0.0
    best = totals[0].score
    margin = best - (totals[1].score if len(totals) > 1 else NO_RIVAL)
    strength = 1 / (1 + math.exp(-(0.9 * margin + 0.5 * (best - 4.5))))
    return round(min(0.99, strength), 3)


def checks_of(reading: Reading, *, fits: bool) -> set[Flag]:
    """Return the flags of the arithmetic; none of them blocks saving."""
    found: set[Flag] = {Flag.SUMS_FIT} if fits else set()
    total = abs(reading.total.value) if reading.total else 0
    if total and reading.tax and reading.tax.value * 100 > HIGHEST_TAX * total:
        found.add(Flag.TAX_HIGH)
    base = reading.subtotal.value if reading.subtotal else total
    if base and reading.tip and reading.tip.value * 100 > HIGHEST_TIP * base:
        found.add(Flag.TIP_HIGH)
    if total and sum(item.amount for item in reading.items) > total + ITEM_TOLERANCE:
        found.add(Flag.ITEMS_EXCEED)
    if reading.receipts_seen > 1:
        found.add(Flag.SEVERAL)
    return found


def questions_of(reading: Reading, received: date, *, currency_sure: bool) -> tuple[Question, ...]:
    """Return what to ask, the gravest first."""
    asked: list[Question] = []
    if Flag.UNREADABLE in reading.flags:
        asked.append(Question.UNREADABLE)
    if Flag.SEVERAL in reading.flags:
        asked.append(Question.SEVERAL)
    if reading.total is None or reading.total.confidence < ACCEPTED:
        asked.append(Question.TOTAL)
    elif reading.total.value <= 0 and Flag.REFUND not in reading.flags:
        asked.append(Question.NOT_POSITIVE)
    asked.extend(_about_date(reading, received))
    if reading.merchant is None:
        asked.append(Question.MERCHANT)
    if not currency_sure:
        asked.append(Question.CURRENCY)
    return tuple(asked)


def _about_date(reading: Reading, received: date) -> list[Question]:
    if reading.date is None:
        return [Question.DATE]
    if reading.date.value > received + timedelta(days=1):
        return [Question.DATE_FUTURE]
    if len(reading.dates) > 1:
        return [Question.DATE_ORDER]
    return [Question.DATE_OLD] if received - reading.date.value > OLDEST else []
