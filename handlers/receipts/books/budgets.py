"""When a budget speaks: at 80 and at 100 percent, each once a period, whatever is edited later (rules SUM-6, SM-9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from handlers.receipts.books.ranges import MONDAY, Range, Unit, period
from handlers.receipts.categories.tree import Tree
from storage.receipts import budgets, totals
from storage.receipts.budgets import Budget
from storage.receipts.totals import Span
from storage.work import Work

LEVELS = (80, 100)
Spending = Callable[[date, date], dict[tuple[str, int], int]]
"""What was spent from a day up to another, in minor units by currency and category."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget stands in its period: spent of a limit, in minor units of the budget's currency."""

    budget: Budget
    range: Range
    spent_minor: int
    limit_minor: int

    @property
    def reached(self) -> tuple[int, ...]:
        """The levels in percent that are reached."""
        if self.spent_minor <= 0:
            return ()
        return tuple(level for level in LEVELS if self.spent_minor * 100 >= self.limit_minor * level)


@dataclass(frozen=True, slots=True)
class Alert:
    """A level that was just reached for the first time in its period."""

    standing: Standing
    percent: int


def standings(work: Work, person_id: int, tree: Tree, now: date, *, week_start: int = MONDAY) -> list[Standing]:
    """Return how all budgets of a person stand today; each range of days is asked for once, whoever needs it."""
    spending = cache(lambda start, end: totals.spent_by_category(work, person_id, Span(start, end)))
    return [_standing(one, tree, now, week_start, spending) for one in budgets.of_person(work, person_id)]


def alerts(work: Work, person_id: int, tree: Tree, now: date, *, week_start: int = MONDAY) -> list[Alert]:
    """Return the alerts that are due now and note them as given; of several levels of one budget only the highest."""
    found = (_claim(work, person_id, one) for one in standings(work, person_id, tree, now, week_start=week_start))
    return [alert for alert in found if alert is not None]


def _claim(work: Work, person_id: int, standing: Standing) -> Alert | None:
    new = [
        level
        for level in standing.reached
        if budgets.claim_alert(work, person_id, standing.budget.id, start=standing.range.start, percent=level)
    ]
    return Alert(standing, max(new)) if new else None


def _standing(budget: Budget, tree: Tree, now: date, week_start: int, spending: Spending) -> Standing:
    current = period(Unit(budget.period), now, week_start=week_start)
    scope = None if budget.category_id is None else tree.with_children(budget.category_id)

    def spent(start: date, end: date) -> int:
        return sum(
            amount
            for (currency, category_id), amount in spending(start, end).items()
            if currency == budget.currency and (scope is None or category_id in scope)
        )

    limit = budget.amount_minor
    if budget.rollover and budget.since < current.start:
        past = periods_between(Unit(budget.period), budget.since, current.start, week_start=week_start)
        limit += budget.amount_minor * len(past) - spent(past[0].start, current.start)
    return Standing(budget, current, spent(current.start, current.end), limit)


def periods_between(unit: Unit, since: date, end: date, *, week_start: int = MONDAY) -> Sequence[Range]:
    """Return the periods from the one that holds `since` up to the one that ends with `end`."""
    found = [period(unit, since, week_start=week_start)]
    while found[-1].end < end:
        found.append(period(unit, found[-1].end, week_start=week_start))
    return found
