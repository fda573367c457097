"""One alignment of rows with what it says, and the alignment whose arithmetic fits (rule OCR-6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.calls.reading import PrintedPage
from handlers.receipts.reading.amounts import WHOLE_IN_PRINT, exponent_of
from handlers.receipts.reading.entries import Entry, entries_of
from handlers.receipts.reading.items import discounts_among, items_of
from handlers.receipts.reading.results import Item, TotalCandidate
from handlers.receipts.reading.rows import Fold, Row, folds_of, rows_of
from handlers.receipts.reading.sums import Parts
from handlers.receipts.reading.totals import rank_totals

SHIFTS = (1.0, -1.0, 0.5, -0.5)
_EMPTY_LINE = 1.5


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows, what they mean, and the totals ranked by it."""

    rows: list[Row]
    entries: list[Entry]
    parts: Parts
    items: list[tuple[Item, Entry]]
    totals: list[TotalCandidate]

    @property
    def fits(self) -> bool:
        """Say whether the best total is labelled as one and is the sum of labelled parts."""
        if not self.totals or self.parts.fit_of(self.totals[0].amount) is None:
            return False
        return self.totals[0].reasons[0] == "label total" or not self.parts.has_total

    @property
    def has_items_total(self) -> bool:
        """Say whether the best total is labelled as one and the items add up to it."""
        return bool(self.totals) and {"label total", "items add up"} <= set(self.totals[0].reasons)


def aligned(pages: Sequence[PrintedPage], currency: str) -> Layout:
    """Return the straight alignment, or the best moved one whose sums fit when the straight one's do not."""
    straight = _layout(pages, currency, 0.0)
    if straight.fits or _is_untaxed(straight) or not _has_arithmetic(straight):
        return straight
    is_labelled = bool(straight.totals) and straight.totals[0].reasons[0] == "label total"
    tried = [_layout(pages, currency, shift) for shift in SHIFTS]
    moved = [layout for layout in tried if layout.fits or (not is_labelled and layout.has_items_total)]
    if moved:
        return max(moved, key=lambda layout: layout.totals[0].score)
    return next((one for one in _folded(pages, currency) if one.fits), straight)


def _folded(pages: Sequence[PrintedPage], currency: str) -> Iterator[Layout]:
    """Yield the alignments in which the amounts below one place stand a line higher, where one is free, or lower."""
    for fold in folds_of(pages):
        if fold.gap > _EMPTY_LINE:
            yield _layout(pages, currency, -1.0, fold)
        yield _layout(pages, currency, 1.0, fold)


def _is_untaxed(layout: Layout) -> bool:
    """Say whether the best total is the printed subtotal, as on a receipt without tax."""
    return bool(layout.totals) and layout.totals[0].amount in layout.parts.subtotals and not any(layout.parts.taxes)


def _has_arithmetic(layout: Layout) -> bool:
    names = {entry.label.name for entry in layout.entries}
    if "total" in names and layout.totals and layout.totals[0].reasons[0] != "label total":
        return True
    return "subtotal" in names and ("total" not in names or bool(names & {"tax", "service", "tip"}))


def _layout(pages: Sequence[PrintedPage], currency: str, shift: float, below: Fold | None = None) -> Layout:
    rows = rows_of(pages, shift, below)
    entries = entries_of(rows, exponent_of(currency), whole_is_money=currency in WHOLE_IN_PRINT)
    items = items_of(entries)
    parts = Parts(entries, sum(item.amount for item, _ in items) - sum(discounts_among(entries)), len(items))
    return Layout(rows, entries, parts, items, rank_totals(entries, parts))
