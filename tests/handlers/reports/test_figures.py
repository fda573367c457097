"""The arithmetic of the reports (RP-1, A111), the days that are meant, and tables that no spreadsheet runs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Refusal
from handlers.reports.days import Days, meant
from handlers.reports.figures import Price, a_month_of, mrr, percent, revenue, share_bps, totals
from handlers.reports.table import Table, as_csv, bars, money_bars, written
from storage.reports.selling import Running, Taken
from storage.schema import micros
from tests.handlers.audit.desk import PRICES

TODAY = date(2026, 11, 20)


def _running(plan: str, count: int, *, gateway: str = "stripe", state: str = "active", yearly: bool = False) -> Running:
    return Running(gateway, plan, 1, state, yearly, count)


def test_a111_three_basic_by_the_month_and_two_pro_by_the_year_are_7534_usd() -> None:
    assert a_month_of(29_000) == 2417
    found = mrr([_running("basic", 3), _running("pro", 2, yearly=True)], PRICES, "USD")
    assert (found.amounts, found.count, found.unpriced) == ({"USD": 7534}, 5, 0)
    assert found.by_plan == {("basic", "USD"): 2700, ("pro", "USD"): 4834}


def test_rp_1_grace_counts_trials_and_gifts_do_not_and_stars_stand_alone() -> None:
    found = mrr(
        [
            _running("basic", 1, state="grace"),
            _running("basic", 9, state="trial"),
            _running("pro", 9, gateway="comp"),
            _running("pro", 2, gateway="stars"),
            _running("enterprise", 1),
        ],
        PRICES,
        "USD",
    )
    assert (found.amounts, found.count, found.unpriced) == ({"USD": 900, "XTR": 4500}, 3, 1)


def test_rp_1_each_brings_what_its_own_row_costs_whatever_the_catalogue_says_now() -> None:
    found = mrr(
        [
            Running("stripe", "basic", 1, "active", False, 2, 700, "USD"),  # an older price
            Running("stripe", "pro", 1, "active", True, 3, 25_000, "USD"),
            Running("stripe", "pro", 9, "grace", True, 1, 26_400, "EUR"),  # a version that is gone
            Running("offline", "enterprise", 1, "active", True, 1, 120_006, "USD"),
            Running("stars", "basic", 1, "active", False, 1, 560, "XTR"),  # bought with a coupon
            Running("stars", "basic", 1, "active", False, 1),  # a row that tells no price
        ],
        PRICES,
        "USD",
    )
    assert found.amounts == {"USD": 1400 + 3 * 2083 + 10_001, "EUR": 2200, "XTR": 1260}
    assert (found.count, found.unpriced) == (9, 0)


@given(st.integers(0, 10**9))
def test_rp_1_a_twelfth_is_rounded_half_up(year: int) -> None:
    assert abs(a_month_of(year) * 24 - 2 * year) <= 12
    assert (a_month_of(6), a_month_of(5), a_month_of(18)) == (1, 0, 2)


def test_rp_1_churn_is_a_share_and_of_nothing_none() -> None:
    assert (share_bps(1, 3), share_bps(1, 8), share_bps(0, 0)) == (3333, 1250, None)
    assert [percent(1, 3), percent(1, 8), percent(1, 1), percent(0, 0), percent(0, 4)] == [
        "33.3%", "12.5%", "100%", "-", "0%",
    ]  # fmt: skip


def test_rp_1_revenue_is_by_the_day_of_the_house_and_currencies_are_never_added() -> None:
    midnight = micros(datetime(2026, 11, 1, 7, 0, tzinfo=UTC))  # in Los Angeles, on the day the clocks go back
    quarter = 900_000_000
    taken = [
        Taken(midnight - quarter, "USD", 1, 1995, 0),
        Taken(midnight, "USD", 2, 1800, 900),
        Taken(midnight + 100 * quarter - 1, "USD", 1, 100, 0),  # a day of twenty-five hours
        Taken(midnight, "EUR", 1, 500, 0),
    ]
    found = revenue(taken, "America/Los_Angeles")
    assert [(one.day.isoformat(), one.currency, one.revenue_minor) for one in found] == [
        ("2026-10-31", "USD", 1995), ("2026-11-01", "EUR", 500), ("2026-11-01", "USD", 1000),
    ]  # fmt: skip
    assert totals(found) == {"EUR": (1, 500, 0), "USD": (4, 3895, 900)}


@pytest.mark.parametrize(
    ("words", "days", "told"),
    [
        ("", Days(date(2026, 11, 1), date(2026, 11, 21)), "2026-11-01 to 2026-11-20"),
        ("today", Days(TODAY, date(2026, 11, 21)), "2026-11-20"),
        ("yesterday", Days(date(2026, 11, 19), TODAY), "2026-11-19"),
        ("7d", Days(date(2026, 11, 14), date(2026, 11, 21)), "2026-11-14 to 2026-11-20"),
        ("2026-12", Days(date(2026, 12, 1), date(2027, 1, 1)), "2026-12"),
        ("2026-02-28", Days(date(2026, 2, 28), date(2026, 3, 1)), "2026-02-28"),
    ],
)
def test_days_are_understood(words: str, days: Days, told: str) -> None:
    assert meant(words, TODAY) == days
    assert str(days) == told


@pytest.mark.parametrize("words", ["0d", "999d", "2026-13", "tomorrow", "2026-02-30", "7 d"])
def test_other_days_are_refused(words: str) -> None:
    with pytest.raises(Refusal):
        meant(words, TODAY)


def test_a_span_knows_when_its_zone_changes_the_clocks() -> None:
    span = meant("2026-11-01", TODAY).span("America/Los_Angeles")
    assert (span.end - span.start).total_seconds() == 25 * 3600


def test_rp_1_bars_of_money_are_compared_within_their_currency_only() -> None:
    drawn = money_bars([("a", 1000, "USD"), ("b", 500, "USD"), ("c", 90_000, "INR"), ("d", 45_000, "INR")])
    assert [(bar.length, bar.value) for bar in drawn] == [
        (1000, "$10.00"), (500, "$5.00"), (1000, "900.00 INR"), (500, "450.00 INR"),
    ]  # fmt: skip
    assert [bar.tone for bar in drawn] == [1, 1, 0, 0], "each currency has its colour"


def test_rp_2_tables_hold_no_formula_and_bars_fit_their_track() -> None:
    table = Table("T", [], ("a", "b"), [("=1+1", 3), ("x", None)])
    assert as_csv(table) == b"a,b\r\n'=1+1,3\r\nx,\r\n"
    assert [bar.length for bar in bars([("a", 4, "4"), ("b", 1, "1"), ("c", -2, "-2")])] == [1000, 250, 0]
    assert [bar.length for bar in bars([("a", 0, "0")])] == [0]
    assert (written(7534, "USD"), written(4500, "XTR")) == ("$75.34", "4500 XTR")
    assert Price().month == {}
