"""Lines with places become rows of cells: tilt is taken out, and neighbours are linked step by step (rule OCR-6).

Paper curls, so a row is no horizontal band: each cell is linked to the cell at its left by the height at which the two
meet. `shift` moves the cells that hold only an amount up or down by a part of a line before linking; the caller tries
other shifts when the arithmetic of the receipt fails. Paper that is folded or curls at one place only moves the amounts
below that place: `below` is such a fold. Either way the amounts keep their order, and so do the labels.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from bot.core.calls.reading import PrintedLine, PrintedPage

_AMOUNT_CELL = re.compile(
    r"^[^\w]*(?:[A-Z]{0,3}[$€£¥]?\s*)?-?[\dOoIl][\dOoIl.,' ]*[.,\s]\s?[\dOoIl]{2}\s?[-)]?\s*[A-Za-z*]{0,3}\W*$"
)

FEWEST_FOR_CHANGE = 8
# No till prints more; what a person sends must not cost more than a moment.
LONGEST_LINE, MOST_LINES = 200, 600
# Sums stand at the end of a receipt; a fold among the first of many items breaks none of them.
MOST_FOLDS = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of print: its text, left and right edge, height of the middle after straightening, and letter height."""

    text: str
    left: float
    right: float
    middle: float
    height: float
    score: int
    page: int
    box: tuple[int, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of one printed row, from left to right."""

    cells: tuple[Cell, ...]

    @property
    def text(self) -> str:
        """Return the cells joined by two blanks."""
        return "  ".join(cell.text for cell in self.cells)

    @property
    def middle(self) -> float:
        """Return the mean height of the row on the straightened page."""
        return sum(cell.middle for cell in self.cells) / len(self.cells)

    @property
    def height(self) -> float:
        """Return the largest letter height in the row."""
        return max(cell.height for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Fold:
    """A place between two amounts of a page; `gap` is their distance in lines."""

    page: int
    middle: float
    gap: float


def page_of_text(lines: Sequence[str] | str) -> PrintedPage:
    """Return a page from plain text, one line each (a text layer has no places: 20 by 10 pixels a character)."""
    split = lines.splitlines() if isinstance(lines, str) else [part for line in lines for part in line.splitlines()]
    printed = [
        PrintedLine(
            line.strip(),
            1000,
            (x, y * 30, x + 10 * len(line.strip()), y * 30, x + 10 * len(line.strip()), y * 30 + 20, x, y * 30 + 20),
        )
        for y, line in enumerate(split)
        for x in [10 * (len(line) - len(line.lstrip()))]
        if line.strip()
    ]
    return PrintedPage(1000, 30 * max(1, len(split)), printed, "text")


def rows_of(pages: Sequence[PrintedPage], shift: float = 0.0, below: Fold | None = None) -> list[Row]:
    """Return the rows of all pages from top to bottom; amounts (those below a fold) moved down by `shift` lines."""
    return [row for number, page in enumerate(pages) for row in _rows_of_page(cells_of(page, number), shift, below)]


def folds_of(pages: Sequence[PrintedPage]) -> list[Fold]:
    """Return the places between the last amounts, the lowest first; a text layer has none."""
    numbered = reversed(list(enumerate(pages)))
    return [fold for number, page in numbered for fold in _folds(cells_of(page, number))][:MOST_FOLDS]


def _folds(cells: Sequence[Cell]) -> list[Fold]:
    amounts = sorted((c for c in cells if not c.certain and _AMOUNT_CELL.match(c.text)), key=lambda c: c.middle)
    pitch = _pitch(cells) if amounts else 1.0
    found = [
        Fold(above.page, (above.middle + under.middle) / 2, (under.middle - above.middle) / pitch)
        for above, under in pairwise(amounts[-MOST_FOLDS - 1 :])
    ]
    return [fold for fold in reversed(found) if fold.gap > 0.5]


def cells_of(page: PrintedPage, number: int = 0) -> list[Cell]:
    """Return the readable lines of a page as straightened cells, in the order of reading."""
    lines = [line for line in page.lines if line.text.strip() and len(line.box) == 8][:MOST_LINES]
    certain = page.source == "text"
    slope = _slopes(lines)
    cells = [_cell(line, slope(line), number, certain=certain) for line in lines]
    turn = 0.0 if certain else _best_turn(cells)
    return [_cell(line, slope(line) + turn, number, certain=certain) for line in lines] if turn else cells


def _best_turn(cells: Sequence[Cell]) -> float:
    """Return the small further tilt at which the amounts on the right meet lines on the left best.

    The boxes of short words tell the tilt badly; over the width of a page that is half a line.
    """
    amounts = [cell for cell in cells if _AMOUNT_CELL.match(cell.text)]
    labels = [cell for cell in cells if sum(c.isalpha() for c in cell.text) >= 3]
    if len(amounts) < 3 or len(labels) < 3:
        return 0.0
    pitch = _pitch(cells)
    reach = max(1.0, median(cell.right for cell in amounts) - median(cell.left for cell in labels))

    def misfit(turn: float) -> float:
        gaps = []
        for amount in amounts:
            beside = [label for label in labels if label.right <= amount.left + amount.height]
            offs = [
                abs(
                    (amount.middle - turn * (amount.left + amount.right) / 2)
                    - (label.middle - turn * (label.left + label.right) / 2)
                )
                for label in beside
            ]
            gaps.append(min(min(offs) / pitch, 1.0) if offs else 0.5)
        return sum(gaps) / len(gaps)

    straight = misfit(0.0)
    turns = [step * pitch / reach / 10 for step in range(-6, 7)]
    best = min(turns, key=lambda turn: misfit(turn) + 0.05 * abs(turn) * reach / pitch)
    return best if misfit(best) < straight - 0.04 else 0.0


def _cell(line: PrintedLine, slope: float, page: int, *, certain: bool) -> Cell:
    xs, ys = line.box[0::2], line.box[1::2]
    height = max(1.0, (abs(ys[3] - ys[0]) + abs(ys[2] - ys[1])) / 2)
    middle = sum(ys) / 4 - slope * sum(xs) / 4
    return Cell(
        _plain(line.text.strip()[:LONGEST_LINE]),
        min(xs),
        max(xs),
        middle,
        height,
        line.score,
        page,
        tuple(line.box),
        certain,
    )


def _plain(text: str) -> str:
    """Return the text with full-width characters and the digits of all scripts as plain ones."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c if unicodedata.decimal(c, None) is None else str(unicodedata.decimal(c)) for c in folded)


def _slopes(lines: Sequence[PrintedLine]) -> Callable[[PrintedLine], float]:
    """Return the tilt of the print at a line, as rise per pixel.

    The tilt is the median over wide lines; where a camera stood askew it changes evenly from top to bottom.
    """
    seen = []
    for line in lines:
        (x0, y0, x1, y1), height = line.box[:4], abs(line.box[7] - line.box[1]) or 1
        if x1 - x0 > 4 * height:
            seen.append((float(sum(line.box[1::2])) / 4, (y1 - y0) / (x1 - x0)))
    if len(seen) < 3:
        return lambda line: 0.0
    usual = median(slope for _, slope in seen)
    center = median(y for y, _ in seen)
    change = 0.0
    if len(seen) >= FEWEST_FOR_CHANGE:
        pairs = [
            (second[1] - first[1]) / (second[0] - first[0])
            for at, first in enumerate(seen)
            for second in seen[at + 1 :]
            if abs(second[0] - first[0]) > 1
        ]
        change = median(pairs) if pairs else 0.0
    return lambda line: usual + change * (sum(line.box[1::2]) / 4 - center)


def _rows_of_page(cells: list[Cell], shift: float, below: Fold | None) -> list[Row]:
    if not cells:
        return []
    if shift and (below is None or below.page == cells[0].page):
        step, top = shift * _pitch(cells), below.middle if below else -math.inf
        cells = [_moved(cell, step) if cell.middle > top and _AMOUNT_CELL.match(cell.text) else cell for cell in cells]
    rows: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda cell: (cell.left, cell.middle)):
        best, best_gap = None, 0.5
        for row in rows:
            last = row[-1]
            if cell.left < last.right - 0.35 * min(cell.right - cell.left, last.right - last.left):
                continue
            gap = abs(cell.middle - last.middle) / max(
                min(cell.height, last.height), 0.6 * max(cell.height, last.height)
            )
            if gap < best_gap:
                best, best_gap = row, gap
        if best is None:
            rows.append([cell])
        else:
            best.append(cell)
    return sorted((Row(tuple(row)) for row in rows), key=lambda row: row.middle)


def _pitch(cells: Sequence[Cell]) -> float:
    """Return the usual distance of two printed lines."""
    middles = sorted(cell.middle for cell in cells)
    typical = median(cell.height for cell in cells)
    gaps = [b - a for a, b in pairwise(middles) if b - a > 0.5 * typical]
    return median(gaps) if gaps else typical


def _moved(cell: Cell, step: float) -> Cell:
    return Cell(
        cell.text, cell.left, cell.right, cell.middle + step, cell.height, cell.score, cell.page, cell.box, cell.certain
    )
