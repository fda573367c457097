"""The figures of the receipt reader on the drawn receipts, from their stored lines.

python -m tests.handlers.receipts.drawn.score [NAME...] [--slips SEED] [--wrong]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from tests.handlers.receipts.drawn.noise import noisy
from tests.handlers.receipts.drawn.sheet import LINES, TEXTS, sheets
from tests.handlers.receipts.score import Tally, lines_of, score_of


def labels_of(names: Collection[str] = ()) -> dict[str, dict[str, Any]]:
    """Return the labels of the chosen files (of all, when none is named) by the name of the receipt."""
    return {sheet.name: sheet.label for file in _files(names) for sheet in sheets(file)}


def records_of(names: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return the stored lines of the chosen files (of all, when none is named)."""
    stored = (LINES / f"{file.stem}.jsonl" for file in _files(names))
    return [json.loads(row) for file in stored for row in file.read_text("utf-8").splitlines()]


def _files(names: Collection[str]) -> list[Path]:
    return [file for file in sorted(TEXTS.glob("*.txt")) if not names or file.stem in names]


def score(names: Collection[str] = (), seed: int | None = None) -> Tally:
    """Read the lines of the chosen files and compare with the labels; with a seed, the lines with slips in them."""
    records = records_of(names)
    return score_of(labels_of(names), records if seed is None else [noisy(one, seed) for one in records])


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--wrong", action="store_true", help="list every wrong answer")
    parser.add_argument("--slips", type=int, metavar="SEED", help="put slips of the reader into the lines")
    chosen = parser.parse_args()
    tally = score(chosen.names, chosen.slips)
    print("\n".join(lines_of(tally)))
    if chosen.wrong:
        print("\n".join(tally.wrong))


if __name__ == "__main__":
    main()
