"""Several receipts on one picture, told apart by the bare table between them (rules OCR-9, PR-45).

Lines are parted where a straight cut crosses none of them, first side by side, then one below the other; a cut may
lean as far as a hand holds a camera askew. Parts count as receipts only when it is clear: each has its own merchant,
labelled total and enough print, and no two are one purchase (a bill and its card slip name the same shop). All else
stays one page, and the reading of it asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import combinations
from statistics import median

from bot.core.calls.reading import PrintedLine, PrintedPage
from handlers.receipts.merchants import merchant_key
from handlers.receipts.reading.extractor import read_receipt
from handlers.receipts.reading.flags import FEWEST_LINES
from handlers.receipts.reading.results import Context, Flag, Reading

MOST_RECEIPTS = 6
_LEANS = (0.0, 0.04, -0.04, 0.09, -0.09)
_BESIDE, _BELOW = 1.2, 3.0
"""How wide a cut must be, in heights of letters: a column of prices stands as far off as a neighbour, a blank line is
higher than it should be."""
_ALIKE = 0.7


def receipts_on(page: PrintedPage, context: Context) -> list[PrintedPage]:
    """Return a page for each receipt, from left to right and from top to bottom; the page itself unless it is clear."""
    lines = [line for line in page.lines if len(line.box) == 8 and line.text.strip()]
    if page.source != "ocr" or len(lines) < 2 * FEWEST_LINES:
        return [page]
    for axis in (0, 1):
        parts = _parted(page, lines, axis, context)
        if 1 < len(parts) <= MOST_RECEIPTS:
            return parts
    return [page]


def _parted(page: PrintedPage, lines: Sequence[PrintedLine], axis: int, context: Context) -> list[PrintedPage]:
    """Return the receipts at both sides of the widest clear cuts, each parted again the other way and this way."""
    for first, second in _cuts(lines, axis):
        sides = [part for side in (first, second) for part in _whole(page, side, context)]
        readings = [read_receipt([part], context) for part in sides]
        beside = axis == 0
        if all(map(_is_receipt, readings)) and not any(_is_one(a, b, beside) for a, b in combinations(readings, 2)):
            return sides
    return []


def _whole(page: PrintedPage, lines: Sequence[PrintedLine], context: Context) -> list[PrintedPage]:
    """Return one side of a cut, itself parted where that is clear."""
    part = PrintedPage(page.width, page.height, list(lines), page.source)
    return receipts_on(part, context)


def _cuts(lines: Sequence[PrintedLine], axis: int) -> list[tuple[list[PrintedLine], list[PrintedLine]]]:
    """Return the lines at both sides of straight cuts, the widest cut first, at most three."""
    height = median(max(1.0, abs(line.box[7] - line.box[1])) for line in lines)
    least = (_BESIDE if axis == 0 else _BELOW) * height
    found = []
    for lean in _LEANS:
        spans = sorted(((_span(line, axis, lean), line) for line in lines), key=lambda one: one[0])
        end = spans[0][0][1]
        for at, ((start, stop), _) in enumerate(spans):
            if start - end >= least and FEWEST_LINES <= at <= len(spans) - FEWEST_LINES:
                found.append((start - end, [line for _, line in spans[:at]], [line for _, line in spans[at:]]))
            end = max(end, stop)
    widest = sorted(found, key=lambda cut: -cut[0])
    return [(_in_order(lines, first), _in_order(lines, second)) for _, first, second in widest[:3]]


def _in_order(lines: Sequence[PrintedLine], chosen: Sequence[PrintedLine]) -> list[PrintedLine]:
    kept = set(map(id, chosen))
    return [line for line in lines if id(line) in kept]


def _span(line: PrintedLine, axis: int, lean: float) -> tuple[float, float]:
    """Return where a line begins and ends across a cut that leans."""
    across = [line.box[at + axis] - lean * line.box[at + 1 - axis] for at in range(0, 8, 2)]
    return min(across), max(across)


def _is_receipt(reading: Reading) -> bool:
    """Say whether a part is a receipt of its own: a merchant, and a total that is labelled as one."""
    labelled = bool(reading.totals) and reading.totals[0].reasons[0] == "label total"
    return reading.merchant is not None and labelled and Flag.UNREADABLE not in reading.flags


def _is_one(first: Reading, second: Reading, beside: bool) -> bool:
    """Say whether two parts may be one purchase: of one shop, and of one amount or one below the other."""
    if first.merchant is None or second.merchant is None or first.total is None or second.total is None:
        return True
    same_total = first.total.value == second.total.value
    names = merchant_key(first.merchant.value), merchant_key(second.merchant.value)
    alike = SequenceMatcher(None, *names).ratio() >= _ALIKE or names[0] in names[1] or names[1] in names[0]
    if beside:
        return alike and same_total
    return alike or same_total or first.date is None or second.date is None
