"""Sums of the ledger by month and by year, and over any range of dates (rules SUM-1, SUM-3, PERF-4).

A month's rows are made again from its transactions whenever one of them changes, a year's from its months: nothing is
added up and down, so nothing can drift. A range is answered from whole years, whole months and the days at its ends;
its cost does not grow with the ledger. Void transactions are in no total. A split transaction counts in the category
of each part with that part's amount, and once, in its first part, as a transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from storage.receipts.columns import owner
from storage.receipts.ledger import part, theirs, transaction
from storage.schema import metadata, one_of, word
from storage.work import Work

SPENDING = ("expense", "refund")
UNCATEGORISED = 0
"""Stands for no category in totals; no row of ours has this id."""

total = sa.Table(
    "ledger_total",
    metadata,
    owner(primary_key=True),
    sa.Column("grain", sa.Text, primary_key=True),
    sa.Column("start", sa.Date, primary_key=True),
    sa.Column("currency", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, primary_key=True),
    sa.Column("category_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("most_minor", sa.BigInteger, nullable=False),
    one_of("grain", "month", "year"),
    sqlite_with_rowid=False,
)
_GROUP = ("currency", "kind", "state", "category_id")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of dates [start, end), in whole years, whole months and single days."""

    start: date
    end: date

    @classmethod
    def of_months(cls, first: date, last: date) -> Span:
        """Return the range from one month to another, both whole; each is given by a day of it."""
        return cls(_month(first), _after(_month(last), _month))

    def pieces(self) -> list[tuple[str, date, date]]:
        """Return (grain, start, end) pieces that cover the range once each; empty ones are left out."""
        if (self.start, self.end) == (date.min, date.max):
            return [("year", date.min, date.max)]
        first, last = _next_start(self.start, _month), _month(self.end)
        if first > last:
            return [("day", self.start, self.end)] if self.start < self.end else []
        opens, closes = _next_start(first, _year), _year(last)
        if opens > closes:
            opens = closes = first
        found = [
            ("day", self.start, first), ("month", first, opens), ("year", opens, closes), ("month", closes, last),
            ("day", last, self.end),
        ]  # fmt: skip
        return [piece for piece in found if piece[1] < piece[2]]


def _month(day: date) -> date:
    return day.replace(day=1)


def _year(day: date) -> date:
    return day.replace(month=1, day=1)


def _after(start: date, floor: Any) -> date:
    """Return the start of the next month or year; the last one of the calendar has none and stands for it."""
    if floor is _year:
        return date.max if start.year == date.max.year else start.replace(year=start.year + 1)
    return _after(_year(start), _year) if start.month == 12 else start.replace(month=start.month + 1)


def _next_start(day: date, floor: Any) -> date:
    start: date = floor(day)
    return start if start == day else _after(start, floor)


def refresh(work: Work, person_id: int, dates: Iterable[date]) -> None:
    """Make the totals of the months and years of these dates again."""
    months = {_month(day) for day in dates}
    for start in sorted(months):
        lines = _lines(person_id, start, _after(start, _month)).subquery()
        _make_again(work, person_id, "month", start, lines)
    for start in sorted({_year(month) for month in months}):
        within = (total.c.grain == "month", total.c.start >= start, total.c.start < _after(start, _year))
        _make_again(
            work, person_id, "year", start, sa.select(total).where(total.c.person_id == person_id, *within).subquery()
        )


def _make_again(work: Work, person_id: int, grain: str, start: date, lines: sa.Subquery) -> None:
    work.claim(total.delete().where(total.c.person_id == person_id, total.c.grain == grain, total.c.start == start))
    group = [lines.c[name] for name in _GROUP]
    rows = sa.select(
        sa.literal(person_id, sa.BigInteger), sa.literal(grain), sa.literal(start, sa.Date), *group, *aggregates(lines)
    ).group_by(*group)
    names = ["person_id", "grain", "start", *_GROUP, "entries", "amount_minor", "most_minor"]
    work.claim(total.insert().from_select(names, rows))


def aggregates(lines: sa.FromClause) -> list[sa.Label[Any]]:
    """Return entries, sum and largest; sums are 64-bit on both databases (PostgreSQL makes them numeric)."""
    return [
        sa.cast(sa.func.sum(lines.c.entries), sa.Integer).label("entries"),
        sa.cast(sa.func.sum(lines.c.amount_minor), sa.BigInteger).label("amount_minor"),
        sa.func.max(lines.c.most_minor).label("most_minor"),
    ]


def _category(table: sa.Table) -> sa.ColumnElement[int]:
    return sa.func.coalesce(table.c.category_id, UNCATEGORISED)


def _lines(person_id: int, start: date, end: date) -> sa.CompoundSelect[Any]:
    """Return the lines of the ledger in a range: transactions that are not split, and parts of those that are."""
    t, p = transaction, part
    alive = t.c.state != word("void")
    whole = sa.select(
        t.c.date, t.c.currency, t.c.kind, t.c.state, _category(t).label("category_id"),
        sa.literal_column("1").label("entries"), t.c.amount_minor, t.c.amount_minor.label("most_minor"),
    ).where(t.c.person_id == person_id, t.c.date >= start, t.c.date < end, alive, t.c.split.is_(False))  # fmt: skip
    first = sa.case((p.c.seq == 0, 1), else_=0)
    parts = (
        sa.select(
            p.c.date, t.c.currency, t.c.kind, t.c.state, _category(p), first,
            p.c.amount_minor, t.c.amount_minor,
        )
        .join(t, sa.and_(t.c.id == p.c.transaction_id, t.c.person_id == p.c.person_id))
        .where(p.c.person_id == person_id, p.c.date >= start, p.c.date < end, alive)
    )  # fmt: skip
    return sa.union_all(whole, parts)


