"""Stored rates: what they say of several currencies, and when they say nothing (SUM-4)."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from handlers.receipts.books.rates import RateFile, Rates, read_rates
from tests.handlers.receipts.flow.books_world import booked, entry, only
from tests.handlers.receipts.flow.world import met, open_world
from tests.rows import each

NEWEST = "Date, USD, JPY, KWD, \n17 March 2026, 1.2500, 160.00, 0.3125, \n"
HISTORY = "Date,USD,JPY\n2026-03-16,9.99,9\n2026-03-17,1.25,160\n2026-03-13,8.88,8\n"
RATES = Rates(date(2026, 3, 17), {"USD": Decimal("1.25"), "JPY": Decimal(160), "KWD": Decimal("0.3125")})


@each("text, found", [
    (NEWEST, RATES),
    (HISTORY, Rates(date(2026, 3, 17), {"USD": Decimal("1.25"), "JPY": Decimal(160)})),
    ("Date,USD,GBP\n2026-03-17,1.25,N/A\n", Rates(date(2026, 3, 17), {"USD": Decimal("1.25")})),
    ("Date,USD\n2026-03-17,-1\n", None), ("Date,USD\n2026-03-17,NaN\n", None), ("Date,USD\nsoon,1.25\n", None),
    ("Date,USD\n", None), ("", None), ("nothing of the kind", None), ("Date,USD\n\n2026-03-17\n", None),
])  # fmt: skip
def test_sum_4_the_newest_line_of_a_file_of_rates(text: str, found: Rates | None) -> None:
    assert read_rates(text) == found


@each("amounts, currency, about", [
    ([(1000, "USD"), (1000, "EUR")], "USD", 2250),
    ([(1000, "USD"), (1000, "EUR")], "EUR", 1800),
    ([(1600, "JPY"), (1000, "EUR")], "USD", 2500),
    ([(1000, "USD"), (1600, "JPY")], "JPY", 2880),
    ([(1000, "USD"), (1000, "USD")], "KWD", 5000),
    ([(1, "JPY"), (1, "JPY")], "USD", 2),
    ([(-1000, "EUR"), (1000, "USD")], "USD", -250),
    ([(1000, "USD"), (1000, "GBP")], "USD", None),
    ([(1000, "USD"), (1000, "EUR")], "GBP", None),
])  # fmt: skip
def test_sum_4_amounts_are_converted_exactly_and_rounded_once(
    amounts: list[tuple[int, str]], currency: str, about: int | None
) -> None:
    assert RATES.about(amounts, currency) == about


def test_sum_4_a_file_that_changes_is_read_again_and_one_that_is_gone_keeps_what_it_said(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    kept = RateFile(path)
    assert kept.newest() is None
    path.write_text(NEWEST)
    assert kept.newest() == RATES
    path.write_text("Date,USD\n2026-03-18,2\n")
    os.utime(path, (1, 1))
    assert kept.newest() == Rates(date(2026, 3, 18), {"USD": Decimal(2)})
    path.unlink()
    assert kept.newest() == Rates(date(2026, 3, 18), {"USD": Decimal(2)})
    assert RateFile().newest() is None


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_sm_4_sum_4_two_totals_stay_two_and_what_they_come_to_is_said_with_its_day(
    tmp_path: Path, channel: str
) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(NEWEST)
    async with open_world(tmp_path) as harness:
        ann = await met(harness, channel)
        await booked(harness, entry(1000, "Joe's"), entry(1000, "Bäcker", currency="EUR"))
        (before,) = await only(ann, "summary")
        assert "bout" not in before
        harness.registry.settings[RateFile] = RateFile(path)
        (text,) = await only(ann, "summary")
        for part in ("€10.00", "$10.00", "About $22.50 in all, by rates of Mar 17"):
            assert part in text
        assert "20.00" not in text
        (part_of,) = await only(ann, "spent this week")
        assert "About $22.50 in all, by rates of Mar 17" in part_of
        await booked(harness, entry(1000, "Shop", currency="GBP"))
        (text,) = await only(ann, "summary")
        assert "bout" not in text
