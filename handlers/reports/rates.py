"""What messages cost, from a data file with a checked schema."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

FILE = Path(__file__).with_name("data") / "rates.toml"


class Rates(BaseModel):
    """Prices in millionths of a US dollar."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    sms_segment_micros: int = Field(ge=0)


@cache
def rates(path: Path = FILE) -> Rates:
    """Return the rates of a file."""
    return Rates.model_validate(tomllib.loads(path.read_text("utf-8")))
