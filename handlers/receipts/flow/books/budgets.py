"""BUDGET, BUDGETS, and the word that a budget speaks at 80 and at 100 percent (rules SUM-6, SM-9).

U> budget food 400
B> Budget Food: $400.00 a month. $206.00 of $400.00 so far (51%).
"""

from __future__ import annotations

import re

from bot.engine.turn import Turn
from handlers.receipts import report_rights, wording
from handlers.receipts.books import budgets as rules
from handlers.receipts.books.budgets import Standing
from handlers.receipts.books.ranges import Unit, period
from handlers.receipts.currencies import largest_usual
from handlers.receipts.flow.books import summaries
from handlers.receipts.flow.books.charts import budget_name
from handlers.receipts.flow.books.opened import Books, amount_in, category_named, currency_in, open_books, plain
from storage.receipts import budgets
from storage.receipts.budgets import Budget

_DROP = re.compile(r"(?:drop|delete|remove|end|stop)\s+(?:budget\s+)?#?(\d{1,3})", re.I)
_MONEY = re.compile(r"[^\w\s]{0,2}[A-Z]{0,3}[$€£¥₹]?\d[\d.,']*k?(?:\s?[€£¥₹])?", re.I)
_WEEK = re.compile(r"\b(?:(?:per|a|each|every)\s+week|weekly|week)\b", re.I)
_MONTH = re.compile(r"\b(?:(?:per|a|each|every)\s+month|monthly|month)\b", re.I)
_ROLL = re.compile(r"\b(?:with\s+)?roll\s?-?over\b|\brolling\b", re.I)
_EDGES = re.compile(r"^(?:for|on|of|set|add|new)\s+|\s+(?:to|at|is|of|=)$", re.I)
_ALL = frozenset({"", "all", "everything", "total", "overall", "todo"})


def budget(turn: Turn, rest: str) -> bool:
    """Set a budget, drop one, or list them."""
    books = open_books(turn)
    drop = _DROP.fullmatch(rest)
    if not rest or rest.casefold() in ("list", "show"):
        _listed(turn, books)
    elif drop is not None:
        _dropped(turn, books, int(drop[1]))
    elif not report_rights.refused(turn, report_rights.CUSTOM):
        _put(turn, books, rest)
    return True


def doing(turn: Turn, rest: str) -> bool:
    """Answer "how am I doing": by budgets where there are any, else by what was spent."""
    if not rest and budgets.of_person(turn.work, turn.person.id):
        return budget(turn, "")
    return summaries.told(turn, rest)


# -- setting -------------------------------------------------------------------------------------------------------


def _put(turn: Turn, books: Books, rest: str) -> None:
    unit = Unit.WEEK if _WEEK.search(rest) else Unit.MONTH
    rollover = bool(_ROLL.search(rest))
    for pattern in (_WEEK, _MONTH, _ROLL):
        rest = pattern.sub("", rest)
    code, rest = currency_in(rest.strip())
    numbers = list(_MONEY.finditer(rest))
    found = amount_in(books, f"{numbers[-1][0]} {code or ''}".strip()) if numbers else None
    if found is None or not 0 < found[0] <= largest_usual(found[1]):
        turn.say("books.budget_how")
        return
    name = rest[: numbers[-1].start()] + rest[numbers[-1].end() :]
    name = _EDGES.sub("", _EDGES.sub("", name.strip(" :,-")))
    category = None if name.casefold() in _ALL else category_named(books, name)
    if category is None and name.casefold() not in _ALL:
        turn.say("books.no_category", name=plain(name))
        return
    of = books.owner
    since = period(unit, of.today, week_start=of.week_start).start
    new = Budget(category, unit.value, found[1], found[0], since, rollover)
    budgets.put(turn.work, of.id, new)
    _told(turn, books, new)


def _told(turn: Turn, books: Books, new: Budget) -> None:
    """Tell how the new budget stands; levels that it has reached already are told by that."""
    scope = (new.category_id, new.period, new.currency)
    one = next(
        s for s in _standings(turn, books) if (s.budget.category_id, s.budget.period, s.budget.currency) == scope
    )
    told = turn.text("books.rolls_over") if new.rollover else ""
    amount = wording.money(new.amount_minor, new.currency)
    turn.say(f"books.budget_{new.period}", name=budget_name(turn, books, one), amount=amount, standing=_how(turn, one),
        rollover=told)  # fmt: skip
    _alert(turn, books, but=one.budget.id)


def _standings(turn: Turn, books: Books) -> list[Standing]:
    of = books.owner
    return rules.standings(turn.work, of.id, books.tree, of.today, week_start=of.week_start)


def _how(turn: Turn, one: Standing) -> str:
    return turn.text(
        "books.standing",
        spent=wording.money(one.spent_minor, one.budget.currency),
        limit=wording.money(one.limit_minor, one.budget.currency),
        percent=_percent(one),
    )


def _percent(one: Standing) -> int:
    return max(0, one.spent_minor) * 100 // one.limit_minor if one.limit_minor > 0 else 100


# -- listing and dropping ------------------------------------------------------------------------------------------


def _listed(turn: Turn, books: Books) -> None:
    found = _standings(turn, books)
    if not found:
        turn.say("books.no_budgets")
        return
    for number, one in enumerate(found, 1):
        name = budget_name(turn, books, one)
        turn.say(f"books.budget_line_{one.budget.period}", number=number, name=name, standing=_how(turn, one))
    turn.say("books.budgets_drop")


def _dropped(turn: Turn, books: Books, number: int) -> None:
    found = _standings(turn, books)
    if not 0 < number <= len(found):
        turn.say("books.no_such_budget", number=number)
        return
    name = budget_name(turn, books, found[number - 1])
    budgets.end(turn.work, books.owner.id, found[number - 1].budget.id)
    turn.say("books.budget_dropped", name=name)


# -- alerts --------------------------------------------------------------------------------------------------------


def alert(turn: Turn, receipt_id: str) -> bool:
    """Say which budgets a saving or a change took past 80 or 100 percent, each level once a period."""
    if not budgets.of_person(turn.work, turn.person.id) or not report_rights.allows(turn, report_rights.CUSTOM):
        return False
    return _alert(turn, open_books(turn))


def _alert(turn: Turn, books: Books, *, but: int = 0) -> bool:
    of = books.owner
    due = rules.alerts(turn.work, of.id, books.tree, of.today, week_start=of.week_start)
    for one in due:
        standing = one.standing
        if standing.budget.id != but:
            name = budget_name(turn, books, standing)
            turn.say(f"books.alert_{one.percent}_{standing.budget.period}", name=name, standing=_how(turn, standing))
    return bool(due)
