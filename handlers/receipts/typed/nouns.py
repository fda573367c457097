"""Generic nouns: what was bought rather than where (rule MER-3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from handlers.receipts.typed.lexicon import data, listed, words

LONGEST_NOUN = 3


@cache
def _nouns() -> frozenset[str]:
    return words("merchants", "words", "generic")


def _known(words_in: Sequence[str]) -> bool:
    if len(words_in) > 1 and words_in[0] in words("merchants", "words", "cuisines"):
        return _known(words_in[1:])
    phrase = " ".join(words_in)
    return any(form in _nouns() for form in _singulars(phrase))


def _singulars(phrase: str) -> tuple[str, ...]:
    forms = [phrase]
    if phrase.endswith("ies"):
        forms.append(phrase[:-3] + "y")
    if phrase.endswith("es"):
        forms.append(phrase[:-2])
    if phrase.endswith("s") and len(phrase) > 3:
        forms.append(phrase[:-1])
    if phrase.endswith("en") and len(phrase) > 5:
        forms += [phrase[:-1], phrase[:-2]]
    return tuple(forms)


def leading_noun(words_in: Sequence[str]) -> int:
    """Return how many words at the start are one generic noun, 0 for none."""
    return next((n for n in range(min(LONGEST_NOUN, len(words_in)), 0, -1) if _known(words_in[:n])), 0)


def trailing_noun(words_in: Sequence[str]) -> int:
    """Return how many words at the end are one generic noun, 0 for none."""
    return next((n for n in range(min(LONGEST_NOUN, len(words_in)), 0, -1) if _known(words_in[-n:])), 0)


def is_filler(word: str) -> bool:
    """Say whether a folded word never names a thing or a merchant."""
    return word in words("merchants", "words", "fillers") or word in words("merchants", "words", "payment")


def is_qualifier(word: str) -> bool:
    """Say whether a folded word only qualifies a noun ("large", "team", a quantity)."""
    return word in words("merchants", "words", "qualifiers") or word.isdecimal() or word in _months()


@cache
def _months() -> frozenset[str]:
    return frozenset(name for names in data("dates")["months"].values() for name in listed(names) if len(name) > 3)


def is_day(word: str) -> bool:
    """Say whether a folded word is a weekday's or a month's name in any language."""
    return word in _days()


@cache
def _days() -> frozenset[str]:
    tables = (data("dates")["months"], data("dates")["weekdays"])
    return frozenset(name for table in tables for names in table.values() for name in listed(names))


def is_venue(word: str) -> bool:
    """Say whether a folded word is a kind of place ("cafe")."""
    return any(form in _venues() for form in _singulars(word))


@cache
def _venues() -> frozenset[str]:
    return words("merchants", "words", "venues")


def _leading_venue(words_in: Sequence[str]) -> int:
    return next((n for n in (2, 1) if any(form in _venues() for form in _singulars(" ".join(words_in[:n])))), 0)


def all_generic(words_in: Sequence[str]) -> bool:
    """Say whether folded words are generic nouns, kinds of places, qualifiers and fillers only."""
    left = list(words_in)
    while left:
        if count := max(leading_noun(left), _leading_venue(left)):
            left = left[count:]
        elif not left[0] or is_filler(left[0]) or is_qualifier(left[0]):
            left = left[1:]
        else:
            return False
    return True


def is_generic(word: str) -> bool:
    """Say whether a folded word alone is a generic noun ("coffee", "tacos")."""
    return leading_noun([word]) == 1
