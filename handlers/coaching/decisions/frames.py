"""Whether a clause, not refused, says a value as a decision (DD-2): by a commitment, bare, or as a plain statement.

The frames are written against skeletons; M, P, S, D and B with a number stand for money, platform, tiers, day, benefit.
"""

from __future__ import annotations

import re
from functools import cache

from handlers.coaching.decisions.lexicon import any_of, finder
from handlers.coaching.decisions.skeleton import TOKEN

_FIRST = (
    r"\b(?:i|we)\s(?:\w+\s){0,2}?(?:will|am|are|shall|want|plan|planning|intend|"
    r"would|have|need|decided|going|chose|agreed|can|get)\s(?:[\w']+\s){0,3}?"
)
_TO = (
    r"\b(?:decided|plan|planning|decision|chose|agreed|ready|want|wants|intend|"
    r"deal|idea|going|better|like|best|happy|choosing|move|time)\s(?:is\s)?to\s(?:\w+\s)?"
)
_SPANISH = (
    r"\b(?:voy|vamos)\sa\s(?:\w+\s)?|\b(?:quiero|queremos|prefiero|preferimos|"
    r"decidi|decidimos|decidido|he decidido|hemos decidido|pienso no|toca|el plan es|"
    r"planeo|planeamos)\s(?:\w+\s)?"
)
_OPINION = re.compile(
    r"[A-Z]\d+\sis\s(?:\w+\s)?(?:nice|good|great|cool|easy|cheap|simple|clean|perfect|super|new|great|best)\b"
)
_LEAD_WORDS = (
    r"^(?:[^A-Z\w]|\b(?:so|ok|yes|well|then|now|and|also|just|please|pls|coach|"
    r"hey|actually|definitely|but|plus|will|going to|to|let's|we are|i am|thinking no|"
    r"alright|finally|sure|right|for now|at launch|instead|cool|great|y|entonces|"
    r"pues|vale|bueno|tambien|no|simply|officially)\b)*"
)


def action(verbs: str) -> str:
    """Return the source of a first-person, elided or imperative action with one of the verbs."""
    return rf"(?:(?:{_FIRST}|{_TO}|{_SPANISH}|let's\s(?:\w+\s)?|{_LEAD_WORDS}){verbs})(?![a-z])"


def residue(text: str) -> str:
    """Return what is left of a clause beside values and neutral words: nothing is left of a bare statement (DD-2 b)."""
    left = re.sub(r"\b(?:one|two|three|both|\d+)\s(?=[A-Z]\d)", " ", TOKEN.sub(" ", _clean(text)))
    left = finder("stance", "commitment", "confirmations").sub(" ", left)
    left = finder("stance", "neutral", "words").sub(" ", left)
    left = finder("stance", "neutral", "words").sub(" ", left)
    return re.sub(r"[^a-z0-9@]+", " ", left).strip()


def _clean(text: str) -> str:
    return finder("stance", "corrections", "leads").sub(" ", text)


def is_bare(text: str) -> bool:
    """Say whether a clause holds nothing but values and neutral words."""
    return not residue(text) and not _OPINION.search(text)


def is_committed(text: str, token: str) -> bool:
    """Say whether a word of commitment stands before the value or behind it."""
    at = text.find(token)
    before, after = any_of("stance", "commitment", "before"), any_of("stance", "commitment", "after")
    head, tail = text[:at], text[at + len(token) :]
    words_before = head.split()
    near = " ".join(words_before[-10:])
    is_before = re.search(rf"{before}(?:\W+[\w'&%]+){{0,6}}\W*$", near)
    is_after = re.match(rf"(?:\W+[\w'&%]+){{0,4}}?\W+{after}", " ".join(tail.split()[:10]).join("  "))
    return bool(is_before or is_after)


@cache
def _action_pattern(category: str) -> re.Pattern[str]:
    return re.compile(action(any_of("frames", category)) + r"(?:\W+[\w'&%]+){0,7}\W*$")


_SUBJECT_BEFORE = re.compile(
    r"(?:^|[,:;(]|\b(?:and|so|that|the|my|our|a|then|decided|think|means|now|"
    r"plus|y|que|la|el|los|las|for|with|as|all|every|each|ok|yes|well|also|but|"
    r"paid|paying|here is what|new|what|pero|mi|is|only|just|how|our new|therefore|"
    r"i say|monthly|annual|finally|first|month|week|of|because|while|[MSDBCTR]\d+|"
    r"at|from|membership))\W*$"
)


def states(source: str, before: str, gap: str) -> bool:
    """Say whether a plain statement of the source, whose subject opens its clause, leads to the value (DD-2 d)."""
    return any(_SUBJECT_BEFORE.search(before[: match.start()]) for match in re.finditer(source + gap, before))


def has_action(category: str, text: str, token: str) -> bool:
    """Say whether a first-person or imperative action of the category leads to the value."""
    return bool(_action_pattern(category).search(text[: text.find(token)].rstrip()))
