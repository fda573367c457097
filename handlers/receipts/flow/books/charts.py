"""TREND and CHART: a picture with one line that says the same (rules CHA-1, SUM-5).

    U> chart march
    B> (picture) March, USD: Groceries $250.00 61%, Food $160.07 39%.

A job draws, so the turn only says what. The line goes with the call and comes back with the picture; when nothing can
be drawn, the line comes alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.calls import Done
from bot.core.calls.charts import ChartBar, ChartDrawn, DrawChart
from bot.engine import slow
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.receipts import report_rights, wording
from handlers.receipts.books.budgets import Standing, standings
from handlers.receipts.books.ranges import Range, Unit
from handlers.receipts.books.summary import CurrencySummary
from handlers.receipts.books.trends import Point
from handlers.receipts.books.trends import trend as trend_of
from handlers.receipts.flow.books.opened import (
    Books,
    category_named,
    currency_in,
    meant,
    named,
    open_books,
    path_of,
    plain,
    summary_of,
)
from handlers.receipts.flow.books.summaries import is_whole

CALL = "books_chart"
PARTS, MOST_PERIODS = 7, 24
LIMIT = timedelta(minutes=10)
_USUAL = {Unit.DAY: 14, Unit.WEEK: 8, Unit.MONTH: 6, Unit.QUARTER: 4, Unit.YEAR: 3}
_PERIODS = re.compile(
    r"\b(?:by\s+)?(?:last\s+)?(?:(\d{1,3})\s*)?(day|week|month|quarter|year|monthly|weekly|trend)s?\b", re.I
)
_COUNT = re.compile(r"^\s*(\d{1,3})\b")
_DARK = re.compile(r"\b(dark|light)\b", re.I)
_BUDGETS = re.compile(r"\s*budgets?\s*", re.I)
_UNITS = {"monthly": Unit.MONTH, "weekly": Unit.WEEK, "trend": Unit.MONTH}


@dataclass(frozen=True, slots=True)
class Wish:
    """How a chart is to look: dark or light, and the currency that was named."""

    dark: bool
    currency: str | None


def trend(turn: Turn, rest: str) -> bool:
    """Show spending period by period, of all or of one category."""
    books = open_books(turn)
    wish, rest = _wish(books, rest)
    return _trend(turn, books, wish, rest)


def chart(turn: Turn, rest: str) -> bool:
    """Draw a range by category, the last periods, or the budgets."""
    books = open_books(turn)
    wish, rest = _wish(books, rest)
    if _BUDGETS.fullmatch(rest):
        return _budgets(turn, books, wish)
    query = meant(turn, books, rest)
    if is_whole(query) and (query.range is not None or not rest):
        return _parts(turn, books, wish, query.range or books.this_month)
    return _trend(turn, books, wish, rest)


def _wish(books: Books, rest: str) -> tuple[Wish, str]:
    found = _DARK.search(rest)
    dark = books.owner.preferences.dark if found is None else found[1].casefold() == "dark"
    currency, left = currency_in(_DARK.sub("", rest).strip())
    return Wish(dark, currency), left


# -- by category ---------------------------------------------------------------------------------------------------


def _parts(turn: Turn, books: Books, wish: Wish, wanted: Range) -> bool:
    found = summary_of(turn, books, wanted)
    chosen = next((one for one in found.currencies if wish.currency in (None, one.currency)), None)
    label = named(turn, wanted, books)
    bars = [] if chosen is None else parts_of(turn, books, chosen)
    if chosen is None or not bars:
        turn.say("books.nothing_to_draw", range=label)
        return True
    others = [one.currency for one in found.currencies if one.currency != chosen.currency]
    said = ", ".join(f"{bar.label} {bar.value}" for bar in bars)
    text = turn.text("books.chart_parts", range=label[:1].upper() + label[1:], currency=chosen.currency, parts=said)
    title = turn.text("books.title_parts", range=label, currency=chosen.currency)
    spent = wording.money(chosen.spent_minor, chosen.currency)
    note = turn.text("books.note_one" if chosen.count == 1 else "books.note", amount=spent, count=chosen.count)
    return _draw(turn, DrawChart(title, note, bars, wish.dark), text + _also(turn, others))


def parts_of(turn: Turn, books: Books, one: CurrencySummary) -> list[ChartBar]:
    """Return a bar for each of the largest categories, at most seven, and one for all others."""
    positive = [share for share in one.shares if share.amount_minor > 0]
    shown, rest = positive[:PARTS], positive[PARTS:]
    longest = max((share.amount_minor for share in shown), default=1)
    bars = [
        ChartBar(
            wording.category_name(turn, books.tree, share.category_id or None),
            f"{wording.money(share.amount_minor, one.currency)} {share.percent}%",
            share.amount_minor * 1000 // longest,
            tone,
        )
        for tone, share in enumerate(shown)
    ]
    if rest:
        left = sum(share.amount_minor for share in rest)
        value = f"{wording.money(left, one.currency)} {sum(share.percent for share in rest)}%"
        bars.append(ChartBar(turn.text("books.other"), value, min(1000, left * 1000 // longest), -1))
    return bars


# -- by period -----------------------------------------------------------------------------------------------------


def _trend(turn: Turn, books: Books, wish: Wish, rest: str) -> bool:
    if report_rights.refused(turn, report_rights.TRENDS):
        return True
    unit, count, left = _periods(rest)
    category = category_named(books, left) if left else None
    if left and category is None:
        turn.say("books.no_category", name=plain(left))
        return True
    scope = None if category is None else books.tree.with_children(category)
    of = books.owner
    points = trend_of(turn.work, of.id, unit, count, of.today, categories=scope, week_start=of.week_start)
    totals = {code: sum(abs(point.spent_minor[code]) for point in points) for code in points[-1].spent_minor}
    currency = wish.currency or _main(totals, of.currency)
    name = turn.text("books.spending") if category is None else path_of(books, category)
    others = [code for code in totals if code != currency]
    unit_name = turn.text(f"books.by_{unit}")
    said = ", ".join(
        f"{_period(turn, books, point.range)} {wording.money(point.spent_minor.get(currency, 0), currency)}"
        for point in points
    )
    text = turn.text("books.chart_periods", name=name, unit=unit_name, currency=currency, points=said)
    title = turn.text("books.title_periods", name=name, unit=unit_name, currency=currency)
    spent = wording.money(sum(point.spent_minor.get(currency, 0) for point in points), currency)
    call = DrawChart(
        title, turn.text("books.note_sum", amount=spent), bars_of(turn, books, points, currency), wish.dark
    )
    return _draw(turn, call, text + _also(turn, others))


def _periods(rest: str) -> tuple[Unit, int, str]:
    """Read "12 months food", "weeks", "8 coffee" into unit, count and what is left."""
    found = _PERIODS.search(rest)
    if found is not None:
        word, left = found[2].casefold(), rest[: found.start()] + rest[found.end() :]
        unit, number = _UNITS.get(word) or Unit(word), found[1]
    else:
        unit, number, left = Unit.MONTH, None, rest
    bare = _COUNT.match(left)
    if number is None and bare is not None:
        number, left = bare[1], left[bare.end() :]
    count = int(number) if number else _USUAL[unit]
    left = re.sub(r"^(?:of|for|on|in)\s+", "", left.strip(" ,"), flags=re.I)
    return unit, max(1, min(count, MOST_PERIODS)), left


def _main(totals: dict[str, int], own: str) -> str:
    """Return the currency to draw: the person's own where they spent in it, else the one with the largest numbers."""
    return own if own in totals or not totals else max(totals, key=lambda code: (totals[code], code))


