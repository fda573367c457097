"""Choices between values, corrections and retractions across a message (DD-4)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.coaching.decisions.clauses import Clause
from handlers.coaching.decisions.lexicon import any_of, finder
from handlers.coaching.decisions.stance import LEAD

_OR = re.compile(
    r"(?=([MPSD])(\d+)((?:(?!\bbut\b|\b(?:i|we)\b)[^.!?;\n]){0,40}?)(?:\b(?:or|"
    r"o|u|vs|versus)\b|(?<=[\s\d])/(?=[\sA-Z]))([^.!?;\n]{0,20}?)\1(\d+))"
)
_BETWEEN = re.compile(r"(?:between|entre)\s(?:\w+\s){0,2}([MPSD])(\d+)\s(?:and|y)\s(?:\w+\s)?\1(\d+)")


def alternatives(text: str) -> set[str]:
    """Return the tokens that stand in a choice: X or Y, X vs Y, between X and Y decide nothing."""
    found: set[str] = set()
    for match in _OR.finditer(text):
        if re.search(rf"{match[1]}\d+", match[3]) and not re.fullmatch(rf"(?:\s*,?\s*{match[1]}\d+)*,?\s*", match[3]):
            continue
        found |= {f"{match[1]}{match[2]}", f"{match[1]}{match[5]}"} | set(re.findall(rf"{match[1]}\d+", match[3]))
    for match in _BETWEEN.finditer(text):
        found |= {f"{match[1]}{match[2]}", f"{match[1]}{match[3]}"}
    return found


def is_corrected(text: str, clause: Clause, earlier: str | None = None, later: str | None = None) -> bool:
    """Say whether words of correction stand between two values, or before the clause when none are named."""
    if earlier is None or later is None:
        window = text[max(0, clause.start - 40) : clause.end]
    else:
        window = text[text.find(earlier) + len(earlier) : text.find(later)]
    return bool(finder("stance", "corrections", "words").search(window)) or bool(
        re.search(r"\bnow\b(?! on)|\bno,|\bno\s\.|…\s*no\b", window)
    )


def is_retracted(clauses: Sequence[Clause], texts: Sequence[str], last: int) -> bool:
    """Say whether the message takes back what it said before: "just kidding", "scratch that"."""
    pattern = (
        LEAD + rf"{any_of('stance', 'corrections', 'retractions')}(?:\s(?:coach|for now|please|though|then|now))*\W*"
    )
    return any(re.fullmatch(pattern, clause.text.strip(" ,:")) for clause in clauses[last + 1 :])
