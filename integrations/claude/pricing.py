"""What an answer cost, from a dated table of prices (rules LLM-8, LLM-13).

Prices are US dollars per million tokens and costs are counted in 1/10,000 of a cent, so that a price is also the cost
of one token in that unit.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from importlib import resources

from pydantic import BaseModel, ConfigDict


class ModelPrice(BaseModel):
    """The prices of one model; `long_...` apply to prompts of more than `long_prompt_from` tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write_5m: Decimal | None = None
    cache_write_1h: Decimal | None = None
    long_prompt_from: int | None = None
    long_input: Decimal | None = None
    long_output: Decimal | None = None


class PriceTable(BaseModel):
    """All models whose prices are known, and the day on which they were checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: str
    models: dict[str, ModelPrice]

    @classmethod
    def load(cls) -> PriceTable:
        """Read the table that ships with the program."""
        text = resources.files("integrations.claude").joinpath("prices.toml").read_text("utf-8")
        return cls.model_validate(tomllib.loads(text))

    def price_of(self, model: str) -> ModelPrice | None:
        """Return a model's prices; a dated id (`claude-haiku-5-5-20260901`) has its family's."""
        fits = [name for name in self.models if model == name or model.startswith(f"{name}-")]
        return self.models[max(fits, key=len)] if fits else None

    def cost_e4(self, model: str, used: Tokens) -> int | None:
        """Return the cost in 1/10,000 cent, rounded up; None for a model whose price is unknown."""
        price = self.price_of(model)
        return None if price is None else used.cost(price)


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

    def cost(self, price: ModelPrice) -> int:
        """Return the cost at these prices in 1/10,000 cent, rounded up."""
        is_long = price.long_prompt_from is not None and self.prompt > price.long_prompt_from
        fresh = price.long_input if is_long and price.long_input is not None else price.input
        out = price.long_output if is_long and price.long_output is not None else price.output
        total = (
            self.input * fresh
            + self.output * out
            + self.cache_read * _either(price.cache_read, fresh)
            + self.cache_write_5m * _either(price.cache_write_5m, fresh * 2)
            + self.cache_write_1h * _either(price.cache_write_1h, fresh * 2)
        )
        return int(total.to_integral_value(ROUND_CEILING))


def _either(stated: Decimal | None, dearest: Decimal) -> Decimal:
    return dearest if stated is None else stated
