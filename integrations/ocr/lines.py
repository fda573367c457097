"""Lines and pages as the reading process makes them, and how they travel to the server (as JSON)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Box = tuple[int, ...]
"""x and y of the four corners in pixels of the upright page, clockwise from the top left of the text."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of print; `score` is how sure the reader is, in thousandths."""

    text: str
    score: int
    box: Box


@dataclass(slots=True)
class Page:
    """An upright page; `source` is `ocr` or `text`."""

    width: int
    height: int
    lines: list[Line] = field(default_factory=list)
    source: str = "ocr"

    def packed(self) -> dict[str, Any]:
        """Return the page as plain JSON values."""
        lines = [[line.text, line.score, list(line.box)] for line in self.lines]
        return {"width": self.width, "height": self.height, "source": self.source, "lines": lines}