def _period(turn: Turn, books: Books, one: Range) -> str:
    if one.unit is Unit.MONTH:
        return f"{one.start:%b}" if one.start.year == books.owner.today.year else f"{one.start:%b %Y}"
    if one.unit is Unit.WEEK:
        return f"{one.start:%b} {one.start.day}"
    return named(turn, one, books)


def bars_of(turn: Turn, books: Books, points: Sequence[Point], currency: str) -> list[ChartBar]:
    """Return a bar for each period, empty ones too."""
    spent = [point.spent_minor.get(currency, 0) for point in points]
    longest = max(1, *spent)
    return [
        ChartBar(_period(turn, books, point.range), wording.money(one, currency), max(0, one) * 1000 // longest, 0)
        for point, one in zip(points, spent, strict=True)
    ]


# -- budgets -------------------------------------------------------------------------------------------------------


def _budgets(turn: Turn, books: Books, wish: Wish) -> bool:
    of = books.owner
    found = standings(turn.work, of.id, books.tree, of.today, week_start=of.week_start)
    found = [one for one in found if wish.currency in (None, one.budget.currency)][:MOST_PERIODS]
    if not found:
        turn.say("books.no_budgets")
        return True
    bars = budget_bars(turn, books, found)
    codes = ", ".join(dict.fromkeys(one.budget.currency for one in found))
    said = ", ".join(f"{bar.label} {bar.value}" for bar in bars)
    text = turn.text("books.chart_budgets", currency=codes, parts=said)
    note = f"{of.today:%b} {of.today.day}"
    title = turn.text("books.title_budgets", currency=codes)
    return _draw(turn, DrawChart(title, note, bars, wish.dark), text)


def budget_bars(turn: Turn, books: Books, found: Sequence[Standing]) -> list[ChartBar]:
    """Return a bar for each budget, with a mark where its limit stands."""
    bars = []
    for tone, one in enumerate(found):
        whole, spent, limit = max(one.spent_minor, one.limit_minor, 1), max(0, one.spent_minor), max(0, one.limit_minor)
        value = turn.text(
            "books.of_limit",
            spent=wording.money(one.spent_minor, one.budget.currency),
            limit=wording.money(one.limit_minor, one.budget.currency),
        )
        name = budget_name(turn, books, one)
        bars.append(ChartBar(name, value, spent * 1000 // whole, tone % PARTS, limit * 1000 // whole))
    return bars


def budget_name(turn: Turn, books: Books, one: Standing) -> str:
    """Return what a budget is over: a category, or everything."""
    category_id = one.budget.category_id
    return (
        turn.text("books.everything") if category_id is None else wording.category_name(turn, books.tree, category_id)
    )


# -- the picture ---------------------------------------------------------------------------------------------------


def _also(turn: Turn, currencies: Sequence[str]) -> str:
    return " " + turn.text("books.chart_also", currencies=", ".join(sorted(currencies))) if currencies else ""


def _draw(turn: Turn, call: DrawChart, text: str) -> bool:
    slow.watch(turn, f"chart:{turn.call(call, then=CALL, context={'text': text}, limit=LIMIT, typing=True)}")
    turn.silent = True
    return True


def drawn(turn: Turn) -> None:
    """Send the picture with its line; the open question, if any, is not asked again."""
    outcome = outcome_of(turn)
    turn.purpose, turn.silent = "reply", True
    slow.over(turn, f"chart:{turn.event.payload['call_id']}")
    turn.lines.append(str(turn.event.payload["context"]["text"]))
    if isinstance(outcome, Done) and isinstance(outcome.result, ChartDrawn):
        turn.show(outcome.result.blob, "chart.png", size=outcome.result.size)