def covering(person_id: int, span: Span) -> sa.Subquery | None:
    """Return rows (start, group, entries, amount_minor, most_minor) that cover a range once."""
    selects: list[Any] = []
    for grain, start, end in span.pieces():
        if grain == "day":
            lines = _lines(person_id, start, end).subquery()
            selects.append(
                sa.select(*(lines.c[name] for name in ("date", *_GROUP, "entries", "amount_minor", "most_minor")))
            )
        else:
            within = (total.c.grain == word(grain), total.c.start >= start, total.c.start < end)
            columns = (
                total.c.start.label("date"),
                *(total.c[n] for n in (*_GROUP, "entries", "amount_minor", "most_minor")),
            )
            selects.append(sa.select(*columns).where(total.c.person_id == person_id, *within))
    return sa.union_all(*selects).subquery() if selects else None


def by_category(work: Work, person_id: int, span: Span) -> list[sa.Row[Any]]:
    """Return (currency, kind, state, category_id, entries, amount_minor, most_minor), category 0 for none."""
    lines = covering(person_id, span)
    if lines is None:
        return []
    group = [lines.c[name] for name in _GROUP]
    return work.rows(sa.select(*group, *aggregates(lines)).group_by(*group).order_by(*group))


def by_kind(work: Work, person_id: int, span: Span) -> list[sa.Row[Any]]:
    """Return (currency, kind, state, entries, amount_minor, most_minor)."""
    lines = covering(person_id, span)
    if lines is None:
        return []
    group = [lines.c[name] for name in _GROUP[:-1]]
    return work.rows(sa.select(*group, *aggregates(lines)).group_by(*group).order_by(*group))


def spent_by_month(
    work: Work, person_id: int, span: Span, categories: frozenset[int] | None = None
) -> list[sa.Row[Any]]:
    """Return (start, currency, amount_minor) of what was spent in the months that begin within a range (SUM-5)."""
    within = (total.c.grain == word("month"), total.c.start >= span.start, total.c.start < span.end)
    group = (total.c.start, total.c.currency)
    mine = sa.select(*group, aggregates(total)[1]).where(total.c.person_id == person_id, *within)
    return work.rows(_spent(mine, total, categories).group_by(*group).order_by(*group))


def spent_by_day(work: Work, person_id: int, span: Span, categories: frozenset[int] | None = None) -> list[sa.Row[Any]]:
    """Return (start, currency, amount_minor) of what was spent on the days of a range, from the ledger's lines."""
    lines = _lines(person_id, span.start, span.end).subquery()
    group = (lines.c.date, lines.c.currency)
    mine = sa.select(lines.c.date.label("start"), lines.c.currency, aggregates(lines)[1])
    return work.rows(_spent(mine, lines, categories).group_by(*group).order_by(*group))


def _spent(query: sa.Select[Any], lines: sa.FromClause, categories: frozenset[int] | None) -> sa.Select[Any]:
    query = query.where(lines.c.kind.in_(SPENDING))
    return query if categories is None else query.where(lines.c.category_id.in_(sorted(categories)))


def spent_by_category(work: Work, person_id: int, span: Span) -> dict[tuple[str, int], int]:
    """Return what was spent less what came back, in minor units by currency and category, 0 for none (SUM-6)."""
    lines = covering(person_id, span)
    if lines is None:
        return {}
    group = (lines.c.currency, lines.c.category_id)
    spent = sa.select(*group, aggregates(lines)[1]).where(lines.c.kind.in_(SPENDING)).group_by(*group)
    return {(row.currency, row.category_id): row.amount_minor for row in work.rows(spent)}


def extent(work: Work, person_id: int) -> Span | None:
    """Return the range from the first to the last day of a person's ledger, None when it is empty."""
    days = [_end_of_ledger(work, person_id, order) for order in (transaction.c.date.asc(), transaction.c.date.desc())]
    first, last = days
    return None if first is None or last is None else Span(first, date.fromordinal(last.toordinal() + 1))


def _end_of_ledger(work: Work, person_id: int, order: sa.UnaryExpression[Any]) -> date | None:
    row = work.row(sa.select(transaction.c.date).where(transaction.c.person_id == person_id).order_by(order).limit(1))
    return None if row is None else row.date


def months_of(work: Work, person_id: int, category_ids: Iterable[int]) -> list[date]:
    """Return the months in which some categories have totals."""
    rows = work.rows(
        sa.select(total.c.start)
        .where(
            total.c.person_id == person_id, total.c.grain == word("month"), total.c.category_id.in_(list(category_ids))
        )
        .distinct()
    )  # fmt: skip
    return [row.start for row in rows]


def biggest(work: Work, person_id: int, span: Span, *, currency: str, most_minor: int) -> int | None:
    """Return the newest expense of this amount in a range: the biggest, when the amount is the range's largest.

    Few rows bear one amount, so they are found by it and then looked at: asked at once, SQLite would read the index of
    dates backwards until one of them comes.
    """
    t, other = transaction, transaction.alias()
    bearing = sa.select(other.c.id).where(
        other.c.person_id == person_id, other.c.amount_minor == most_minor, other.c.currency == currency,
        other.c.kind == word("expense"),
    )  # fmt: skip
    row = work.row(
        sa.select(t.c.id)
        .where(
            theirs(person_id), t.c.id.in_(bearing), t.c.state != word("void"),
            t.c.date >= span.start, t.c.date < span.end,
        )
        .order_by(t.c.date.desc(), t.c.id.desc())
        .limit(1)
    )  # fmt: skip
    return None if row is None else int(row.id)
