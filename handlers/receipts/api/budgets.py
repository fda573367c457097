"""`/budgets`: limits per week or month, and how each stands today (SUM-6)."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field

from bot.core.errors import Problem
from bot.engine.api import Call, Reply, Route
from handlers.receipts import report_rights
from handlers.receipts.api.pages import Paging, slice_of
from handlers.receipts.api.values import MOST_MINOR, Currency, Given, RowId, Taken, missing, row_id, unknown
from handlers.receipts.books.budgets import Standing, standings
from handlers.receipts.books.ranges import Unit, period
from handlers.receipts.categories.tree import Tree
from handlers.receipts.owner import owner_of
from storage.receipts import budgets, categories
from storage.receipts.budgets import Budget

Limit = Annotated[int, Field(gt=0, le=MOST_MINOR)]
MOST = 100


class BudgetIn(Taken):
    """A budget of a category with all under it, or of everything; it takes the place of one of the same scope."""

    category_id: RowId | None = None
    period: Literal["week", "month"]
    currency: Currency
    amount_minor: Limit
    rollover: bool = False


class BudgetPatch(Taken):
    """What changes."""

    amount_minor: Limit | None = None
    rollover: bool | None = None


class BudgetOut(Given):
    """A budget and how it stands: spent of the limit in the period that holds today; the end is the day after."""

    id: str
    category_id: str | None
    period: str
    currency: str
    amount_minor: int
    rollover: bool
    spent_minor: int
    limit_minor: int
    start: datetime.date
    end: datetime.date


class BudgetPage(Given):
    """A page, oldest first."""

    data: list[BudgetOut]
    next: str | None


def _standings(call: Call) -> list[Standing]:
    owner = owner_of(call.work, call.person_id)
    tree = Tree(categories.of_person(call.work, call.person_id))
    return standings(call.work, call.person_id, tree, owner.today, week_start=owner.week_start)


def _shown(one: Standing) -> BudgetOut:
    budget = one.budget
    category = None if budget.category_id is None else str(budget.category_id)
    return BudgetOut(
        id=str(budget.id), category_id=category, period=budget.period, currency=budget.currency,
        amount_minor=budget.amount_minor, rollover=budget.rollover, spent_minor=one.spent_minor,
        limit_minor=one.limit_minor, start=one.range.start, end=one.range.end,
    )  # fmt: skip


def _own(call: Call) -> Standing:
    wanted = row_id(call.path["id"])
    found = next((one for one in _standings(call) if one.budget.id == wanted), None)
    if found is None:
        raise missing()
    return found


def listing(call: Call) -> Reply:
    """Return a page of the budgets."""
    page, more = slice_of(_standings(call), call.query, lambda one: one.budget.id)
    return Reply(BudgetPage(data=[_shown(one) for one in page], next=more))


def get(call: Call) -> Reply:
    """Return one budget."""
    return Reply(_shown(_own(call)))


def create(call: Call) -> Reply:
    """Set a budget."""
    _permitted(call)
    new: BudgetIn = call.body
    category_id = None if new.category_id is None else row_id(new.category_id)
    owner = owner_of(call.work, call.person_id)
    since = period(Unit(new.period), owner.today, week_start=owner.week_start).start
    budget = Budget(category_id, new.period, new.currency, new.amount_minor, since, new.rollover)
    before = budgets.of_person(call.work, call.person_id)
    if len(before) >= MOST:
        raise Problem(422, "too_many", f"You may have {MOST} budgets.")
    if not budgets.put(call.work, call.person_id, budget):
        raise unknown("category_id")
    scope = (category_id, new.period, new.currency)
    made = next(one for one in _standings(call) if _scope(one.budget) == scope)
    is_new = made.budget.id not in {one.id for one in before}
    location = f"/api/v1/budgets/{made.budget.id}" if is_new else None
    return Reply(_shown(made), 201 if is_new else 200, location=location)


def _permitted(call: Call) -> None:
    """Raise Problem where the plan has no reports of one's own."""
    if not report_rights.allows(call.turn, report_rights.CUSTOM):
        raise Problem(403, "plan", report_rights.told(call.turn, report_rights.CUSTOM))


def _scope(budget: Budget) -> tuple[int | None, str, str]:
    return budget.category_id, budget.period, budget.currency


def patch(call: Call) -> Reply:
    """Change the amount of a budget, or whether what is left over is kept."""
    _permitted(call)
    change: BudgetPatch = call.body
    old = _own(call).budget
    amount = old.amount_minor if change.amount_minor is None else change.amount_minor
    rollover = old.rollover if change.rollover is None else change.rollover
    budgets.put(
        call.work, call.person_id, Budget(old.category_id, old.period, old.currency, amount, old.since, rollover)
    )
    return Reply(_shown(_own(call)))


def delete(call: Call) -> Reply:
    """End a budget."""
    if not budgets.end(call.work, call.person_id, row_id(call.path["id"])):
        raise missing()
    return Reply(status=204)


ROUTES = (
    Route("GET", "/budgets", listing, "List budgets and how they stand", BudgetPage, query=Paging),
    Route("POST", "/budgets", create, "Set a budget", BudgetOut, 201, body=BudgetIn, writes=True),
    Route("GET", "/budgets/{id}", get, "Get a budget", BudgetOut),
    Route("PATCH", "/budgets/{id}", patch, "Change a budget", BudgetOut, body=BudgetPatch, writes=True),
    Route("DELETE", "/budgets/{id}", delete, "End a budget", status=204, writes=True),
)
