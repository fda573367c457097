"""Slips of the fingers in the small words of an entry: "spnt 9.5 on cofee tuesdy" is read as it was meant.

Only a word that nothing else knows is read as another, and only as one of a few words that every entry is made of
(`data/slips.toml`): money, days, verbs of spending, the commonest things. A name is never touched, so what stands after
"at" stays as it is, and so does what is written with a capital, but for the first word of a sentence.

    spnt, dolars, coffe     a letter left out (two in a long word), the last only where it is doubled
    lunhc, firday           two neighbours swapped
    dollarrs, paied         a letter doubled, a vowel too many beside a vowel
    restaurent               any one letter in a word of seven or more
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from handlers.receipts.merchants import brands, merchant_key
from handlers.receipts.typed.lexicon import data, flat, words
from handlers.receipts.typed.nouns import all_generic, is_day

_WORD = re.compile(r"(?<![\w'&.#@/-])(?:[a-z]{4,20}|\A[A-Z][a-z]{3,20}(?!\s[A-Z]))(?![\w'&@/-]|\.\w)", re.A)
_NAMED = re.compile(r"(?:(?<!\w)(?:at|from)(?:\sthe)?\s|@\s?)\Z", re.I)
_LEAD = 12
_LONG, _LONGEST = 7, 9
_VOWELS = frozenset("aeiouy")


def without_slips(text: str) -> str:
    """Return a typed text with the slips in its small words mended; all else stays as it is written."""
    return _WORD.sub(_mended, text)


def _mended(found: re.Match[str]) -> str:
    word = found[0]
    if _NAMED.search(found.string[max(0, found.start() - _LEAD) : found.start()]):
        return word
    meant = _meant(word.lower())
    return (word[0] + meant[1:]) if meant else word


@lru_cache(maxsize=4096)
def _meant(word: str) -> str | None:
    """Return the one target that a word nobody knows is a slip of."""
    if _is_known(word):
        return None
    meant = [target for target in _targets() if target[0] == word[0] and _is_slip(word, target)]
    return meant[0] if len(meant) == 1 else None


@cache
def _targets() -> tuple[str, ...]:
    return tuple(sorted(words("slips", "targets")))


@cache
def _vocabulary() -> frozenset[str]:
    """Return every word of the lists that texts are read by."""
    listed = (text for name in ("merchants", "evidence", "numbers", "dates") for text in _texts(data(name)))
    return frozenset(word for text in listed for word in re.findall(r"[^\W\d_]+", flat(text)))


def _texts(table: object) -> list[str]:
    if isinstance(table, str):
        return [table]
    if isinstance(table, dict):
        return [text for key, value in table.items() for text in (str(key), *_texts(value))]
    return [text for value in table for text in _texts(value)] if isinstance(table, list) else []


def _is_known(word: str) -> bool:
    return word in _vocabulary() or is_day(word) or all_generic([word]) or merchant_key(word) in brands()


def _is_slip(word: str, target: str) -> bool:
    missing = len(target) - len(word)
    if missing > 0:
        return _is_left_out(word, target, most=2 if len(target) >= _LONGEST else 1)
    if missing == 0:
        return _is_swapped(word, target) or (len(target) >= _LONG and _differing(word, target) == 1)
    return missing == -1 and _is_doubled(word, target)


def _is_left_out(word: str, target: str, *, most: int) -> bool:
    rest = iter(target)
    is_within = all(letter in rest for letter in word)
    is_ended = word[-1] == target[-1]
    return is_within and is_ended and len(target) - len(word) <= most


def _is_swapped(word: str, target: str) -> bool:
    at = [place for place, (a, b) in enumerate(zip(word, target, strict=True)) if a != b]
    return len(at) == 2 and at[1] == at[0] + 1 and word[at[0]] == target[at[1]] and word[at[1]] == target[at[0]]


def _differing(word: str, target: str) -> int:
    return sum(a != b for a, b in zip(word, target, strict=True))


def _is_doubled(word: str, target: str) -> bool:
    """Say whether a letter too many stands in a word: doubled, a vowel beside a vowel, or any one in a long word."""
    for at in range(1, len(word)):
        if word[:at] + word[at + 1 :] != target:
            continue
        beside = {word[at - 1], *word[at + 1 : at + 2]}
        is_vowel = word[at] in _VOWELS and bool(beside & _VOWELS)
        is_inside = len(target) >= _LONG and at + 1 < len(word)
        return word[at] in beside or is_vowel or is_inside
    return False
