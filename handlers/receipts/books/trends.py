"""Spending period by period: every period of the window is listed, empty ones too, the first one whole (SUM-5)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from handlers.receipts.books.ranges import MONDAY, Range, Unit, before, period
from storage.receipts import totals
from storage.receipts.totals import Span
from storage.work import Work

LONGEST = 120


@dataclass(frozen=True, slots=True)
class Point:
    """What was spent in one period, in minor units per currency; a currency without any is 0."""

    range: Range
    spent_minor: dict[str, int]


def trend(
    work: Work,
    person_id: int,
    unit: Unit,
    count: int,
    now: date,
    *,
    categories: frozenset[int] | None = None,
    week_start: int = MONDAY,
) -> list[Point]:
    """Return the last `count` periods up to the one that holds today, oldest first; of some categories or of all."""
    count = max(1, min(count, LONGEST))
    periods = [before(unit, now, count=back, week_start=week_start) for back in reversed(range(count))]
    span = Span(periods[0].start, periods[-1].end)
    whole_months = unit in (Unit.MONTH, Unit.QUARTER, Unit.YEAR)
    rows = (totals.spent_by_month if whole_months else totals.spent_by_day)(work, person_id, span, categories)
    spent: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    currencies = set()
    for row in rows:
        currencies.add(row.currency)
        spent[period(unit, row.start, week_start=week_start).start][row.currency] += row.amount_minor
    return [Point(one, {code: spent[one.start][code] for code in sorted(currencies)}) for one in periods]
