"""The arithmetic of a receipt: which parts add up to which total (rule CHK-1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from handlers.receipts.reading.entries import Entry

TOLERANCE = 2
ITEM_TOLERANCE = 5
_MOST = 4
HIGHEST_TAX = 45
TOTAL_PAID = 60


@dataclass(frozen=True, slots=True)
class Fit:
    """How a total is explained: the parts used, by kind; `parts` counts those that are not zero."""

    subtotal: int
    tax: int
    service: int
    tip: int
    discount: int
    rounding: int

    @property
    def parts(self) -> int:
        """Return how many parts besides the subtotal took part."""
        return sum(bool(x) for x in (self.tax, self.service, self.tip, self.discount, self.rounding))

    @property
    def is_only_rounding(self) -> bool:
        """Say whether nothing but rounding stands between base and total."""
        return self.parts == 1 and bool(self.rounding)

    @property
    def total(self) -> int:
        """Return what the parts add up to."""
        return self.subtotal + self.tax + self.service + self.tip + self.discount + self.rounding


class Parts:
    """The labelled parts of one receipt, ready to explain totals."""

    def __init__(self, entries: Sequence[Entry], items_sum: int = 0, items_count: int = 0) -> None:
        """Collect the parts from the entries, the sum of the items and their number."""
        outside = [entry for entry in entries if not entry.in_tax_section]
        self.subtotals = _distinct(e.last.minor for e in outside if e.label.name == "subtotal" and e.last)
        totals = [e for e in outside if e.label.name == "total" and e.last]
        self.earlier_totals = _distinct(e.last.minor for e in totals[:-1] if e.last)
        self.taxes = _distinct(e.last.minor for e in outside if e.label.name == "tax" and e.last)
        self.all_taxes = sum({_name(e): e.last.minor for e in outside if e.label.name == "tax" and e.last}.values())
        self.services = _distinct(e.last.minor for e in outside if e.label.name == "service" and e.last)
        self.tips = _distinct(e.last.minor for e in outside if e.label.name == "tip" and e.last)
        self.discounts = _distinct(-abs(e.last.minor) for e in outside if e.label.name == "discount" and e.last)
        self.roundings = _distinct(e.last.minor for e in outside if e.label.name == "rounding" and e.last)
        self.section_taxes = _distinct(
            e.last.minor for e in entries if e.in_tax_section and e.last and len(e.money) > 1
        )
        self.tendered = _distinct(abs(e.last.minor) for e in entries if _is_payment(e) and e.last)
        self.changes = _distinct(abs(e.last.minor) for e in entries if e.label.name == "change" and e.last)
        self.has_total = any(e.label.name == "total" and e.last for e in outside)
        if not self.has_total:
            self.taxes = _distinct([*self.taxes, *_unlabelled_after_subtotal(outside)])
        self.items_sum = items_sum
        self.items_count = items_count
        self._sums: dict[int, Fit] | None = None

    def fit_of(self, total: int) -> Fit | None:
        """Return the plainest way in which labelled parts add up to this total, with at least one part not zero.

        Two hundredths are tolerated (CHK-1), but not where rounding is the only part.
        """
        if self._sums is None:
            self._sums = self._all_sums()
        for off in range(-TOLERANCE, TOLERANCE + 1):
            fit = self._sums.get(total + off)
            if fit and (off == 0 or not fit.is_only_rounding):
                return fit
        return None

    def is_paid_minus_change(self, total: int) -> bool:
        """Say whether cash minus a change that is not zero gives this total."""
        return any(paid - back == total for paid in self.tendered for back in self.changes if back)

    def is_sum_of_items(self, total: int) -> bool:
        """Say whether several items add up to this total."""
        return self.items_count > 1 and abs(self.items_sum - total) <= ITEM_TOLERANCE

    def _all_sums(self) -> dict[int, Fit]:
        """Return each sum with its plainest parts; an earlier total is a base too, as `Total` above `Grand total`."""
        found: dict[int, Fit] = {}
        both_ways = _distinct([0, *self.roundings, *(-r for r in self.roundings)])
        for bases, roundings in (
            (_distinct([*self.subtotals, *([self.items_sum] if self.items_sum else [])]), both_ways),
            (self.earlier_totals, _distinct([0, *self.roundings])),
        ):
            for parts in self._choices(bases, roundings):
                fit = Fit(*parts)
                if fit.tax * 100 > HIGHEST_TAX * abs(fit.subtotal) or not fit.parts or fit.total <= 0:
                    continue
                if fit.total not in found or found[fit.total].parts > fit.parts:
                    found[fit.total] = fit
        return found

    def _choices(self, bases: list[int], roundings: list[int]) -> Iterable[tuple[int, int, int, int, int, int]]:
        return product(
            bases,
            _distinct([0, *self.taxes, sum(self.taxes), self.all_taxes, *self.section_taxes[:1]], most=2 * _MOST),
            _distinct([0, *self.services, sum(self.services)]),
            _distinct([0, *self.tips]),
            _distinct([0, *self.discounts, sum(self.discounts)]),
            roundings,
        )


def _unlabelled_after_subtotal(entries: Sequence[Entry]) -> list[int]:
    """Return lone amounts below the subtotal, which are tax where the camera lost the labels."""
    start = next((at for at, e in enumerate(entries) if e.label.name == "subtotal" and e.last), None)
    if start is None:
        return []
    base = entries[start].last
    amounts = [e.last.minor for e in entries[start + 1 : start + 4] if not e.label.name and e.last]
    return [amount for amount in amounts if base and 0 < amount * 100 < HIGHEST_TAX * base.minor]


def _is_payment(entry: Entry) -> bool:
    return entry.label.name == "tendered" or entry.label.rank == TOTAL_PAID


def _name(entry: Entry) -> str:
    """Return the letters of a label: two equal taxes of different names (CGST and SGST) are two."""
    return "".join(c for c in entry.text.casefold() if c.isalpha())


def _distinct(amounts: Iterable[int], most: int = _MOST) -> list[int]:
    return list(dict.fromkeys(amounts))[: most + 1]
