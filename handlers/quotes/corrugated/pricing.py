"""The price of a corrugated box, in decimals to the last digit (QT-5, QT-6, QT-7, QT-10).

    unit = round2[ (sum(layer kg x rate) x (1 + waste) + kg x conversion + options + fixed / quantity) x (1 + margin) ]

The unit price is rounded once, half up; the amount is the unit price times the quantity, so a customer can check it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Literal

from handlers.quotes.corrugated.papers import Paper
from handlers.quotes.corrugated.rates import Rates

_CENT, _ONE = Decimal("0.01"), Decimal(1)
_MM2_GSM_PER_KG = Decimal(10) ** 9
_PRECISE = Context(prec=40, rounding=ROUND_HALF_UP)
_BCT, _GRAVITY = Decimal("5.87"), Decimal("9.80665")

Style = Literal["box", "sheet"]


@dataclass(frozen=True, slots=True)
class Box:
    """A regular slotted carton or a flat sheet; sides are inside measures in mm, layers from the outside in.

    `options` is money per piece (print by colours, lamination, varnish, punching), `fixed` money once (plates, die).
    """

    style: Style
    length: Decimal
    width: Decimal
    height: Decimal
    flutes: str
    papers: tuple[Paper, ...]
    options: Decimal = Decimal()
    fixed: Decimal = Decimal()

    @property
    def ply(self) -> int:
        """How many layers."""
        return len(self.papers)


@dataclass(frozen=True, slots=True)
class Blank:
    """What is cut for one piece: mm, and whether it takes two parts."""

    length: Decimal
    width: Decimal
    is_two_piece: bool = False

    @property
    def area_m2(self) -> Decimal:
        """Its area."""
        return self.length * self.width / 10**6


@dataclass(frozen=True, slots=True)
class Costing:
    """How a unit price came about, each part per piece."""

    blank: Blank
    effective_gsm: Decimal
    kg: Decimal
    paper: Decimal
    with_waste: Decimal
    conversion: Decimal
    fixed: Decimal
    unit_minor: int
    layers: tuple[Decimal, ...] = field(default=())

    @property
    def base(self) -> Decimal:
        """Paper and conversion, before options, fixed costs and margin."""
        return self.with_waste + self.conversion


def inside(sides: tuple[Decimal, Decimal, Decimal], thickness: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Return the inside measures of outside ones: two walls on the sides, one in height (QT-6)."""
    length, width, height = sides
    return length - 2 * thickness, width - 2 * thickness, height - thickness


def thickness_of(rates: Rates, flutes: str) -> Decimal:
    """Return how thick a board is: its waves one over the other, in mm."""
    return sum((rates.flutes[one].height_mm for one in flutes), Decimal())


def blank_of(rates: Rates, box: Box) -> Blank:
    """Return the sheet that a piece is cut from."""
    board = rates.plies[box.ply]
    if box.style == "sheet":
        return Blank(box.length + board.allowance_mm, box.width + board.allowance_mm)
    length = 2 * (box.length + box.width) + board.flap_mm
    width = box.width + box.height + board.allowance_mm
    if length <= rates.bounds.one_piece_mm:
        return Blank(length, width)
    return Blank(length + board.second_flap_mm, width, is_two_piece=True)


def cost(rates: Rates, box: Box, quantity: int) -> Costing:
    """Return a unit price with all that made it; KeyError for a paper or a flute without a rate."""
    with localcontext(_PRECISE):
        blank, factors = blank_of(rates, box), rates.factors
        weights = tuple(paper.gsm * take_up for paper, take_up in zip(box.papers, _take_ups(rates, box), strict=True))
        layers = tuple(blank.length * blank.width * weight / _MM2_GSM_PER_KG for weight in weights)
        kg = sum(layers, Decimal())
        paper = sum(
            (layer * rates.papers.per_kg(one) for layer, one in zip(layers, box.papers, strict=True)), Decimal()
        )
        with_waste = paper * (_ONE + factors.waste)
        conversion, fixed = kg * factors.conversion_per_kg, box.fixed / quantity
        unit = (with_waste + conversion + box.options + fixed) * (_ONE + factors.margin)
        return Costing(
            blank, sum(weights, Decimal()), kg, paper, with_waste, conversion, fixed, _minor(unit), layers
        )  # fmt: skip


def _take_ups(rates: Rates, box: Box) -> list[Decimal]:
    """Return how much paper each layer takes: liners once, waves by their take-up."""
    waves = iter(box.flutes)
    return [rates.flutes[next(waves)].take_up if place % 2 else _ONE for place in range(box.ply)]


def _minor(amount: Decimal) -> int:
    return int(amount.quantize(_CENT, ROUND_HALF_UP) * 100)


@dataclass(frozen=True, slots=True)
class Strength:
    """How much a box bears on its top: information, no promise."""

    newton: Decimal
    kgf: Decimal


def strength_of(rates: Rates, box: Box) -> Strength | None:
    """Return the strength of a box whose board was measured, None for every other (QT-10)."""
    labels = tuple(paper.label for paper in box.papers)
    known = next((one for one in rates.strengths if (one.flutes, one.papers) == (box.flutes, labels)), None)
    if known is None or box.style != "box":
        return None
    return bct(known.ect, thickness_of(rates, box.flutes), 2 * (box.length + box.width))


def bct(ect: Decimal, thickness: Decimal, perimeter: Decimal) -> Strength:
    """Return the box compression of an edge crush in kN/m, a thickness and a perimeter in mm."""
    with localcontext(_PRECISE):
        newton = _BCT * ect * (thickness * perimeter).sqrt()
        return Strength(newton, newton / _GRAVITY)
