"""Several receipts on one picture, told apart by the bare table between them (rules OCR-9, PR-45).

Lines are parted where a straight cut crosses none of them, first side by side, then one below the other; a cut may
lean as far as a hand holds a camera askew. Parts count as receipts only when it is clear: each has its own merchant,
labelled total and enough print, and no two are one purchase (a bill and its card slip name the same shop). All else
stays one page, and the reading of it asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import combinations
from statistics import median

from bot.core.calls.reading import PrintedLine, PrintedPage
from handlers.receipts.merchants import merchant_key
from handlers.receipts.reading.extractor import read_receipt
from handlers.receipts.reading.flags import FEWEST_LINES
from handlers.receipts.reading.labels import label_of
from handlers.receipts.reading.results import Context, Flag, Question, Reading
from handlers.receipts.reading.rows import MOST_LINES

MOST_RECEIPTS = 6
MOST_LOOKS = 30
_LEANS = (0.0, 0.04, -0.04, 0.09, -0.09)
_BESIDE, _BELOW = 1.2, 3.0
"""How wide a cut must be, in heights of letters: a column of prices stands as far off as a neighbour, a blank line is
higher than it should be."""
_ALIKE = 0.7


def receipts_on(page: PrintedPage, context: Context) -> list[PrintedPage]:
    """Return a page for each receipt, from left to right and from top to bottom; the page itself unless it is clear."""
    return _Search(context).parts(page)


def read_as_one(pages: Sequence[PrintedPage], context: Context) -> Reading:
    """Read pages for which there can be one draft only; ask when one of them clearly shows several receipts."""
    reading = read_receipt(pages, context)
    seen = max((len(receipts_on(page, context)) for page in pages), default=1)
    if seen < 2 or Question.SEVERAL in reading.questions:
        return reading
    return replace(reading, receipts_seen=seen, questions=(*reading.questions, Question.SEVERAL))


class _Search:
    """A search for clear cuts; what a stranger sends must not cost more than a few looks and readings."""

    def __init__(self, context: Context) -> None:
        """Begin with all looks left."""
        self._context = context
        self._left = MOST_LOOKS

    def parts(self, page: PrintedPage) -> list[PrintedPage]:
        """Return the receipts on a page."""
        lines = [line for line in page.lines if len(line.box) == 8 and line.text.strip()]
        self._left -= 1
        if page.source != "ocr" or self._left < 0 or not 2 * FEWEST_LINES <= len(lines) <= MOST_LINES:
            return [page]
        for axis in (0, 1):
            for cut in _cuts(lines, axis):
                parts = [part for side in cut for part in self._side(page, side)] if all(map(_has_total, cut)) else []
                if 1 < len(parts) <= MOST_RECEIPTS and self._are_receipts(parts, beside=axis == 0):
                    return parts
        return [page]

    def _side(self, page: PrintedPage, lines: Sequence[PrintedLine]) -> list[PrintedPage]:
        return self.parts(PrintedPage(page.width, page.height, list(lines), page.source))

    def _are_receipts(self, parts: Sequence[PrintedPage], *, beside: bool) -> bool:
        self._left -= len(parts)
        if self._left < 0:
            return False
        readings = [read_receipt([part], self._context) for part in parts]
        return all(map(_is_receipt, readings)) and not any(_is_one(a, b, beside) for a, b in combinations(readings, 2))


def _has_total(lines: Sequence[PrintedLine]) -> bool:
    return any(label_of(line.text).name == "total" for line in lines)


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
