"""Learn the points of `data/odds.tsv` from the labelled sets: `python -m tests.handlers.coaching.safety.learning`.

Logistic regression over four outcomes (the three kinds and none, whose points are nothing), by stochastic gradient
steps that shrink for marks seen often. The sets of danger count more than the ordinary messages, which are lines of
the other services' sets. Nothing is drawn at random but the order, and that from a fixed seed: the same sets, the same
file. Sets named on the command line are left out and scored; learn once more without names before a commit.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Iterable
from math import exp, sqrt
from pathlib import Path

from handlers.coaching.safety import odds
from handlers.coaching.safety.crisis import crisis, words_left

TESTS = Path(__file__).parents[3]
CORPORA = Path(__file__).parent / "corpora"
DATA = Path(odds.__file__).parent / "data" / "odds.tsv"
ORDINARY = (
    "bot/engine/corpora/*.txt",
    "handlers/coaching/decisions/corpora/*.txt",
    "handlers/receipts/typed/corpora/*.toml",
    "handlers/coaching/safety/corpora/ages*.tsv",
)
HARMLESS = ("ordinary", "ordinary_second", "ordinary_third", "scope", "scope_second", "scope_third")
"""Sets of a coached person's messages, none of danger."""
DANGER_COUNTS, ORDINARY_COUNTS = 3.0, 1.0
ROUNDS, STEP, FORGETTING, SEEN, WORTH = 40, 0.3, 2e-5, 3, 20
NONE = (0, 0, 0)

Example = tuple[tuple[str, ...], int, float]


def labelled(name: str) -> list[tuple[str, str]]:
    """Return the texts of a set, each with its kind."""
    rows = (line.split("\t") for line in (CORPORA / f"{name}.tsv").read_text("utf-8").splitlines())
    return [(text, kind) for kind, _, text in rows]


def last_column(name: str) -> list[str]:
    """Return the texts of a set, whatever they are labelled."""
    return [line.split("\t")[-1] for line in (CORPORA / f"{name}.tsv").read_text("utf-8").splitlines()]


def ordinary() -> list[str]:
    """Return the lines of the other services' sets."""
    files = sorted(path for pattern in ORDINARY for path in TESTS.glob(pattern))
    parts = {
        part
        for path in files
        for line in path.read_text("utf-8").splitlines()
        for part in re.split(r"[\t|]|: |\"", line)
    }
    return sorted(part for part in parts if len(part) > 7)


def examples(left_out: Iterable[str]) -> list[Example]:
    """Return what is learned from: the marks of each text, its kind by number (-1 for none), and how much it counts."""
    names = sorted(path.stem for path in CORPORA.glob("crisis*.tsv") if path.stem not in left_out)
    told = [(text, kind, DANGER_COUNTS) for name in names for text, kind in labelled(name)]
    told += [(text, "none", DANGER_COUNTS) for name in HARMLESS for text in last_column(name)]
    told += [(text, "none", ORDINARY_COUNTS) for text in ordinary()]
    numbers = {kind: number for number, kind in enumerate(odds.KINDS)}
    return [
        (tuple(sorted(odds.marks_of(words_left(text)))), numbers.get(kind, -1), counts) for text, kind, counts in told
    ]


def learn(rows: list[Example]) -> dict[str, list[float]]:
    """Return the points of each mark that was seen often enough; those of every text under no mark."""
    seen = Counter(mark for marks, _, _ in rows for mark in marks)
    points = {mark: [0.0, 0.0, 0.0] for mark, often in seen.items() if often >= SEEN}
    pace = {mark: [1.0, 1.0, 1.0] for mark in points}
    start = [-2.0, -2.0, -2.0]
    order = random.Random(1)
    for _ in range(ROUNDS):
        order.shuffle(rows)
        for marks, kind, counts in rows:
            scale = 1 / sqrt(len(marks) + 1)
            known = [mark for mark in marks if mark in points]
            sums = [start[n] + scale * sum(points[mark][n] for mark in known) for n in range(3)]
            odds_of = [exp(min(one, 30)) for one in sums]
            for n in range(3):
                off = (odds_of[n] / (1 + sum(odds_of)) - (n == kind)) * counts
                start[n] -= 0.01 * off
                for mark in known:
                    slope = off * scale
                    pace[mark][n] += slope * slope
                    points[mark][n] -= STEP * (slope / sqrt(pace[mark][n]) + FORGETTING * points[mark][n])
    return {"": start} | points


def write(points: dict[str, list[float]]) -> None:
    """Write the points in hundredths, without the marks that are worth next to nothing."""
    rounded = {mark: [round(100 * one) for one in worth] for mark, worth in sorted(points.items())}
    kept = {mark: worth for mark, worth in rounded.items() if not mark or max(map(abs, worth)) >= WORTH}
    DATA.write_text("".join("\t".join([mark, *map(str, worth)]) + "\n" for mark, worth in kept.items()), "utf-8")
    odds._learned.cache_clear()


def main(left_out: list[str]) -> None:
    """Learn from all sets but those left out, write what was learned, and say how the ones left out are heard."""
    write(learn(examples(left_out)))
    for name in left_out:
        rows = [
            (kind, crisis(text) is not None, odds.likely(words_left(text)) is not None, text)
            for text, kind in labelled(name)
        ]
        meant = [row for row in rows if row[0] != "none"]
        harmless = [row for row in rows if row[0] == "none"]
        print(
            name,
            "heard",
            sum(r[1] for r in meant),
            "by odds",
            sum(r[2] for r in meant),
            "of",
            len(meant),
            "false",
            sum(r[1] for r in harmless),
            "of",
            len(harmless),
        )
        for kind, heard, _, text in rows:
            if heard != (kind != "none"):
                print("  ", kind, text)


if __name__ == "__main__":
    main(sys.argv[1:])
