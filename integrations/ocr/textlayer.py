"""The text layer of a PDF page as lines with places, split where a reader of pictures would split them.

A PDF knows characters and where each is drawn. Characters of one row belong together until a gap as wide as a letter is
high: so an amount in its column is a line of its own, as on a picture.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from integrations.ocr.lines import Line, Page

_MOST_CHARACTERS = 40_000
_FEW = 40
"""A scanner's or an app's mark under a picture has fewer letters and digits than this; the picture is read then."""
_COVERED = 0.5
_ODD = 0.2
_GAP = 1.1
_FINE = 64
"""PDFium gives whole numbers for places; they are asked for on a grid so much finer than pixels."""

Corner = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the page."""
Character = tuple[str, Corner | None]


@dataclass(slots=True)
class _Run:
    text: str
    left: float
    top: float
    right: float
    bottom: float

    def takes(self, box: Corner) -> bool:
        """Tell whether a character there goes on with this line."""
        left, top, _, bottom = box
        height = max(self.bottom - self.top, 1e-6)
        shared = min(self.bottom, bottom) - max(self.top, top)
        near = -height < left - self.right < _GAP * height
        return near and shared > 0.5 * min(height, max(bottom - top, 1e-6))

    def add(self, text: str, box: Corner) -> None:
        self.text += text
        self.left, self.top = min(self.left, box[0]), min(self.top, box[1])
        self.right, self.bottom = max(self.right, box[2]), max(self.bottom, box[3])


def text_page(page: Any, size: tuple[int, int]) -> Page | None:
    """Return the page's own text in pixels of `size`, or None when its picture tells more."""
    texts = page.get_textpage()
    try:
        characters = list(_characters(texts.raw, page.raw, size))
    finally:
        texts.close()
    runs = list(_runs(characters))
    text = "".join(run.text for run in runs)
    if not _is_text(text) or not _is_upright(characters) or (_letters(text) < _FEW and _covered_by_pictures(page)):
        return None
    return Page(*size, [_line(run, size) for run in runs], source="text")


def _is_text(text: str) -> bool:
    odd = sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" or char < " " for char in text)
    return _letters(text) > 0 and odd <= _ODD * len(text)


def _is_upright(characters: Sequence[Character]) -> bool:
    """Tell whether most characters stand to the right of the one before; what lies on its side is read as a picture."""
    onward = steps = 0
    for (_, one), (_, other) in pairwise(characters):
        if one is not None and other is not None:
            across, down = other[2] - one[2], other[3] - one[3]
            steps += 1
            onward += across > abs(down)
    return onward * 2 >= steps


def _letters(text: str) -> int:
    return sum(char.isalnum() for char in text)


def _covered_by_pictures(page: Any) -> bool:
    width, height = page.get_size()
    covered = 0.0
    for image in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = image.get_bounds()
        covered += max(0.0, right - left) * max(0.0, top - bottom)
    return bool(covered >= _COVERED * width * height)


def _runs(characters: Sequence[Character]) -> Iterator[_Run]:
    run: _Run | None = None
    for text, box in characters:
        if box is not None and run is not None and run.takes(box):
            run.add(text, box)
        elif box is not None:
            if run:
                yield run
            run = _Run(text, *box)
        elif text == "\n":
            if run:
                yield run
            run = None
        elif run and not run.text.endswith(" "):
            run.text += " "
    if run:
        yield run


def _characters(texts: Any, page: Any, size: tuple[int, int]) -> Iterator[Character]:
    """Yield each character with its box; white space has none: a space, or a line's end as a newline."""
    place = _Places(page, size)
    loose = pdfium.FS_RECTF()
    high = ""
    for index in range(min(pdfium.FPDFText_CountChars(texts), _MOST_CHARACTERS)):
        code = pdfium.FPDFText_GetUnicode(texts, index)
        char = chr(code) if code < 0x110000 else "\ufffd"
        if 0xD800 <= code < 0xDC00:
            high = char
            continue
        if 0xDC00 <= code < 0xE000:
            char = (high + char).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        high = ""
        if char in "\r\n":
            yield "\n", None
        elif char.isspace() or char == "\0":
            yield " ", None
        elif char == "\ufffe" or char == "\u00ad":  # the hyphen of a broken word
            yield "-", place.of(texts, index, loose)
        else:
            yield char, place.of(texts, index, loose)


class _Places:
    """Turns places on the page (points, origin below, before the page is turned) into pixels of its picture."""

    def __init__(self, page: Any, size: tuple[int, int]) -> None:
        self._page, self._size = page, size
        origin, right, up = self._asked(0, 0), self._asked(1000, 0), self._asked(0, 1000)
        self._origin = origin
        self._x = (right[0] - origin[0]) / 1000, (right[1] - origin[1]) / 1000
        self._y = (up[0] - origin[0]) / 1000, (up[1] - origin[1]) / 1000

    def _asked(self, x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        fine = self._size[0] * _FINE, self._size[1] * _FINE
        pdfium.FPDF_PageToDevice(self._page, 0, 0, *fine, 0, x, y, across, down)
        return across.value / _FINE, down.value / _FINE

    def of(self, texts: Any, index: int, loose: Any) -> Corner | None:
        """Return the box of a character, as high as its font."""
        if not pdfium.FPDFText_GetLooseCharBox(texts, index, loose):
            return None
        one, other = self._at(loose.left, loose.top), self._at(loose.right, loose.bottom)
        return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (
            self._origin[0] + x * self._x[0] + y * self._y[0],
            self._origin[1] + x * self._x[1] + y * self._y[1],
        )


def _line(run: _Run, size: tuple[int, int]) -> Line:
    left, right = (round(min(max(x, 0.0), size[0])) for x in (run.left, run.right))
    top, bottom = (round(min(max(y, 0.0), size[1])) for y in (run.top, run.bottom))
    return Line(run.text.strip(), 1000, (left, top, right, top, right, bottom, left, bottom))
