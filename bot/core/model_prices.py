"""What a language model costs, from a dated table, in whole billionths of a US dollar (rules CO-1, LLM-8, LLM-13).

A price of 2.00 US dollars per million tokens is 2,000 billionths (nano-USD) for one token, so no cost is ever rounded.
The table is one file for everything that asks a model: letters, receipts, the coach.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

NANO_PER_USD = 1_000_000_000
_NANO_PER_TOKEN = 1_000  # of one US dollar per million tokens


def _whole(price: Decimal) -> Decimal:
    if price < 0 or price * _NANO_PER_TOKEN != int(price * _NANO_PER_TOKEN):
        raise ValueError("a price is a whole number of billionths of a dollar for each token")
    return price


Price = Annotated[Decimal, AfterValidator(_whole)]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What one answer used; `input` counts only what came neither from the cache nor went into it."""

    input: int
    output: int
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0

    @property
    def prompt(self) -> int:
        """The whole prompt."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h


class ModelPrice(BaseModel):
    """The prices of one model from a day on; `long_...` apply to prompts of more than `long_prompt_from` tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    since: date = Field(date.min, alias="from")
    input: Price
    output: Price
    cache_read: Price | None = None
    cache_write_5m: Price | None = None
    cache_write_1h: Price | None = None
    long_prompt_from: int | None = None
    long_input: Price | None = None
    long_output: Price | None = None
    long_cache_read: Price | None = None
    long_cache_write_5m: Price | None = None
    long_cache_write_1h: Price | None = None

    @property
    def id(self) -> str:
        """The name of this row, kept with each call that it priced."""
        return self.model if self.since == date.min else f"{self.model}@{self.since}"

    def cost_nano(self, used: Tokens) -> int:
        """Return the cost in nano-USD; a batch call costs half of it, which we make none of."""
        is_long = self.long_prompt_from is not None and used.prompt > self.long_prompt_from
        fresh, out, read, short_write, long_write = self._long if is_long else self._short
        return int(
            _NANO_PER_TOKEN
            * (
                used.input * fresh
                + used.output * out
                + used.cache_read * read
                + used.cache_write_5m * short_write
                + used.cache_write_1h * long_write
            )
        )

    @property
    def _short(self) -> Sequence[Decimal]:
        cached = (self.cache_read, self.cache_write_5m, self.cache_write_1h)
        return (self.input, self.output, *_dearest(cached, self.input))

    @property
    def _long(self) -> Sequence[Decimal]:
        fresh = self.input if self.long_input is None else self.long_input
        cached = (self.long_cache_read, self.long_cache_write_5m, self.long_cache_write_1h)
        return (fresh, self.output if self.long_output is None else self.long_output, *_dearest(cached, fresh))


def _dearest(stated: Sequence[Decimal | None], fresh: Decimal) -> list[Decimal]:
    most = (fresh, fresh * 2, fresh * 2)
    return [most[n] if price is None else price for n, price in enumerate(stated)]


class PriceTable(BaseModel):
    """All models whose prices are known, and the day on which they were checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: date
    rows: tuple[ModelPrice, ...] = Field(alias="row")

    @classmethod
    def load(cls) -> PriceTable:
        """Return the table that ships with the program."""
        return _shipped()

    def price_of(self, model: str, on: date) -> ModelPrice | None:
        """Return a model's prices on a day; a dated id (`claude-haiku-5-5-20260901`) has its family's."""
        known = {row.model for row in self.rows}
        family = max((name for name in known if model == name or model.startswith(f"{name}-")), key=len, default=None)
        rows = [row for row in self.rows if row.model == family and row.since <= on]
        return max(rows, key=lambda row: row.since, default=None)

    def cost_nano(self, model: str, used: Tokens, on: date) -> int | None:
        """Return the cost in nano-USD; None for a model whose price is unknown."""
        price = self.price_of(model, on)
        return None if price is None else price.cost_nano(used)

    def cost_e4(self, model: str, used: Tokens, on: date) -> int | None:
        """Return the cost in 1/10,000 cent, rounded up; None for a model whose price is unknown."""
        cost = self.cost_nano(model, used, on)
        return None if cost is None else -(-cost // 1000)


@cache
def _shipped() -> PriceTable:
    text = resources.files("bot.core").joinpath("model_prices.toml").read_text("utf-8")
    return PriceTable.model_validate(tomllib.loads(text))
