"""Benefits of a membership in a text and the rhythm that stands with each (section 4's list)."""

from __future__ import annotations

import re
from functools import cache

from handlers.coaching.decisions.lexicon import finder
from handlers.coaching.decisions.mentions import Benefit, Finds, Kind, Mention

_SEPARATOR = re.compile(
    r"[,;\n/+&|]|[.](?=\s|$)|\s-\s|"
    r"(?<![a-z])(?:and|plus|y|e|mas|also|w/|with(?!\s(?:me|us|you|them|the members)\b))(?![a-z])"
)
_TAIL = re.compile(r"(?:[\s:*-]|\b(?:on|the|a|i|we|will|at|night|nights|evening|evenings)\b)*")
_TIP_JAR = re.compile(
    r"tips?\s(?:jar|over|me|the|line|from|money)|(?:in|for|of|from|no|any|quick|good|great|your)\stips?\b|tipping"
)


def find_benefits(finds: Finds) -> None:
    """Add the benefits with their rhythms, and the rhythms that no benefit has taken."""
    text = finds.flat
    found: list[tuple[int, int, str]] = []
    for name, pattern in _patterns():
        for match in pattern.finditer(text):
            span = match.span()
            if not finds.is_free(*span) or any(a < span[1] and span[0] < b for a, b, _ in found):
                continue
            if (name == "tips" and _TIP_JAR.match(text, max(0, span[0] - 5))) or _TIP_JAR.match(text, span[0]):
                continue
            found.append((*span, name))
    found.sort()
    cadences = _cadences(finds, [(a, b) for a, b, _ in found])
    given = _given(text, found, cadences)
    for start, end, name in found:
        finds.add(Kind.BENEFIT, start, end, Benefit(name, given.get(start)))
    for start, end, name in cadences:
        finds.add(Kind.CADENCE, start, end, name)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Return the matchers, the more telling names before the shorter ones that they hold."""
    order = (
        "coaching_call",
        "early_access",
        "behind_the_scenes",
        "exclusive_content",
        "chat_access",
        "discount",
        "shoutout",
        "play_session",
        "contest",
        "challenge",
        "workshop",
        "newsletter",
        "resources",
        "qa",
        "tips",
        "other",
    )
    return [(name, finder("benefits", "benefits", name)) for name in order]


def _cadences(finds: Finds, benefits: list[tuple[int, int]]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    for name in ("none", "biweekly", "quarterly", "monthly", "weekly", "daily"):
        for match in finder("benefits", "cadences", name).finditer(finds.flat):
            start, end = match.span()
            is_free = finds.is_free(start, end) and not any(a < end and start < b for a, b in benefits)
            if is_free and not any(a < end and start < b for a, b, _ in found):
                found.append((start, end, name))
    return sorted(found)


def _given(text: str, benefits: list[tuple[int, int, str]], cadences: list[tuple[int, int, str]]) -> dict[int, str]:
    """Give each benefit the rhythm of its own item of the list."""
    given: dict[int, str] = {}
    for start, end, name in cadences:
        if name == "none":
            continue
        before = [b for b in benefits if b[1] <= start]
        after = [b for b in benefits if b[0] >= end]
        joined_before = before and not _SEPARATOR.search(text, before[-1][1], start)
        joined_after = after and not _SEPARATOR.search(text, end, after[0][0])
        stands_apart = before and _TAIL.fullmatch(text[before[-1][1] : start].replace(",", " "))
        if joined_after and not (
            joined_before and _hugs(text, before[-1][1], start) and not _hugs(text, end, after[0][0])
        ):
            given.setdefault(after[0][0], name)
        elif joined_before or (stands_apart and not joined_after):
            given.setdefault(before[-1][0], name)
    return given


def _hugs(text: str, start: int, end: int) -> bool:
    return len(text[start:end].split()) <= 1


def ordered(benefits: list[Mention]) -> str:
    """Return the canonical text: each benefit once, with its rhythm when one was told, sorted."""
    told: dict[str, set[str]] = {}
    for mention in benefits:
        if isinstance(mention.value, Benefit):
            told.setdefault(mention.value.name, set()).add(mention.value.cadence or "")
    items = {
        str(Benefit(name, rhythm or None)) for name, rhythms in told.items() for rhythm in (rhythms - {""} or {""})
    }
    return ", ".join(sorted(items))
