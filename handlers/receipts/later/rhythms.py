"""Whether expenses come again at a regular distance, when the next is expected, and what is a rise (rule REM-1).

Pure: dates and amounts in, a rhythm out. Three similar amounts at two equal distances make one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from handlers.receipts.later.days import months_on

NEEDED = 3
SIMILAR_PERCENT = RISE_PERCENT = 10
DISTANCES = {"week": (6, 8), "month": (26, 35), "year": (355, 375)}
GRACE = {"week": timedelta(days=2), "month": timedelta(days=5), "year": timedelta(days=14)}
"""How long after the expected day an expense counts as missing."""


def rhythm(bought: Sequence[tuple[date, int]]) -> str | None:
    """Return how often the newest three (date, amount) of a merchant came again, None when there is no rhythm."""
    newest = sorted(bought, reverse=True)[:NEEDED]
    amounts = sorted(amount for _, amount in newest)
    if len(newest) < NEEDED or amounts[0] <= 0:
        return None
    if amounts[-1] * 100 > amounts[0] * (100 + SIMILAR_PERCENT):
        return None
    days = [day for day, _ in newest]
    gaps = [(late - early).days for late, early in pairwise(days)]
    return next((name for name, (low, high) in DISTANCES.items() if all(low <= gap <= high for gap in gaps)), None)


def expected_after(every: str, last: date) -> date:
    """Return the day on which the next one is expected."""
    if every == "week":
        return last + timedelta(days=7)
    return months_on(last, 1 if every == "month" else 12)


def is_rise(amount: int, earlier: int) -> bool:
    """Tell whether an amount is more than a tenth above the one before."""
    return amount * 100 > earlier * (100 + RISE_PERCENT)
