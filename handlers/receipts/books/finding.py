"""One page of a search, with the count and the sums of all that matches on top (rules SEA-2 to SEA-4)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from handlers.receipts.books.cache import BookCache, Months, Tally, months_of
from handlers.receipts.books.ranges import ALL
from storage.receipts import search, transactions
from storage.receipts.search import After, Filter
from storage.receipts.totals import Span
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


def find(
    work: Work,
    person_id: int,
    wanted: Filter,
    *,
    after: After | None = None,
    limit: int = SMS_PAGE,
    cache: BookCache | None = None,
) -> Page:
    """Return a page of what matches; rows that are added meanwhile change no later page.

    The months that hold matches tell how far back the page can reach, so that few among many are found as fast as
    many. With the process's cache only the first search of its kind reads the whole ledger.
    """
    months = None if _bounded(wanted).is_plain else _months(work, person_id, wanted, cache)
    within = wanted if months is None else _reach(months, wanted, after, limit + 1)
    ids = [] if within is None else search.page(work, person_id, within, after=after, limit=limit + 1)
    rows = tuple(transactions.load_all(work, person_id, ids[:limit]))
    more = After(rows[-1].date, rows[-1].id) if len(ids) > limit and rows else None
    return Page(rows, _known(work, person_id, wanted) if months is None else _added(months), more)


def sums(work: Work, person_id: int, wanted: Filter, *, cache: BookCache | None = None) -> tuple[Sum, ...]:
    """Return the count and the sum of everything that matches, per currency, never added up (SUM-4)."""
    if cache is None or _bounded(wanted).is_plain:
        return _known(work, person_id, wanted)
    return _added(cache.months(work, person_id, wanted))


def _bounded(wanted: Filter) -> Filter:
    """Return the same filter with dates, when it is one whose sums the totals know."""
    whole = replace(wanted, start=wanted.start or ALL.start, end=wanted.end or ALL.end)
    return whole if whole.is_plain else wanted


def _known(work: Work, person_id: int, wanted: Filter) -> tuple[Sum, ...]:
    found = search.sums(work, person_id, _bounded(wanted))
    return tuple(Sum(row.currency, row.entries, row.amount_minor) for row in found)


def _months(work: Work, person_id: int, wanted: Filter, cache: BookCache | None) -> Months:
    return months_of(work, person_id, wanted) if cache is None else cache.months(work, person_id, wanted)


def _reach(months: Months, wanted: Filter, after: After | None, limit: int) -> Filter | None:
    """Return the filter over no more months than so many rows need, None when nothing is left.

    Of the month in which the page before ended, nobody knows how much is left: it counts for nothing.
    """
    last = None if after is None else after.date.replace(day=1)
    left = [one for one in reversed(months) if last is None or one <= last]
    if not left:
        return None
    reached = 0
    for month in left:
        reached += sum(count for count, _ in months[month].values()) if month != last else 0
        if reached >= limit:
            break
    start, end = max(wanted.start or month, month), Span.of_months(month, left[0]).end
    return replace(wanted, start=start, end=min(wanted.end or end, end))


def _added(months: Months) -> tuple[Sum, ...]:
    found: dict[str, Tally] = {}
    for tallies in months.values():
        for currency, (count, amount) in tallies.items():
            before = found.get(currency, (0, 0))
            found[currency] = (before[0] + count, before[1] + amount)
    return tuple(Sum(currency, *found[currency]) for currency in sorted(found))
