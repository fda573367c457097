"""Ranking of totals: labels give the first order, arithmetic, repetition and print size decide (section 5, "Total")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from handlers.receipts.reading.amounts import Shape
from handlers.receipts.reading.entries import Entry, Value
from handlers.receipts.reading.results import TotalCandidate
from handlers.receipts.reading.sums import Parts

LABEL_WEIGHTS = {100: 5.2, 90: 5.0, 80: 4.4, 75: 4.4, 60: 3.0, 50: 2.4}
NAME_WEIGHTS = {
    "subtotal": 1.6,
    "tendered": 1.2,
    "": 0.4,
    "cash_back": -2.0,
    "discount": -1.0,
    "hint": -2.0,
    "count": -2.0,
}
_NEVER = frozenset({"header", "tip_hint", "tax_section", "change", "rounding"})
_PAYABLE = frozenset({"label total", "label tendered", "label amount"})
FITS, PAID, ITEMS, REPEATED, LARGE, BASE, COUNTED = 2.6, 2.2, 1.6, 0.5, 0.6, 2.0, 3.0


@dataclass(frozen=True, slots=True)
class _Seen:
    minor: int
    weight: float
    value: Value
    entry: Entry
    why: str
    restored: bool = False


def rank_totals(entries: Sequence[Entry], parts: Parts) -> list[TotalCandidate]:
    """Return distinct amounts, best first; zero and negative amounts only when nothing else is printed."""
    seen = list(_seen(entries, parts))
    positive = [one for one in seen if one.minor > 0]
    by_amount: dict[int, list[_Seen]] = defaultdict(list)
    for one in positive or seen:
        by_amount[one.minor].append(one)
    typical = median([entry.height for entry in entries]) if entries else 1.0
    ranked = [_candidate(minor, group, parts, typical) for minor, group in by_amount.items()]
    ranked = [_without_bases(candidate, ranked, parts) for candidate in ranked]
    return sorted(ranked, key=lambda candidate: (-candidate.score, -candidate.amount))


def _without_bases(candidate: TotalCandidate, ranked: Sequence[TotalCandidate], parts: Parts) -> TotalCandidate:
    """Return a candidate that another total is made of with less weight."""
    is_base = candidate.amount in {*parts.subtotals, *parts.earlier_totals} and any(
        fit.subtotal == candidate.amount and other.amount != candidate.amount
        for other in ranked
        if other.reasons[0] in _PAYABLE and (fit := parts.fit_of(other.amount))
    )
    return replace(candidate, score=round(candidate.score - BASE, 3)) if is_base else candidate


def _seen(entries: Sequence[Entry], parts: Parts) -> Iterator[_Seen]:
    for entry in entries:
        if entry.label.name in _NEVER:
            continue
        for value in entry.values:
            weight = _label_weight(entry, value)
            if value.amount.shape is Shape.WHOLE:
                yield from _whole(entry, value, weight, parts)
            elif value.is_money:
                yield _Seen(value.minor, weight, value, entry, entry.label.name or "amount")


def _label_weight(entry: Entry, value: Value) -> float:
    label = entry.label
    weight = LABEL_WEIGHTS.get(label.rank, 0.0) if label.rank else NAME_WEIGHTS.get(label.name, 0.0)
    if label.name == "count" and value.amount.signed:
        weight = COUNTED
    if value is not (entry.last or value):
        weight = min(weight, 1.0)
    if entry.in_tax_section:
        weight = min(weight - 3.0, 0.2)
    if value.amount.slipped:
        weight -= 0.3
    return weight


def _whole(entry: Entry, value: Value, weight: float, parts: Parts) -> Iterator[_Seen]:
    """Yield a whole number beside a total: as it stands, and with its point put back where a sum asks for that."""
    if entry.label.name not in {"total", "amount"} or entry.money or entry.in_tax_section:
        return
    restored = value.minor // 100
    known = set(parts.subtotals) | set(parts.tendered) | {parts.items_sum}
    if (
        value.minor % 100 == 0
        and restored >= 100
        and (parts.fit_of(restored) or restored in known or parts.is_paid_minus_change(restored))
    ):
        yield _Seen(restored, weight - 0.3, value, entry, "point restored", restored=True)
    yield _Seen(value.minor, weight - 2.0, value, entry, "whole number")


def _candidate(minor: int, group: Sequence[_Seen], parts: Parts, typical: float) -> TotalCandidate:
    best = max(group, key=lambda one: (one.weight, one.entry.row))
    score, reasons = best.weight, [f"label {best.why}"]
    outside = [one for one in group if not one.entry.in_tax_section]
    if parts.fit_of(minor):
        score, reasons = score + FITS, [*reasons, "parts add up"]
    if parts.is_paid_minus_change(minor):
        score, reasons = score + PAID, [*reasons, "paid minus change"]
    if parts.is_sum_of_items(minor):
        score, reasons = score + ITEMS, [*reasons, "items add up"]
    if len(outside) > 1:
        score, reasons = score + REPEATED * min(3, len(outside) - 1), [*reasons, f"printed {len(outside)} times"]
    if best.value.cell.height > 1.35 * typical:
        score, reasons = score + LARGE, [*reasons, "large print"]
    return TotalCandidate(
        minor, round(score, 3), best.value.amount.raw, tuple(reasons), best.value.cell.page, best.value.cell.box
    )
