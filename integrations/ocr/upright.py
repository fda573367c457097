"""Which way up a picture is, and its lines (rule OCR-2).

Lines that mostly stand on end: the picture is turned by a quarter. Then its widest lines are read; when they read badly
the other ways are tried on the same few lines, and the best way is kept. So an upright picture costs nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from integrations.ocr.lines import Line, Page
from integrations.ocr.recognition import SIDE, Boxes, Pixels, Read, Recognition, cut, heights, widths

PROBES = 8
GOOD = 0.85
_HOPEFUL = 0.6
"""Below this even the better way along the lines that were found is probably across the true ones."""


@dataclass(slots=True)
class _Way:
    """The picture turned one way, its boxes, what is already read of them by number, and how well its lines read."""

    pixels: Pixels
    boxes: Boxes
    crops: list[Pixels]
    read: dict[int, Read] = field(default_factory=dict)
    score: float = 0.0


def read_upright(
    recognition: Recognition, pixels: Pixels, *, side: int = SIDE, in_time: Callable[[], bool] = lambda: True
) -> Page:
    """Return the lines of a picture, turned upright; when time is up (`in_time`), those that were read until then."""
    way = _upright(recognition, pixels, side)
    lines = []
    for number, (box, crop) in enumerate(zip(way.boxes, way.crops, strict=True)):
        read = way.read.get(number)
        if read is None and in_time():
            read = recognition.read(crop)
        if read is not None and read.clear:
            lines.append(Line(read.text.strip(), round(read.score * 1000), tuple(int(v) for v in box.round().flat)))
    height, width = way.pixels.shape[:2]
    return Page(width, height, lines)


def _upright(recognition: Recognition, pixels: Pixels, side: int) -> _Way:
    way = _found(recognition, pixels, side)
    if len(way.boxes) and np.mean(heights(way.boxes) > widths(way.boxes)) > 0.5:
        way = _found(recognition, _turned(pixels), side)
    way = _better(recognition, way, side)
    if len(way.boxes) and way.score < _HOPEFUL:
        across = _better(recognition, _found(recognition, _turned(way.pixels), side), side)
        way = max(way, across, key=lambda one: one.score)
    return way


def _found(recognition: Recognition, pixels: Pixels, side: int) -> _Way:
    boxes = recognition.find(pixels, side=side)
    return _Way(pixels, boxes, cut(pixels, boxes))


def _better(recognition: Recognition, way: _Way, side: int) -> _Way:
    """Read the widest lines, and upside down too when they read badly; return the better way."""
    widest: Sequence[int] = np.argsort(widths(way.boxes))[::-1][:PROBES].tolist()
    way.read = {number: recognition.read(way.crops[number]) for number in widest}
    way.score = _mean(way.read.values())
    if not widest or way.score >= GOOD:
        return way
    over = _mean([recognition.read(_turned(way.crops[number], 2)) for number in widest])
    if over <= way.score:
        return way
    turned = _found(recognition, _turned(way.pixels, 2), side)  # lines are found best where they stand upright
    turned.score = over
    return turned


def _mean(read: Collection[Read]) -> float:
    return sum(one.score for one in read) / len(read) if read else 0.0


def _turned(pixels: Pixels, quarters: int = 1) -> Pixels:
    return np.ascontiguousarray(np.rot90(pixels, quarters))
