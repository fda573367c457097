"""The cost table of the coaching rules, section 8, to the nano-USD."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from bot.core.model_prices import ModelPrice, PriceTable, Tokens
from tests.rows import each

SONNET, HAIKU = "claude-sonnet-5-5", "claude-haiku-5-5"
BEFORE, AFTER = date(2026, 10, 6), date(2026, 10, 7)


@each(
    "model, used, nano",
    [
        (SONNET, [Tokens(1200, 600, 5000)], 8_900_000),
        (SONNET, [Tokens(1200, 600, 0, 5000)], 20_900_000),
        (SONNET, [Tokens(6200, 600)], 18_400_000),
        (SONNET, [Tokens(6200, 600)] * 50, 920_000_000),
        (SONNET, [Tokens(1200, 600, 0, 5000)] + [Tokens(1200, 600, 5000)] * 49, 457_000_000),
        (HAIKU, [Tokens(1500, 200)], 250_000),
        (HAIKU, [Tokens(100_000, 500)], 10_250_000),
        (HAIKU, [Tokens(100_001, 500)], 51_250_500),
        (SONNET, [Tokens(8000, 1500)], 31_000_000),
    ],
)
def test_c48_costs_are_exact(model: str, used: list[Tokens], nano: int) -> None:
    table = PriceTable.load()
    assert sum(table.cost_nano(model, one, AFTER) or 0 for one in used) == nano


def test_c49_writes_into_the_cache_are_priced_by_their_life() -> None:
    price = PriceTable.load().price_of(SONNET, AFTER)
    assert price is not None
    assert price.cost_nano(Tokens(0, 0, 0, 1000, 100)) == 1000 * 2_500 + 100 * 4_000


def test_c50_a_price_holds_from_its_day_until_the_next() -> None:
    table, read = PriceTable.load(), Tokens(0, 0, 1000)
    assert table.cost_nano(SONNET, read, BEFORE) == 200_000
    assert table.cost_nano(SONNET, read, AFTER) == 100_000
    rows = [table.price_of(SONNET, on) for on in (BEFORE, AFTER)]
    assert [row and row.id for row in rows] == [SONNET, f"{SONNET}@2026-10-07"]


@each(
    "used, nano",
    [
        (Tokens(100_000, 0), 10_000_000),
        (Tokens(90_000, 0, 10_000), 9_100_000),
        (Tokens(90_000, 0, 10_001), 45_000_000 + 500_050),
        (Tokens(0, 0, 0, 100_001), 62_500_625),
        (Tokens(0, 0, 0, 0, 100_001), 100_001_000),
    ],
)
def test_co_1_the_size_of_the_whole_prompt_decides_the_tier(used: Tokens, nano: int) -> None:
    assert PriceTable.load().cost_nano(HAIKU, used, AFTER) == nano


def test_an_unknown_model_has_no_price_and_a_dated_id_that_of_its_family() -> None:
    table = PriceTable.load()
    assert table.price_of("claude-next", AFTER) is None
    found = table.price_of("claude-sonnet-5-5-20260901", BEFORE)
    assert found is not None
    assert found.model == SONNET


def test_a_price_below_a_nano_dollar_a_token_is_refused() -> None:
    with pytest.raises(ValidationError):
        ModelPrice.model_validate({"model": "m", "input": "0.0005", "output": "1"})
