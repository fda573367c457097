"""One page of a search, with the count and the sums of all that matches on top (rules SEA-2 to SEA-4)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from handlers.receipts.books.ranges import ALL
from storage.receipts import search, transactions
from storage.receipts.search import After, Filter
from storage.receipts.transactions import Transaction
from storage.work import Work

SMS_PAGE, TELEGRAM_PAGE = 5, 10


@dataclass(frozen=True, slots=True)
class Sum:
    """How many of one currency match, and what they add to in its minor units."""

    currency: str
    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Page:
    """The next transactions, newest first; `after` continues the search, None when this was the last page."""

    rows: tuple[Transaction, ...]
    sums: tuple[Sum, ...]
    after: After | None

    @property
    def count(self) -> int:
        """How many match, in all currencies."""
        return sum(one.count for one in self.sums)


def find(work: Work, person_id: int, wanted: Filter, *, after: After | None = None, limit: int = SMS_PAGE) -> Page:
    """Return a page of what matches; rows that are added meanwhile change no later page."""
    ids = search.page(work, person_id, wanted, after=after, limit=limit + 1)
    rows = tuple(transactions.load_all(work, person_id, ids[:limit]))
    more = After(rows[-1].date, rows[-1].id) if len(ids) > limit and rows else None
    return Page(rows, sums(work, person_id, wanted), more)


def sums(work: Work, person_id: int, wanted: Filter) -> tuple[Sum, ...]:
    """Return the count and the sum of everything that matches, per currency, never added up (SUM-4)."""
    bounded = wanted
    if wanted.start is None and wanted.end is None:
        whole = replace(wanted, start=ALL.start, end=ALL.end)
        bounded = whole if whole.is_plain else wanted
    return tuple(Sum(row.currency, row.entries, row.amount_minor) for row in search.sums(work, person_id, bounded))
