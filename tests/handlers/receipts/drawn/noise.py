"""Stored lines as a worse camera would have given them: letters mistaken, boxes moved, the paper a little tilted."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

_MISTAKEN = {
    "0": "O8D", "O": "0Q", "1": "Il", "l": "1I", "I": "1l", "5": "S", "S": "5", "8": "B", "B": "8", "e": "c", "c": "e",
    "a": "o", "o": "a", "E": "F", "n": "h", "m": "rn", "M": "N", "U": "V", "G": "C", ".": ",", ":": ".", "Z": "2",
}  # fmt: skip


def noisy(record: Mapping[str, Any], seed: int, *, letters: float = 0.02, moved: float = 0.12) -> dict[str, Any]:
    """Return a record of read lines with slips; the same seed gives the same.

    `letters` is the share of mistakable letters that are mistaken, `moved` the part of a line's height by which it may
    stand too high or too low.
    """
    dice = random.Random(f"{record['file']}/{seed}")
    tilt = dice.uniform(-0.004, 0.004)
    lines = []
    for box, text, score in record["lines"]:
        off = dice.uniform(-moved, moved) * (abs(box[7] - box[1]) or 10)
        placed = [value + (off + tilt * box[at - 1] if at % 2 else 0) for at, value in enumerate(box)]
        slipped = "".join(
            dice.choice(_MISTAKEN[c]) if c in _MISTAKEN and dice.random() < letters else c for c in str(text)
        )
        lines.append([placed, slipped, score])
    return {"file": record["file"], "lines": lines}
