"""Scores of the recogniser: `python -m tests.handlers.coaching.decisions.score [--misses] [set ...]`.

A line of a set is `message | expected` or `message | expected | context`; expected is `none` or canonical texts parted
by `; ` (`done 1.1, 1.2` for tasks). Today is Monday 2026-03-02, en-US, USD. Each blind set was written and labelled
before the recogniser first ran on it; the figure of that first run stands in the set's head.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handlers.coaching.decisions.trial import check

CORPORA = Path(__file__).with_name("corpora")
BASE = {"today": "2026-03-02", "locale": "en-US", "currency": "USD"}


@dataclass(frozen=True, slots=True)
class Row:
    """A message, what it should propose, and its context."""

    text: str
    expected: frozenset[str]
    context: dict[str, Any]


@dataclass
class Score:
    """Counts over a set: of decisions by equality of canonical texts, of completions by task."""

    right: int = 0
    proposed: int = 0
    wanted: int = 0
    done_right: int = 0
    done_proposed: int = 0
    done_wanted: int = 0
    messages: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Return the share of the proposed decisions that are right."""
        return self.right / self.proposed if self.proposed else 1.0

    @property
    def recall(self) -> float:
        """Return the share of the wanted decisions that are proposed."""
        return self.right / self.wanted if self.wanted else 1.0

    def line(self, name: str) -> str:
        """Return the figures in one line."""
        return (
            f"{name}: {self.messages} messages, decisions {self.right} right of {self.proposed} proposed and"
            f" {self.wanted} wanted (precision {self.precision:.3f}, recall {self.recall:.3f});"
            f" completions {self.done_right} of {self.done_proposed} and {self.done_wanted}"
        )


def names() -> list[str]:
    """Return the names of the sets."""
    return sorted(path.stem for path in CORPORA.glob("*.txt"))


def rows(name: str) -> Iterator[Row]:
    """Read a set."""
    for line in (CORPORA / f"{name}.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        text, expected, *context = [part.strip() for part in line.split(" | ")]
        wanted = frozenset() if expected == "none" else frozenset(part.strip() for part in expected.split(";"))
        yield Row(text.replace("\\n", "\n"), wanted, _context(context[0] if context else ""))


def _context(text: str) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, _, value = part.partition("=")
        context[name] = (
            True if not value else [item.strip() for item in value.split(",")] if name in ("options", "done") else value
        )
    return context


def proposed(row: Row) -> frozenset[str]:
    """Return what the recogniser proposes for a row, as the sets write it."""
    answer: Any = check({"text": row.text, **BASE, **row.context})
    found = {f"{decision['category']}={decision['value']}" for decision in answer["decisions"]}
    return frozenset(found | ({"done " + ", ".join(answer["completions"])} if answer["completions"] else set()))


def score(name: str) -> Score:
    """Judge a set by equality of canonical texts."""
    result = Score()
    for row in rows(name):
        found = proposed(row)
        result.messages += 1
        result.right += len(_decisions(found) & _decisions(row.expected))
        result.proposed += len(_decisions(found))
        result.wanted += len(_decisions(row.expected))
        result.done_right += len(_done(found) & _done(row.expected))
        result.done_proposed += len(_done(found))
        result.done_wanted += len(_done(row.expected))
        if found != row.expected:
            result.misses.append(f"{row.text!r}: {sorted(found)}, not {sorted(row.expected)}")
    return result


def _decisions(found: frozenset[str]) -> set[str]:
    return {text for text in found if not text.startswith("done ")}


def _done(found: frozenset[str]) -> set[str]:
    return {task for text in found if text.startswith("done ") for task in text[5:].split(", ")}


def main() -> None:
    """Print the scores, and the misses when asked."""
    chosen = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    for name in chosen or names():
        result = score(name)
        print(result.line(name))
        if "--misses" in sys.argv:
            print("\n".join(f"    {miss}" for miss in result.misses))


if __name__ == "__main__":
    main()
