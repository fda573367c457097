"""What was made of a person's books before, so that asking again costs no more for a large ledger (rule PERF-3).

Summaries are keyed by person, what was asked and the revision of the books. A search's counts and sums are kept by
month, with the revision that they are of: after a change only the months that it touched are summed again. So an old
value can never be shown. All of it lives in the process, and losing it changes nothing but time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock
from typing import TypeVar, cast

from storage.receipts import book, search
from storage.receipts.search import Filter
from storage.receipts.totals import Span
from storage.work import Work

T = TypeVar("T")
Tally = tuple[int, int]
"""How many transactions, and what they add to in minor units."""
Months = dict[date, dict[str, Tally]]
"""Tallies by the first day of a month and by currency; months without a match are left out."""


@dataclass(frozen=True, slots=True)
class _Known:
    revision: int
    months: Months


class BookCache:
    """The values that were asked for last; readers in threads may share it."""

    def __init__(self, most: int = 1000) -> None:
        self._most, self._lock = most, Lock()
        self._kept: OrderedDict[Hashable, object] = OrderedDict()

    def get(self, person_id: int, revision: int, asked: Hashable, make: Callable[[], T]) -> T:
        """Return what was asked for at this revision, made if it is not known."""
        key = (person_id, revision, asked)
        found = self._take(key)
        return self._put(key, make()) if found is None else cast(T, found)

    def months(self, work: Work, person_id: int, wanted: Filter) -> Months:
        """Return the tallies of all that matches, oldest month first."""
        revision, key = book.revision(work, person_id), (person_id, wanted)
        known = cast(_Known | None, self._take(key))
        if known is None:
            months = months_of(work, person_id, wanted)
        elif known.revision == revision:
            return known.months
        else:
            months = _renewed(work, person_id, wanted, known)
        self._put(key, _Known(revision, months))
        return months

    def _take(self, key: Hashable) -> object | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _put(self, key: Hashable, value: T) -> T:
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value


def months_of(work: Work, person_id: int, wanted: Filter) -> Months:
    """Count all that matches by month, oldest first."""
    found: Months = {}
    for row in sorted(search.month_sums(work, person_id, wanted), key=lambda row: (row.month, row.currency)):
        found.setdefault(date.fromisoformat(f"{row.month}-01"), {})[row.currency] = (row.entries, row.amount_minor)
    return found


def _renewed(work: Work, person_id: int, wanted: Filter, known: _Known) -> Months:
    """Count the stretch from the first to the last month that changed again, and keep the others."""
    changed = book.changed_since(work, person_id, known.revision)
    if not changed:
        return known.months
    stretch = Span.of_months(changed[0], changed[-1])
    kept = {month: tallies for month, tallies in known.months.items() if not stretch.start <= month < stretch.end}
    start, end = max(wanted.start or date.min, stretch.start), min(wanted.end or date.max, stretch.end)
    fresh = months_of(work, person_id, replace(wanted, start=start, end=end)) if start < end else {}
    return dict(sorted((kept | fresh).items()))
