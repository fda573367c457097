"""The figures of the receipt reader on the drawn receipts, from their stored lines.

python -m tests.handlers.receipts.drawn.score [NAME...] [--wrong]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection

from tests.handlers.receipts.drawn.sheet import LINES, TEXTS, sheets
from tests.handlers.receipts.score import Tally, lines_of, score_of


def score(names: Collection[str] = ()) -> Tally:
    """Read the lines of the chosen files (of all, when none is named) and compare with the labels."""
    files = [file for file in sorted(TEXTS.glob("*.txt")) if not names or file.stem in names]
    labels = {sheet.name: sheet.label for file in files for sheet in sheets(file)}
    stored = (LINES / f"{file.stem}.jsonl" for file in files)
    return score_of(labels, (json.loads(row) for file in stored for row in file.read_text("utf-8").splitlines()))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--wrong", action="store_true", help="list every wrong answer")
    chosen = parser.parse_args()
    tally = score(chosen.names)
    print("\n".join(lines_of(tally)))
    if chosen.wrong:
        print("\n".join(tally.wrong))


if __name__ == "__main__":
    main()
