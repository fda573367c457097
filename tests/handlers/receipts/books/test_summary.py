"""Summaries, trends and budgets by table (SM-*), and what must hold for any ledger (RA-14)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.receipts.books.budgets import alerts, standings
from handlers.receipts.books.cache import BookCache
from handlers.receipts.books.ranges import ALL, Range, Unit, before, last_days, period
from handlers.receipts.books.shares import percentages, split
from handlers.receipts.books.summary import CurrencySummary, spent_by_currency, summarise
from handlers.receipts.books.trends import trend
from handlers.receipts.categories.learning import own_tree
from handlers.receipts.categories.tree import Tree
from storage.receipts import book, budgets, totals, transactions
from storage.receipts.budgets import Budget
from storage.receipts.totals import Span
from storage.receipts.transactions import Entry, Part
from storage.work import Work
from tests.databases import prepared_database
from tests.storage.receipts.kit import ANN, BOB, TODAY, open_books, spent

MARCH = period(Unit.MONTH, TODAY)
NO_TREE = Tree([])


def _only(work: Work, wanted: Range, tree: Tree = NO_TREE) -> CurrencySummary:
    [found] = summarise(work, ANN, wanted, tree).currencies
    return found


def test_sm_1_and_2_days_belong_to_their_local_month(work: Work) -> None:
    transactions.add(work, ANN, spent(100, date(2026, 1, 31)))
    transactions.add(work, ANN, spent(20, date(2026, 3, 31)))
    transactions.add(work, ANN, spent(3, date(2026, 4, 1)))
    months = [spent_by_currency(work, ANN, period(Unit.MONTH, date(2026, n, 9))).get("USD", 0) for n in range(1, 5)]
    assert months == [100, 0, 20, 3]


def test_sm_4_currencies_are_never_added(work: Work) -> None:
    transactions.add(work, ANN, spent(1000))
    transactions.add(work, ANN, spent(1000, currency="EUR"))
    found = summarise(work, ANN, MARCH, NO_TREE).currencies
    assert [(one.currency, one.spent_minor) for one in found] == [("EUR", 1000), ("USD", 1000)]


def test_sm_5_a_refund_is_inside_what_was_spent(work: Work) -> None:
    tree = own_tree(work, ANN, "en")
    clothing = tree.by_key("shopping.clothing")
    transactions.add(work, ANN, spent(5000, category_id=clothing))
    transactions.add(work, ANN, spent(-2000, kind="refund", category_id=clothing))
    found = _only(work, MARCH, tree)
    assert (found.spent_minor, found.refunds_minor, found.count) == (3000, -2000, 2)
    assert [(one.category_id, one.amount_minor, one.percent) for one in found.shares] == [
        (tree.by_key("shopping"), 3000, 100), (0, 0, 0),
    ]  # fmt: skip


def test_sm_6_cash_back_is_no_spending(work: Work) -> None:
    transactions.add(work, ANN, spent(2623, receipt_id=5))
    transactions.add(work, ANN, spent(2000, kind="transfer", receipt_id=5))
    assert _only(work, MARCH).spent_minor == 2623


def test_sm_7_only_uncategorised_is_all_of_it(work: Work) -> None:
    transactions.add(work, ANN, spent(77))
    assert [(one.category_id, one.percent) for one in _only(work, MARCH).shares] == [(0, 100)]


def test_sm_8_a_trend_of_12_months_has_12_rows(work: Work) -> None:
    for back in range(12):
        if back not in (0, 5, 11):
            transactions.add(work, ANN, spent(100 + back, before(Unit.MONTH, TODAY, count=back).start))
    points = trend(work, ANN, Unit.MONTH, 12, TODAY)
    amounts = [point.spent_minor["USD"] for point in reversed(points)]
    assert amounts == [0 if back in (0, 5, 11) else 100 + back for back in range(12)]
    assert points[0].range == Range(date(2025, 4, 1), date(2025, 5, 1), Unit.MONTH)


def test_sm_9_each_alert_once_a_period(work: Work) -> None:
    budgets.put(work, ANN, Budget(None, "month", "USD", 10_000, MARCH.start))
    one = transactions.add(work, ANN, spent(7999))
    given_alerts = []
    for step, amount in enumerate((7999, 8000, 9999, 10_000, 7000, 10_100)):
        assert transactions.change(work, ANN, one, spent(amount), revision=step)
        given_alerts += [(amount, alert.percent) for alert in alerts(work, ANN, NO_TREE, TODAY)]
    assert given_alerts == [(8000, 80), (10_000, 100)]
    april = TODAY + timedelta(days=20)
    transactions.add(work, ANN, spent(20_000, april))
    assert [alert.percent for alert in alerts(work, ANN, NO_TREE, april)] == [100]
    assert alerts(work, ANN, NO_TREE, april) == []


def test_sum_6_a_budget_counts_children_its_currency_and_its_week(work: Work) -> None:
    tree = own_tree(work, ANN, "en")
    food, coffee = tree.by_key("food"), tree.by_key("food.coffee")
    budgets.put(work, ANN, Budget(food, "week", "USD", 1000, TODAY))
    for entry in (
        spent(300, category_id=coffee), spent(200, category_id=food), spent(50, category_id=food, currency="EUR"),
        spent(70), spent(80, TODAY - timedelta(days=3), category_id=food), spent(40, category_id=food, state="void"),
    ):  # fmt: skip
        transactions.add(work, ANN, entry)
    [standing] = standings(work, ANN, tree, TODAY)
    assert (standing.spent_minor, standing.limit_minor, standing.reached) == (500, 1000, ())


def test_perf_4_budgets_of_the_same_days_are_answered_by_one_question(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree, asked = own_tree(work, ANN, "en"), list[Span]()
    for category in (None, *sorted(tree.ids())[:4]):
        budgets.put(work, ANN, Budget(category, "month", "USD", 10_000, date(2026, 1, 1), rollover=True))
    spent_by_category = totals.spent_by_category

    def noted(*arguments: Any) -> Any:
        asked.append(arguments[2])
        return spent_by_category(*arguments)

    monkeypatch.setattr(totals, "spent_by_category", noted)
    assert len(standings(work, ANN, tree, TODAY)) == 5
    assert asked == [Span(date(2026, 1, 1), date(2026, 3, 1)), Span(date(2026, 3, 1), date(2026, 4, 1))]


def test_perf_4_everything_is_whole_years() -> None:
    assert Span(ALL.start, ALL.end).pieces() == [("year", ALL.start, ALL.end)]


def test_sum_6_rollover_carries_what_was_left_or_overspent(work: Work) -> None:
    january = date(2026, 1, 1)
    budgets.put(work, ANN, Budget(None, "month", "USD", 1000, january, rollover=True))
    transactions.add(work, ANN, spent(400, january))
    transactions.add(work, ANN, spent(1100, date(2026, 2, 10)))
    [standing] = standings(work, ANN, NO_TREE, TODAY)
    assert standing.limit_minor == 1500


def test_sm_11_a_leap_day_counts_once_in_its_year(work: Work) -> None:
    transactions.add(work, ANN, spent(29, date(2024, 2, 29)))
    points = trend(work, ANN, Unit.YEAR, 4, TODAY)
    assert [point.spent_minor["USD"] for point in points] == [0, 29, 0, 0]


def test_sum_3_income_pending_biggest_and_the_range_before(work: Work) -> None:
    transactions.add(work, ANN, spent(500, TODAY - timedelta(days=1), "Big", state="pending"))
    transactions.add(work, ANN, spent(499))
    transactions.add(work, ANN, spent(9999, state="void"))
    transactions.add(work, ANN, spent(-210_000, kind="income"))
    transactions.add(work, ANN, spent(333, TODAY - timedelta(days=30)))
    found = _only(work, MARCH)
    assert (found.spent_minor, found.income_minor, found.pending_minor, found.count) == (999, 210_000, 500, 2)
    assert found.previous_minor == 333
    assert found.biggest is not None
    assert found.biggest.merchant == "Big"


def test_nothing_spent_is_an_empty_summary(work: Work) -> None:
    assert summarise(work, ANN, MARCH, NO_TREE).currencies == ()
    assert summarise(work, ANN, ALL, NO_TREE).currencies == ()
    assert trend(work, ANN, Unit.WEEK, 3, TODAY)[0].spent_minor == {}


def test_perf_3_a_change_makes_a_new_revision_and_no_old_value_is_shown(work: Work) -> None:
    cache, asked = BookCache(most=2), []

    def total() -> int:
        def make() -> int:
            asked.append(1)
            return spent_by_currency(work, ANN, MARCH).get("USD", 0)

        return cache.get(ANN, book.revision(work, ANN), MARCH, make)

    transactions.add(work, ANN, spent(1))
    assert [total(), total()] == [1, 1]
    assert len(asked) == 1
    one = transactions.add(work, ANN, spent(2))
    assert total() == 3
    transactions.remove(work, ANN, one)
    assert [total(), len(asked)] == [1, 3]


# -- RA-14 ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(-1000, 100_000), min_size=1, max_size=30))
def test_sum_3_percentages_add_to_100(amounts: list[int]) -> None:
    found = percentages(amounts)
    assert sum(found) == (100 if any(one > 0 for one in amounts) else 0)
    assert all(percent == 0 for one, percent in zip(amounts, found, strict=True) if one <= 0)
    whole = sum(one for one in amounts if one > 0)
    assert all(abs(p * whole - max(a, 0) * 100) < whole for a, p in zip(amounts, found, strict=True) if whole)


def test_ra_14_percentages_by_largest_remainder() -> None:
    assert percentages([1, 1, 1]) == [34, 33, 33]
    assert percentages([995, 3, 2]) == [100, 0, 0]
    assert percentages([0, -5]) == [0, 0]


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_cat_8_ra_14_parts_of_a_split_add_to_it(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert sum(parts) == amount
    assert all(part * amount >= 0 for part in parts)
    assert abs(parts[weights.index(max(weights))]) >= abs(amount) * max(weights) // sum(weights)


def test_cat_8_the_remainder_goes_to_the_largest_part() -> None:
    assert split(1000, [1, 1, 1]) == [334, 333, 333]
    assert split(-100, [1, 2, 0]) == [-33, -67, 0]
    with pytest.raises(ValueError, match="weights"):
        split(5, [0])


def test_cat_8_parts_that_do_not_add_are_refused() -> None:
    with pytest.raises(ValueError, match="CAT-8"):
        spent(100, parts=(Part(None, 99),))


@st.composite
def _ledgers(draw: st.DrawFn) -> list[tuple[Entry, bool]]:
    found = []
    for _ in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(["expense", "expense", "refund", "income", "transfer"]))
        amount = draw(st.integers(1, 5000)) * (-1 if kind in ("refund", "income") else 1)
        cuts = draw(st.lists(st.integers(1, 9), max_size=3))
        day = date(2024, 12, 1) + timedelta(days=draw(st.integers(0, 500)))
        entry = Entry(
            day, amount, draw(st.sampled_from(["USD", "EUR"])), kind=kind,
            state=draw(st.sampled_from(["posted", "posted", "pending", "void"])), merchant="x",
            parts=tuple(Part(None, one) for one in split(amount, cuts)) if cuts else (),
        )  # fmt: skip
        found.append((entry, draw(st.booleans())))
    return found


@pytest.fixture(scope="module")
def shared_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("books")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ledger=_ledgers(), start=st.integers(-40, 480), length=st.integers(1, 450))
def test_ra_14_sums_hold_on_any_ledger(
    shared_books: Path, ledger: list[tuple[Entry, bool]], start: int, length: int
) -> None:
    """Categories add to the total, days to the week and to any range; totals equal the ledger after every change."""
    with prepared_database("sqlite", shared_books) as url, open_books(url) as work:
        tree = own_tree(work, ANN, "en")
        ids = sorted(tree.ids())
        kept: list[Entry] = []
        for n, (entry, stays) in enumerate(ledger):
            cut = tuple(Part(ids[(n + i) % len(ids)], part.amount_minor) for i, part in enumerate(entry.parts))
            made = spent(entry.amount_minor, entry.date, currency=entry.currency, kind=entry.kind, state=entry.state,
                         parts=cut, category_id=None if n % 3 == 0 else ids[n % len(ids)])  # fmt: skip
            one = transactions.add(work, ANN, made)
            if stays:
                kept.append(made)
            elif n % 2:
                transactions.remove(work, ANN, one)
            else:
                moved = spent(made.amount_minor, made.date + timedelta(days=45), currency=made.currency, kind=made.kind)
                transactions.change(work, ANN, one, moved, revision=0)
                kept.append(moved)
        transactions.add(work, BOB, spent(123_456, date(2025, 5, 5)))
        first = date(2024, 12, 1) + timedelta(days=start)
        for wanted in (Range(first, first + timedelta(days=length)), period(Unit.YEAR, first), ALL):
            expected: Counter[str] = Counter()
            for entry in kept:
                inside = wanted.start <= entry.date < wanted.end
                if inside and entry.state != "void" and entry.kind in ("expense", "refund"):
                    expected[entry.currency] += entry.amount_minor
            found = summarise(work, ANN, wanted, tree).currencies
            assert {one.currency: one.spent_minor for one in found if one.count} == dict(expected.items())
            assert all(sum(share.amount_minor for share in one.shares) == one.spent_minor for one in found)
        week = last_days(7, first)
        days = Counter[str]()
        for n in range(7):
            days.update(spent_by_currency(work, ANN, period(Unit.DAY, week.start + timedelta(days=n))))
        assert days == Counter(spent_by_currency(work, ANN, week))


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 2000))
def test_ra_14_the_pieces_of_a_range_cover_it_once(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    pieces = Span(start, end).pieces()
    assert [one[1] for one in pieces[1:]] == [one[2] for one in pieces[:-1]]
    assert not pieces or (pieces[0][1], pieces[-1][2]) == (start, end)
    assert sum((b - a).days for kind, a, b in pieces if kind == "day") <= 60
    for kind, a, b in pieces:
        assert kind == "day" or (a.day == b.day == 1)
        assert kind != "year" or a.month == b.month == 1


def test_totals_extend_over_the_whole_calendar(work: Work) -> None:
    for day in (date(1, 1, 1), date(9998, 12, 31)):
        transactions.add(work, ANN, spent(5, day))
    assert spent_by_currency(work, ANN, ALL) == {"USD": 10}
    assert totals.extent(work, ANN) == Span(date(1, 1, 1), date(9999, 1, 1))
