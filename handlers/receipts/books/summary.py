"""What was spent in a range: per currency, by category, with the biggest and the range before (rules SUM-3, SUM-4).

Transfers and void rows are out; refunds are negative and inside what was spent; pending rows are inside and told
apart. Categories are the roots with all under them rolled up; Uncategorised is always among them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from handlers.receipts.books.ranges import Range
from handlers.receipts.books.shares import percentages
from handlers.receipts.categories.tree import UNCATEGORISED, Tree
from storage.receipts import totals, transactions
from storage.receipts.totals import SPENDING, Span
from storage.receipts.transactions import Transaction
from storage.work import Work


@dataclass(frozen=True, slots=True)
class Share:
    """What was spent in a category (0: Uncategorised) with all under it, and in whole percent of the total."""

    category_id: int
    amount_minor: int
    percent: int


@dataclass(frozen=True, slots=True)
class CurrencySummary:
    """The sums of one currency, in its minor units; `income_minor` is positive, `refunds_minor` is not."""

    currency: str
    spent_minor: int
    refunds_minor: int
    income_minor: int
    pending_minor: int
    count: int
    shares: tuple[Share, ...]
    biggest: Transaction | None
    previous_minor: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A range and its currencies, the one with most transactions first."""

    range: Range
    currencies: tuple[CurrencySummary, ...]


@dataclass(slots=True)
class _Sums:
    """What is added up for one currency."""

    spent: int = 0
    refunds: int = 0
    income: int = 0
    pending: int = 0
    count: int = 0
    most: int | None = None

    def add(self, row: sa.Row[Any]) -> None:
        kind, amount = row.kind, row.amount_minor
        if kind == "income":
            self.income -= amount
        if kind not in SPENDING:
            return
        self.spent += amount
        self.count += row.entries
        if kind == "refund":
            self.refunds += amount
        elif self.most is None or row.most_minor > self.most:
            self.most = row.most_minor
        if row.state == "pending":
            self.pending += amount


def summarise(work: Work, person_id: int, wanted: Range, tree: Tree) -> Summary:
    """Return the summary of a range."""
    rows = totals.by_category(work, person_id, Span(wanted.start, wanted.end))
    sums: dict[str, _Sums] = defaultdict(_Sums)
    by_root: dict[str, dict[int, int]] = defaultdict(lambda: {UNCATEGORISED: 0})
    for row in rows:
        sums[row.currency].add(row)
        if row.kind in SPENDING:
            roots, root = by_root[row.currency], tree.root_of(row.category_id)
            roots[root] = roots.get(root, 0) + row.amount_minor
    before = spent_by_currency(work, person_id, wanted.previous) if wanted.previous else None
    found = [
        CurrencySummary(
            currency, one.spent, one.refunds, one.income, one.pending, one.count,
            _shares(by_root[currency]), _biggest(work, person_id, wanted, currency, one.most),
            None if before is None else before.get(currency, 0),
        )
        for currency, one in sums.items()
        if one.count or one.income
    ]  # fmt: skip
    return Summary(wanted, tuple(sorted(found, key=lambda one: (-one.count, one.currency))))


def spent_by_currency(work: Work, person_id: int, wanted: Range) -> dict[str, int]:
    """Return what was spent less what came back, in minor units per currency."""
    found: dict[str, int] = defaultdict(int)
    for row in totals.by_kind(work, person_id, Span(wanted.start, wanted.end)):
        if row.kind in SPENDING:
            found[row.currency] += row.amount_minor
    return dict(found)


def _shares(by_root: dict[int, int]) -> tuple[Share, ...]:
    ordered = sorted(by_root.items(), key=lambda item: (-item[1], item[0]))
    percents = percentages([amount for _, amount in ordered])
    return tuple(Share(one, amount, percent) for (one, amount), percent in zip(ordered, percents, strict=True))


def _biggest(work: Work, person_id: int, wanted: Range, currency: str, most: int | None) -> Transaction | None:
    if most is None:
        return None
    span = Span(wanted.start, wanted.end)
    found = totals.biggest(work, person_id, span, currency=currency, most_minor=most)
    return None if found is None else transactions.load(work, person_id, found)
