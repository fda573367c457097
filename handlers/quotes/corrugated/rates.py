"""What corrugated boxes are priced by: one file with a checked schema; a quote keeps what stood in it (QT-2, QT-6).

A broken file of the operator's is refused by the name of its entry, before anything starts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.core.errors import Misconfigured
from handlers.quotes.corrugated.papers import Paper

FILE = Path(__file__).with_name("data") / "corrugated.toml"
_NO_HUNDREDTHS = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF")
) | {"XPF", "XTR", "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
"""Whole units or thousandths (ISO 4217): a price of hundredths would charge a hundredfold, or a tenth."""
PLIES = (1, 3, 5, 7, 9)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Factors(_Strict):
    """Shares as fractions, money per kilogram, tax and discounts in basis points."""

    waste: Decimal = Field(ge=0, lt=1)
    margin: Decimal = Field(ge=0, lt=5)
    conversion_per_kg: Decimal = Field(ge=0)
    tax_bps: int = Field(ge=0, le=5000)
    author_discount_bps: int = Field(ge=0, le=10_000)


class Bounds(_Strict):
    """What is made at all; outside of it a question is asked (QT-1)."""

    side_mm: tuple[Decimal, Decimal]
    quantity: tuple[int, int]
    one_piece_mm: Decimal
    breaks: tuple[int, ...]


class Board(_Strict):
    """A number of plies: its flaps and allowance in mm, and the papers that it has unless others are named."""

    flap_mm: Decimal = Field(ge=0)
    second_flap_mm: Decimal = Field(ge=0)
    allowance_mm: Decimal = Field(ge=0)
    papers: tuple[str, ...]


class Flute(_Strict):
    """A wave: how much longer its paper is than the board, and how high it stands."""

    take_up: Decimal = Field(ge=1)
    height_mm: Decimal = Field(gt=0)


class PaperRates(_Strict):
    """A paper's rate per kilogram is made of these (QT-7)."""

    base: dict[int, Decimal]
    shades: dict[str, Decimal]
    market: Decimal
    low_gsm: int
    low_step: Decimal
    high_gsm: int
    high_step: Decimal

    def per_kg(self, paper: Paper) -> Decimal:
        """Return what a kilogram of a paper costs; one with a rate of its own costs that. KeyError for an unknown."""
        if paper.rate is not None:
            return paper.rate
        low = self.low_step if paper.gsm <= self.low_gsm else Decimal()
        high = self.high_step if paper.gsm >= self.high_gsm else Decimal()
        return self.base[paper.burst] + low + high + self.shades[paper.shade] + self.market


class Strength(_Strict):
    """The measured edge crush of one board, in kN/m."""

    flutes: str
    papers: tuple[str, ...]
    ect: Decimal = Field(gt=0)


class Rates(_Strict):
    """The whole file."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    valid_days: int = Field(ge=1, le=90)
    factors: Factors
    bounds: Bounds
    plies: dict[int, Board]
    flutes: dict[str, Flute]
    papers: PaperRates
    strengths: tuple[Strength, ...] = ()


@cache
def rates(path: Path = FILE) -> Rates:
    """Return the rates of a file; raise Misconfigured naming what is wrong in it."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured("QUOTES_FILE", f"{path.name} cannot be read") from error
    try:
        found = Rates.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _broken(path, str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise _broken(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    _check(path, found)
    return found


def as_stored(found: Rates) -> dict[str, Any]:
    """Return rates as JSON, for the quote that keeps them."""
    return found.model_dump(mode="json")


def as_kept(stored: Mapping[str, Any]) -> Rates:
    """Return the rates that a quote kept."""
    return Rates.model_validate(stored)


def _broken(path: Path, what: str) -> Misconfigured:
    return Misconfigured("QUOTES_FILE", f"{path.name}: {what}")


def _check(path: Path, found: Rates) -> None:
    """Refuse what the shape alone does not show: plies without papers, papers without a rate, odd currencies."""
    if found.currency in _NO_HUNDREDTHS:
        raise _broken(path, f"currency: {found.currency} has no hundredths, in which quotes are counted")
    if tuple(sorted(found.plies)) != PLIES:
        raise _broken(path, f"plies are {PLIES}")
    for ply, board in found.plies.items():
        if len(board.papers) != ply:
            raise _broken(path, f"plies.{ply}: {len(board.papers)} papers")
        for label in board.papers:
            paper = Paper.of(label)
            if paper is None or paper.burst not in found.papers.base or paper.shade not in found.papers.shades:
                raise _broken(path, f"plies.{ply}: no rate for {label}")
    low, high = found.bounds.side_mm
    if not 0 < low < high or found.bounds.quantity[0] < 1:
        raise _broken(path, "bounds: low before high")
