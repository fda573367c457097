"""Finding transactions: a filter in, one page or the sums of all that match out (rules SEA-1 to SEA-5).

Newest first, ties broken by id; the next page begins after the last row of this one, so that pages never repeat or
skip, whatever is added meanwhile. Words are equalities on their hashes (see `words`). With words the rows that
bear the first are looked up, newest first; with categories each category's index gives its newest rows; otherwise the
index by date is read, which holds all columns that a filter names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from storage.receipts import totals
from storage.receipts.columns import digest
from storage.receipts.ledger import STATES, part, theirs, transaction
from storage.receipts.receipts import receipt
from storage.receipts.words import hashed, word
from storage.work import Work

ALIVE = tuple(state for state in STATES if state != "void")
LARGEST_PAGE = 100
t = transaction.c


@dataclass(frozen=True, slots=True)
class Filter:
    """What to find; everything given must hold. Dates are half-open, sizes absolute and in thousandths of a unit.

    `words` are stems (`words.stems`) or tags with `#`. `categories` are ids with their children; 0 is Uncategorised.
    """

    words: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    least_milli: int | None = None
    most_milli: int | None = None
    currency: str | None = None
    categories: frozenset[int] | None = None
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ALIVE
    accounts: frozenset[int] | None = None
    merchant_key: str | None = None
    pictured: bool | None = None
    has_receipt: bool | None = None
    code: str | None = None

    @property
    def is_plain(self) -> bool:
        """Tell whether it names dates, kinds and a currency only, so that the totals know the sums."""
        plain = Filter(start=self.start, end=self.end, kinds=self.kinds, currency=self.currency)
        return self == plain and None not in (self.start, self.end)


@dataclass(frozen=True, slots=True)
class After:
    """Where a page ended: the date and id of its last row."""

    date: date
    id: int


def page(work: Work, person_id: int, wanted: Filter, *, after: After | None = None, limit: int = 10) -> list[int]:
    """Return the ids of the next matching transactions, newest first, at most 100 and one that tells of more."""
    limit = max(1, min(limit, LARGEST_PAGE + 1))
    columns = (t.date, t.id)
    found = [_newest(one, wanted, limit) for one in _branches(work, person_id, wanted, columns, after)]
    rows = (sa.union(*found) if len(found) > 1 else found[0]).subquery()
    newest = sa.select(rows.c.id).order_by(rows.c.date.desc(), rows.c.id.desc()).limit(limit)
    return [row.id for row in work.rows(newest)]


def sums(work: Work, person_id: int, wanted: Filter) -> list[sa.Row[Any]]:
    """Return (currency, entries, amount_minor) of everything that matches, a row per currency, never added up."""
    if wanted.is_plain:
        return _known_sums(work, person_id, wanted)
    rows = _matches(work, person_id, wanted)
    counted = sa.select(rows.c.currency, *_counted(rows))
    return work.rows(counted.group_by(rows.c.currency).order_by(rows.c.currency))


def month_sums(work: Work, person_id: int, wanted: Filter) -> list[sa.Row[Any]]:
    """Return (month, currency, entries, amount_minor) of everything that matches; a month is written 2026-03."""
    rows = _matches(work, person_id, wanted)
    month = sa.func.substr(sa.cast(rows.c.date, sa.Text), 1, 7).label("month")
    return work.rows(sa.select(month, rows.c.currency, *_counted(rows)).group_by(month, rows.c.currency))


def _matches(work: Work, person_id: int, wanted: Filter) -> sa.Subquery:
    branches = _branches(work, person_id, wanted, (t.id, t.date, t.currency, t.amount_minor), None)
    return (sa.union(*branches) if len(branches) > 1 else branches[0]).subquery()


def _counted(rows: sa.Subquery) -> tuple[sa.Label[Any], sa.Label[Any]]:
    total = sa.cast(sa.func.sum(rows.c.amount_minor), sa.BigInteger)
    return sa.func.count().label("entries"), total.label("amount_minor")


def _known_sums(work: Work, person_id: int, wanted: Filter) -> list[sa.Row[Any]]:
    assert wanted.start is not None  # noqa: S101  (`is_plain` saw both)
    assert wanted.end is not None  # noqa: S101
    lines = totals.covering(person_id, totals.Span(wanted.start, wanted.end))
    if lines is None:
        return []
    count, amount, _ = totals.aggregates(lines)
    query = sa.select(lines.c.currency, count, amount)
    if wanted.kinds:
        query = query.where(lines.c.kind.in_(wanted.kinds))
    if wanted.currency:
        query = query.where(lines.c.currency == wanted.currency)
    return work.rows(query.group_by(lines.c.currency).order_by(lines.c.currency))


def _newest(query: sa.Select[Any], wanted: Filter, limit: int) -> sa.Select[Any]:
    order = (word.c.date, word.c.transaction_id) if wanted.words else (t.date, t.id)
    return sa.select(query.order_by(*(one.desc() for one in order)).limit(limit).subquery())


def _branches(
    work: Work, person_id: int, wanted: Filter, columns: tuple[Any, ...], after: After | None
) -> list[sa.Select[Any]]:
    """Return selects whose union is what matches."""
    by_id = theirs(person_id) if wanted.words else t.person_id == person_id
    own = sa.select(*columns).where(by_id, *_conditions(work, person_id, wanted), *_within(t.date, t.id, wanted, after))
    if wanted.words:
        first, *others = (hashed(work, person_id, stem) for stem in wanted.words)
        own = own.join(word, word.c.transaction_id == t.id).where(word.c.person_id == person_id, word.c.word == first)
        own = own.where(*(_bears(person_id, one) for one in others))
        own = own.where(*_within(word.c.date, word.c.transaction_id, wanted, after))
    if wanted.categories is None:
        return [own]
    ids = sorted(wanted.categories - {totals.UNCATEGORISED})
    none = [t.category_id.is_(None)] if totals.UNCATEGORISED in wanted.categories else []
    if wanted.words:
        return [own.where(sa.or_(t.category_id.in_(ids), _has_part(person_id, ids), *none))]
    split = own.join(part, part.c.transaction_id == t.id).where(
        part.c.person_id == person_id, part.c.category_id.in_(ids)
    )
    return [*(own.where(one) for one in (*(t.category_id == one for one in ids), *none)), *([split] if ids else [])]


def _conditions(work: Work, person_id: int, wanted: Filter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool] | None] = [
        t.state.in_(wanted.states),
        None if wanted.least_milli is None else t.size_milli >= wanted.least_milli,
        None if wanted.most_milli is None else t.size_milli <= wanted.most_milli,
        None if wanted.currency is None else t.currency == wanted.currency,
        t.kind.in_(wanted.kinds) if wanted.kinds else None,
        None if wanted.accounts is None else t.account_id.in_(sorted(wanted.accounts)),
        None if wanted.pictured is None else t.pictured.is_(wanted.pictured),
        None
        if wanted.has_receipt is None
        else t.receipt_id.is_not(None)
        if wanted.has_receipt
        else t.receipt_id.is_(None),
    ]
    if wanted.merchant_key is not None:
        found.append(t.merchant_hash == digest(work, person_id, "merchant", wanted.merchant_key))
    if wanted.code is not None:
        named = (receipt.c.person_id == person_id, receipt.c.code == wanted.code)
        found.append(t.receipt_id == sa.select(receipt.c.id).where(*named).scalar_subquery())
    return [one for one in found if one is not None]


def _within(
    day: sa.ColumnElement[date], row_id: sa.ColumnElement[int], wanted: Filter, after: After | None
) -> list[sa.ColumnElement[bool]]:
    """Return the range of dates and the end of the page before, in the columns of the table that is read first."""
    found = [] if wanted.start is None else [day >= wanted.start]
    if wanted.end is not None:
        found.append(day < wanted.end)
    return found if after is None else [*found, day <= after.date, sa.or_(day < after.date, row_id < after.id)]


def _bears(person_id: int, one: int) -> sa.Exists:
    other = word.alias()
    same = (other.c.date == word.c.date, other.c.transaction_id == word.c.transaction_id)
    return sa.exists().where(other.c.person_id == person_id, other.c.word == one, *same)


def _has_part(person_id: int, ids: list[int]) -> sa.ColumnElement[bool]:
    named = (part.c.person_id == person_id, part.c.transaction_id == t.id, part.c.category_id.in_(ids))
    return sa.and_(t.split.is_(True), sa.exists().where(*named))
