"""Tax and prices by the figures of the rules: rates, splits, discounts, fiscal years (PY-7, PY-12, CP-5, A70)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import Misconfigured
from bot.core.settings import Settings
from bot.engine.registry import Registry
from handlers.billing import tax
from handlers.billing.documents.years import fiscal_year
from handlers.billing.orders.pricing import least_of, totals
from handlers.billing.tax import NONE, Rate


def test_py_12_golden_figures() -> None:
    assert tax.tax(1_234_567, 500) == 61_728
    assert tax.split(61_728) == (30_864, 30_864)
    assert (tax.tax(5, 1800), tax.split(1)) == (1, (1, 0))
    assert tax.net(118_000, 1800) == 100_000


def test_py_12_the_table_names_its_places_and_no_place_is_no_tax() -> None:
    assert tax.rate_of("") is NONE
    gst = tax.rate_of("IN")
    assert gst.lines(tax.tax(239_920, gst.bps)) == [("CGST", 21_593), ("SGST", 21_593)]
    assert tax.rate_of("GB").lines(100) == [("VAT", 100)]
    assert NONE.lines(0) == []
    with pytest.raises(Misconfigured, match="BILLING_TAX"):
        tax.rate_of("XX")


@pytest.mark.parametrize(
    ("price", "wished", "bps", "expected"),
    [
        (2900, 580, 0, (580, 2320, 0)),
        (1995, 299, 0, (299, 1696, 0)),
        (1995, 2500, 0, (1995, 0, 0)),
        (500, 475, 0, (450, 50, 0)),
        (299_900, 59_980, 1800, (59_980, 239_920, 43_186)),
        (500, 490, 2000, (458, 42, 8)),
        (30, 0, 0, (0, 30, 0)),
        (30, 10, 0, (0, 30, 0)),
    ],
)
def test_cp_5_a70_the_discount_shrinks_until_the_least_is_left(
    price: int, wished: int, bps: int, expected: tuple[int, int, int]
) -> None:
    """A70: 95 % of 500 leaves 50 to pay."""
    found = totals(price, wished, Rate("", bps), least_of("USD"))
    assert (found.discount_minor, found.net_minor, found.tax_minor) == expected


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 4000))
@settings(max_examples=200, deadline=None)
def test_cp_5_a_total_is_nothing_or_no_less_than_the_least_unless_the_price_is(
    price: int, wished: int, bps: int
) -> None:
    rate = Rate("", bps)
    found = totals(price, wished, rate, 50)
    assert found.discount_minor + found.net_minor == price
    assert 0 <= found.discount_minor <= min(wished, price)
    assert found.total_minor == 0 or found.total_minor >= min(50, price + tax.tax(price, bps))
    if 0 < found.discount_minor < min(wished, price):
        net = found.net_minor - 1
        assert net + tax.tax(net, bps) < 50


@given(st.integers(0, 10**12), st.integers(0, 9999))
@settings(max_examples=200, deadline=None)
def test_py_12_the_net_of_a_gross_is_right_and_parts_add_up(net: int, bps: int) -> None:
    assert tax.net(net + tax.tax(net, bps), bps) == net
    amount = tax.tax(net, bps)
    first, second = tax.split(amount)
    assert (first + second, first - second in (0, 1)) == (amount, True)


@pytest.mark.parametrize(
    ("day", "start", "expected"),
    [
        (date(2025, 3, 31), 4, "2024-25"),
        (date(2025, 4, 1), 4, "2025-26"),
        (date(2026, 12, 31), 1, "2026"),
        (date(1999, 12, 1), 7, "1999-00"),
    ],
)
def test_py_7_fiscal_years(day: date, start: int, expected: str) -> None:
    assert fiscal_year(day, start) == expected


def test_py_12_stripe_tax_is_a_switch_that_goes_to_every_checkout_and_bears_no_rate_beside_it() -> None:
    from bot.assembly.services import register_services
    from handlers.appeals.settings import AppealSettings
    from handlers.billing.orders.settings import OrderSettings

    def chosen(place: str, bps: int) -> Settings:
        return Settings(_env_file=None, parley_mode="demo", billing_enabled=True, billing_tax=place, tax_bps=bps)

    for place, taxed in (("stripe", True), ("GB", False)):
        registry = Registry()
        register_services(registry, chosen(place, 0))
        orders = registry.settings[OrderSettings]
        assert (orders.stripe_tax, registry.settings[AppealSettings].stripe_tax) == (taxed, taxed)
        assert (orders.rate is NONE) is taxed
    with pytest.raises(Misconfigured, match="TAX_BPS"):
        register_services(Registry(), chosen("stripe", 700))
