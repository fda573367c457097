"""`/summaries` and `/trends`: what the books come to, kept by person, question and revision (SUM-1 to 5, PERF-3).

The revision is read before the sums: a change in between can only make a newer value be kept under an older revision,
which nobody asks for again.
"""

from __future__ import annotations

import datetime
from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from bot.core.errors import Problem
from bot.engine.api import Call, Reply, Route
from handlers.receipts import report_rights
from handlers.receipts.api.transaction_shapes import OwnId, TransactionOut
from handlers.receipts.api.transactions import shown
from handlers.receipts.api.values import Day, Given, Taken, row_id
from handlers.receipts.books import ranges
from handlers.receipts.books.cache import BookCache
from handlers.receipts.books.ranges import Range, Unit
from handlers.receipts.books.summary import CurrencySummary, Summary, summarise
from handlers.receipts.books.trends import LONGEST, Point, trend
from handlers.receipts.categories.tree import UNCATEGORISED, Tree
from handlers.receipts.owner import Owner, owner_of
from storage.receipts import book, categories, receipts
from storage.work import Work

Period = Literal["day", "week", "month", "quarter", "year"]


class RangeQuery(Taken):
    """Which days: words (`this month`, `last 7 days`, `march`, `all`), or `from` and `to`; else this month."""

    range: Annotated[str, Field(max_length=40)] | None = None
    from_: Day | None = Field(None, alias="from")
    to: Day | None = Field(None, description="The day after the last.")


class TrendQuery(Taken):
    """So many periods up to the one that holds today."""

    unit: Period = "month"
    count: Annotated[int, Field(ge=1, le=LONGEST)] = 12
    category: OwnId | None = Field(None, description="With everything under it; `0` is Uncategorised.")


class ShareOut(Given):
    """What was spent in a root category with all under it, in whole percent; without an id: Uncategorised."""

    category_id: str | None
    name: str | None
    amount_minor: int
    percent: int


class CurrencyOut(Given):
    """One currency's sums; refunds are negative and inside `spent_minor`, pending is inside too."""

    currency: str
    spent_minor: int
    refunds_minor: int
    income_minor: int
    pending_minor: int
    count: int
    previous_minor: int | None
    shares: list[ShareOut]
    biggest: TransactionOut | None


class WaitingOut(Given):
    """Drafts that wait for an answer and count nowhere yet; `currency` is missing where none was read."""

    currency: str | None
    count: int
    amount_minor: int


class SummaryOut(Given):
    """A range, half-open, and its currencies, never added up."""

    start: datetime.date
    end: datetime.date
    unit: str | None
    currencies: list[CurrencyOut]
    waiting: list[WaitingOut]


class PointOut(Given):
    """One period and what was spent in it, per currency."""

    start: datetime.date
    end: datetime.date
    spent_minor: dict[str, int]


class TrendOut(Given):
    """Every period of the window, empty ones too, oldest first."""

    unit: str
    data: list[PointOut]


def summary(cache: BookCache, call: Call) -> Reply:
    """Return the summary of a range."""
    work, person_id = call.work, call.person_id
    revision = book.revision(work, person_id)
    wanted = range_of(call.query, owner_of(work, person_id))
    tree = Tree(categories.of_person(work, person_id))
    found: Summary = cache.get(
        person_id, revision, ("summary", wanted), lambda: summarise(work, person_id, wanted, tree)
    )
    waiting = [
        WaitingOut(currency=row.currency, count=row.entries, amount_minor=row.amount_minor)
        for row in receipts.waiting_sums(work, person_id)
    ]
    return Reply(
        SummaryOut(
            start=wanted.start, end=wanted.end, unit=wanted.unit, waiting=waiting,
            currencies=[_currency(one, tree) for one in found.currencies],
        )
    )  # fmt: skip


def _currency(one: CurrencySummary, tree: Tree) -> CurrencyOut:
    return CurrencyOut(
        currency=one.currency, spent_minor=one.spent_minor, refunds_minor=one.refunds_minor,
        income_minor=one.income_minor, pending_minor=one.pending_minor, count=one.count,
        previous_minor=one.previous_minor, biggest=None if one.biggest is None else shown(one.biggest),
        shares=[
            ShareOut(
                category_id=None if share.category_id == UNCATEGORISED else str(share.category_id),
                name=_name(tree, share.category_id), amount_minor=share.amount_minor, percent=share.percent,
            )
            for share in one.shares
        ],
    )  # fmt: skip


def _name(tree: Tree, category_id: int) -> str | None:
    node = tree.get(category_id)
    return None if node is None else node.name


def range_of(wanted: RangeQuery, owner: Owner) -> Range:
    """Return the days that are meant; raise Problem for words that name none."""
    if wanted.range is not None and (wanted.from_ or wanted.to):
        raise Problem(400, "invalid", "Give range, or from and to.", field="range")
    if wanted.range == "all":
        return ranges.ALL
    if wanted.range is not None:
        words = wanted.range.casefold().split()
        found = ranges.read(words, owner.today, week_start=owner.week_start)
        if found is None or found[1] != len(words):
            raise Problem(400, "invalid", "These words name no range.", field="range")
        return found[0]
    if wanted.from_ is None and wanted.to is None:
        return ranges.period(Unit.MONTH, owner.today)
    return _between(wanted.from_ or ranges.ALL.start, wanted.to or ranges.ALL.end)


def _between(start: datetime.date, end: datetime.date) -> Range:
    if start >= end:
        raise Problem(400, "invalid", "It must be after from.", field="to")
    return Range(start, end)


def trends(cache: BookCache, call: Call) -> Reply:
    """Return what was spent period by period."""
    work, person_id, wanted = call.work, call.person_id, call.query
    revision, owner = book.revision(work, person_id), owner_of(call.work, call.person_id)
    chosen = _scope(work, person_id, wanted.category)
    asked = ("trend", wanted.unit, wanted.count, owner.today, chosen, owner.week_start)
    points: list[Point] = cache.get(
        person_id, revision, asked,
        lambda: trend(
            work, person_id, Unit(wanted.unit), wanted.count, owner.today, categories=chosen,
            week_start=owner.week_start,
        ),
    )  # fmt: skip
    data = [PointOut(start=one.range.start, end=one.range.end, spent_minor=one.spent_minor) for one in points]
    return Reply(TrendOut(unit=wanted.unit, data=data))


def _scope(work: Work, person_id: int, category: str | None) -> frozenset[int] | None:
    if category is None:
        return None
    if category == "0":
        return frozenset({UNCATEGORISED})
    return Tree(categories.of_person(work, person_id)).with_children(row_id(category))


def routes(cache: BookCache) -> tuple[Route, ...]:
    """Return the routes over one cache, which other ways to the same books may share."""
    return (
        Route("GET", "/summaries", partial(summary, cache), "Sum up a range", SummaryOut, query=RangeQuery),
        Route(
            "GET",
            "/trends",
            partial(trends, cache),
            "Spending by period",
            TrendOut,
            query=TrendQuery,
            feature=report_rights.TRENDS,
        ),
    )
