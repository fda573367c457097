"""Corrugated boxes behind the port of calculators: which question comes next, what was understood, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from handlers.quotes.calculator import Fields, Priced, Question, Read, Said, Terms
from handlers.quotes.corrugated import numbers
from handlers.quotes.corrugated.papers import Paper
from handlers.quotes.corrugated.pricing import Box, blank_of, cost, inside, strength_of, thickness_of
from handlers.quotes.corrugated.rates import FILE, PLIES, Rates, as_kept, as_stored, rates
from handlers.quotes.corrugated.reading import UNITS, read, sides_mm

_OPTIONS = ("lamination", "varnish", "punching")
_FIXED = ("plates", "die")
_DONE = {
    "lamination": "laminated", "varnish": "varnished", "punching": "punched", "plates": "plates included",
    "die": "die included",
}  # fmt: skip
"""What a customer reads of options and fixed costs."""


class Boxes:
    """Prices corrugated boxes by a file of rates."""

    kind = "corrugated"

    def __init__(self, own: Path | None = None) -> None:
        self._rates = rates(own or FILE)

    @property
    def terms(self) -> Terms:
        """Currency, tax, the author's discount and the days, as the file has them."""
        factors = self._rates.factors
        return Terms(self._rates.currency, factors.tax_bps, factors.author_discount_bps, self._rates.valid_days)

    def read(self, text: str, known: Fields, asked: str = "") -> Read:
        """Read a line, or the answer to a question."""
        return read(text, known, self._rates, asked)

    def missing(self, known: Fields) -> Question | None:
        """Ask for size, unit, plies, waves and quantity, in this order."""
        if "sides" not in known:
            return Question("sides", ("quotes.ask_size", {}))
        if "unit" not in known:
            shown = " x ".join(known["sides"])
            return Question("unit", ("quotes.ask_unit", {"sides": shown}), tuple(UNITS))
        if "ply" not in known:
            first = ", ".join(map(str, PLIES[:-1]))
            return Question("ply", ("quotes.ask_ply", {"plies": f"{first} or {PLIES[-1]}"}), tuple(map(str, PLIES)))
        if "flutes" not in known:
            number = (known["ply"] - 1) // 2
            said = ("quotes.ask_flutes", {"number": number, "ply": known["ply"]})
            return Question("flutes", said, tuple(sorted(self._rates.flutes)) if number == 1 else ())
        if "quantity" not in known:
            return Question("quantity", ("quotes.ask_quantity", {}))
        return None

    def told(self, known: Fields) -> tuple[Said, ...]:
        """Say size, board, quantity, papers and options."""
        box = _box(known, self._rates)
        said: list[Said] = [
            ("quotes.echo", {"what": _named(box), "quantity": f"{known['quantity']:,}", "board": _board(box)}),
            ("quotes.echo_papers", {"papers": ", ".join(one.label for one in box.papers)}),
        ]
        if known.get("outside"):
            given = " x ".join(numbers.plain(side) for side in sides_mm(known))
            said.insert(1, ("quotes.echo_outside", {"sides": given}))
        extras = _extras(known)
        return (*said, ("quotes.echo_extras", {"extras": extras})) if extras else tuple(said)

    def snapshot(self) -> dict[str, Any]:
        """Return the whole file."""
        return as_stored(self._rates)

    def price(self, known: Fields, rates: Mapping[str, Any]) -> Priced:
        """Price a box by the rates of its quote."""
        kept = as_kept(rates)
        box, quantity = _box(known, kept), int(known["quantity"])
        found = cost(kept, box, quantity)
        extras = _extras(known)
        text = f"{_named(box)}, {_board(box)}" + (f", {extras}" if extras else "")
        breaks = tuple((one, cost(kept, box, one).unit_minor) for one in kept.bounds.breaks)
        details = [
            ("quotes.echo_papers", {"papers": ", ".join(one.name for one in box.papers)}),
            *_strength(kept, box),
        ]
        return Priced(
            text, _offered(box, known), quantity, found.unit_minor, found.unit_minor * quantity, breaks,
            _facts(kept, box, found.kg), tuple(details),
        )  # fmt: skip


def _facts(kept: Rates, box: Box, kg: Decimal) -> tuple[Said, ...]:
    blank = blank_of(kept, box)
    sheet = f"{numbers.plain(blank.length)} x {numbers.plain(blank.width)}"
    facts: list[Said] = [("quotes.fact_sheet", {"sheet": sheet, "kg": f"{kg:.3f}"})]
    if blank.is_two_piece:
        facts.append(("quotes.fact_two_piece", {}))
    return (*facts, *_strength(kept, box))


def _strength(kept: Rates, box: Box) -> tuple[Said, ...]:
    found = strength_of(kept, box)
    if found is None:
        return ()
    return (("quotes.fact_strength", {"newton": f"{found.newton:.0f}", "kgf": f"{found.kgf:.1f}"}),)


def _box(known: Fields, kept: Rates) -> Box:
    """Return the box of complete fields, with inside measures and the usual papers unless others were named."""
    sides, flutes = sides_mm(known), known["flutes"]
    papers = tuple(filter(None, map(Paper.of, known.get("papers") or kept.plies[known["ply"]].papers)))
    length, width, height = sides if len(sides) == 3 else (*sides, Decimal())
    box = Box("box" if len(sides) == 3 else "sheet", length, width, height, flutes, papers, _per_piece(known))
    if known.get("outside") and box.style == "box":
        length, width, height = inside((length, width, height), thickness_of(kept, flutes))
    fixed = sum((Decimal(known[name]) for name in _FIXED if name in known), Decimal())
    return replace(box, length=length, width=width, height=height, fixed=fixed)


def _per_piece(known: Fields) -> Decimal:
    prints = Decimal(known.get("print", 0)) * int(known.get("colours", 1))
    return prints + sum((Decimal(known[name]) for name in _OPTIONS if name in known), Decimal())


def _named(box: Box) -> str:
    sides = (box.length, box.width, box.height) if box.style == "box" else (box.length, box.width)
    shown = " x ".join(numbers.plain(side) for side in sides)
    return f"{'Box' if box.style == 'box' else 'Sheet'} {shown} mm"


def _board(box: Box) -> str:
    return f"{box.ply}-ply {box.flutes}".strip()


def _offered(box: Box, known: Fields) -> str:
    """Name a box for a customer: what is done to it, and nothing of what that costs us."""
    parts = [_named(box) + (" inside" if box.style == "box" else ""), f"{box.ply}-ply"]
    if box.flutes:
        parts.append(f"{'flute' if len(box.flutes) == 1 else 'flutes'} {box.flutes}")
    if "print" in known:
        colours = int(known.get("colours", 1))
        parts.append(f"printed in {colours} colours" if colours > 1 else "printed")
    return ", ".join([*parts, *(said for name, said in _DONE.items() if name in known)])


def _extras(known: Fields) -> str:
    parts = []
    if "print" in known:
        colours = int(known.get("colours", 1))
        parts.append(f"print {known['print']}" + (f" x {colours} colours" if colours > 1 else ""))
    parts += [f"{name} {known[name]}" for name in (*_OPTIONS, *_FIXED) if name in known]
    return ", ".join(parts)
