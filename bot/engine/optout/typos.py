"""Mistyped keywords (rule 3): a swapped or doubled letter of STOP, up to two edits of UNSUBSCRIBE.

Never a substituted letter of STOP: shop, step, stomp, top and spot are ordinary words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.engine.optout.rules import Keywords

_STRETCHED = re.compile(r"s+t+[o0]+p+")
_LONG = "unsubscribe"
_LETTERS = frozenset(_LONG)
_SHORTEST = 9


def suspects(words: Iterable[str]) -> list[str]:
    """Return the words that can be typos at all."""
    return [word for word in words if word[-1] == "p" or len(word) >= _SHORTEST]


def is_typo(word: str, keywords: Keywords) -> bool:
    """Tell whether a word is a mistyped STOP or UNSUBSCRIBE."""
    if word in keywords.never_typos:
        return False
    if word in keywords.typos or (word[-1] == "p" and _STRETCHED.fullmatch(word)):
        return True
    return _is_near(word, keywords.unsubscribe_edits)


def _is_near(word: str, most: int) -> bool:
    """Compare with UNSUBSCRIBE, letter by letter only where enough of its letters occur."""
    if abs(len(word) - len(_LONG)) > most or len(_LETTERS.intersection(word)) < len(_LETTERS) - most:
        return False
    return edits(word, _LONG) <= most


def edits(left: str, right: str) -> int:
    """Return the number of inserted, deleted, changed or swapped letters between two words."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        above, row, older = row, [i], before
        for j, b in enumerate(right, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]
