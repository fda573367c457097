"""Section 7's table and the rule behind it, for any price, percentage and tax (CP-5, A70, A71)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.discounts import Basket, less
from handlers.billing.coupons.computing import off
from storage.billing.coupons.codes import Terms

NOW = datetime(2026, 3, 18, tzinfo=UTC)


def percent(bps: int, **more: int) -> Terms:
    return Terms("percent", NOW, bps=bps, **more)  # type: ignore[arg-type]


TABLE = [
    (2900, percent(2000), 580, 2320),
    (1995, percent(1500), 299, 1696),
    (1995, percent(1250), 249, 1746),
    (333, percent(5000), 167, 166),
    (2900, percent(3000, most_off_minor=500), 500, 2400),
    (1995, Terms("amount", NOW, amount_minor=2500, currency="USD"), 1995, 0),
    (500, percent(9500), 450, 50),
    (500, percent(10_000), 500, 0),
    (49, percent(5000), 0, 49),
    (100, Terms("grant", NOW, feature="receipts.read", quantity=5), 0, 100),
]


@pytest.mark.parametrize(("price", "terms", "discount", "net"), TABLE)
def test_a70_a71_cp_5_the_table_of_section_7(price: int, terms: Terms, discount: int, net: int) -> None:
    found = off(terms, price, tax_bps=0, minimum=50)
    assert (found, price - found) == (discount, net)


def test_cp_5_tax_is_that_of_the_reduced_price() -> None:
    found = off(percent(2000), 299_900, tax_bps=1800, minimum=50)
    sums = less(Basket("quote", 299_900, "INR", 1800), found)
    assert (sums.amount_minor, sums.tax_minor, sums.total_minor) == (59_980, 43_186, 283_106)


def test_cp_5_stars_stay_whole_and_one_is_left_unless_all_is_free() -> None:
    assert off(percent(9999), 400, tax_bps=0, minimum=1) == 400
    assert off(percent(9950), 100, tax_bps=0, minimum=1) == 100
    assert off(percent(9900), 100, tax_bps=0, minimum=1) == 99


@settings(max_examples=80, deadline=None)
@given(
    price=st.integers(1, 2_000_000),
    bps=st.integers(1, 10_000),
    most=st.none() | st.integers(1, 5000),
    tax=st.sampled_from([0, 500, 875, 1800]),
)
def test_cp_5_no_total_lies_between_nothing_and_the_minimum(price: int, bps: int, most: int | None, tax: int) -> None:
    terms = Terms("percent", NOW, bps=bps, most_off_minor=most)
    found = off(terms, price, tax_bps=tax, minimum=50)
    sums, full = less(Basket("x", price, "USD", tax), found), less(Basket("x", price, "USD", tax), 0)
    assert 0 <= found <= min(price, most or price)
    assert sums.total_minor == 0 or sums.total_minor >= min(50, full.total_minor)
