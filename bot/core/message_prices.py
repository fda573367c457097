"""What messages cost, from one data file with a checked schema: reports and the count of a broadcast say the same."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

FILE = Path(__file__).with_name("message_prices.toml")


class MessagePrices(BaseModel):
    """Prices in millionths of a US dollar."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    sms_segment_micros: int = Field(ge=0)


@cache
def message_prices(path: Path = FILE) -> MessagePrices:
    """Return the prices of a file."""
    return MessagePrices.model_validate(tomllib.loads(path.read_text("utf-8")))
