"""Tax: nothing, or a rate by place, from the rounded net; some taxes are told in two parts (PY-12).

tax(1234567, 500) -> 61728, in two parts 30864 and 30864
tax(5, 1800)      -> 1, in two parts 1 and 0
net(118000, 1800) -> 100000
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.core.errors import Misconfigured

FILE = Path(__file__).with_name("data") / "taxes.toml"
WHOLE = 10_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Place(_Strict):
    name: str
    bps: int = Field(ge=0, le=WHOLE)
    parts: list[str] = Field(default=[], max_length=2)


class _File(_Strict):
    places: dict[str, _Place]


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of tax in basis points, with the names under which it is told."""

    name: str = ""
    bps: int = 0
    parts: tuple[str, ...] = ()

    def lines(self, tax_minor: int) -> list[tuple[str, int]]:
        """Return a tax as it stands on a document: one line, or its two parts."""
        if not self.bps:
            return []
        if len(self.parts) < 2:
            return [(self.name, tax_minor)]
        return list(zip(self.parts, split(tax_minor), strict=True))


NONE = Rate()
STRIPE = "stripe"
"""Stands for a place where Stripe Tax works the tax out: prices include it, and nothing is added here."""


def tax(net_minor: int, bps: int) -> int:
    """Return the tax on a net amount, rounded half up."""
    return (net_minor * bps + WHOLE // 2) // WHOLE


def net(gross_minor: int, bps: int) -> int:
    """Return the net in an amount that includes its tax, rounded half up."""
    whole = WHOLE + bps
    return (2 * gross_minor * WHOLE + whole) // (2 * whole)


def split(tax_minor: int) -> tuple[int, int]:
    """Return the two parts of a tax: half of it rounded half up, and the rest."""
    first = (tax_minor + 1) // 2
    return first, tax_minor - first


@cache
def _places(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured("taxes.toml", str(error)) from error


def rate_of(place: str, path: Path = FILE) -> Rate:
    """Return the rate of a place, none for no place; raise Misconfigured for one that is not in the table."""
    if place in ("", STRIPE):
        return NONE
    found = _places(path).places.get(place)
    if found is None:
        raise Misconfigured("BILLING_TAX", f"{place} is no place of taxes.toml")
    return Rate(found.name, found.bps, tuple(found.parts))
