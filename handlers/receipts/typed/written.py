"""How a name is written among other words: articles, numbers and capitals that belong to it, and known brands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.receipts.merchants import brands, merchant_key, telling_brands
from handlers.receipts.typed.lexicon import flat, words
from handlers.receipts.typed.nouns import all_generic, is_day, is_filler, is_qualifier, is_venue, leading_noun

LONGEST_BRAND = 5
_OF = frozenset({"de", "del", "di", "da", "do", "du", "des", "della", "dos", "das"})
PLACED = frozenset({"am", "im", "an", "zum", "zur"})
EDGE = ".:*-/'&_"
NUMBERED = re.compile(r"[A-Z][^\W\d_]+\s\d{1,3}")


def is_placed_by(before: str, after: str) -> bool:
    """Say whether capitals stand around a small German word: a name ("Apotheke am Markt"), no day ("am Montag")."""
    return before[:1].isupper() and after[:1].isupper() and after.isalpha() and not is_day(flat(after))


def is_article_of_name(tokens: Sequence[str]) -> bool:
    """Say whether the words are an article and a name ("la taqueria"), not an article and a thing."""
    if len(tokens) < 2 or flat(tokens[0]) not in words("merchants", "words", "articles"):
        return False
    rest = [flat(token).strip(EDGE) for token in tokens[1:]]
    if tokens[0].istitle() and tokens[1][:1].isupper():
        return not all_generic(rest)
    if all_generic(rest) or is_filler(rest[0]):
        return False
    if count := leading_noun(rest):
        return len(rest) == count + 1 and rest[-1] not in words("evidence", "people") and not is_filler(rest[-1])
    return not is_qualifier(rest[0]) or len(rest) > 1


def is_written_article(tokens: Sequence[str]) -> bool:
    """Say whether an article is written as the first word of a name: "El Califa"."""
    return len(tokens) > 1 and tokens[0].istitle() and tokens[1][:1].isupper()


def is_counted_name(name: Sequence[str]) -> bool:
    """Say whether a number begins a name: two words with capitals follow it ("5 Napkin Burger")."""
    return len(name) > 2 and name[0].isdecimal() and all(token[:1].isupper() for token in name[1:])


def begins_name(tokens: Sequence[str], count: int) -> bool:
    """Say whether a kind of place begins a name written the same way: "Café Tortoni", not "boulangerie Paul"."""
    if count != 1 or len(tokens) < 2 or not is_venue(flat(tokens[0]).strip(EDGE)):
        return False
    if tokens[0].islower() and flat(tokens[0]) in words("merchants", "words", "entry_heads"):
        return False
    rest = [flat(token).strip(EDGE) for token in tokens[1:]]
    if len(rest) > 1 and rest[0] in _OF:
        return not all_generic(rest[1:])
    return tokens[0][:1].isupper() == tokens[1][:1].isupper() and not all_generic(rest) and not is_filler(rest[0])


def is_written_first(tokens: Sequence[str], folded: str, count: int) -> bool:
    """Say whether a thing begins a name: all words have capitals, and it is none that people begin an entry with."""
    return (
        count == 1
        and len(tokens) > 1
        and folded not in words("merchants", "words", "entry_heads")
        and _singular(folded) not in words("merchants", "words", "entry_heads")
        and tokens[-1][:1].isupper()
        and all(token[:1].isupper() or flat(token) in words("merchants", "words", "particles") for token in tokens)
    )


def _singular(word: str) -> str:
    return word.removesuffix("s")


def lower_lead(tokens: Sequence[str]) -> int:
    """Return how many words in lower case stand before a name with capitals ("kebap Çiya Sofrası")."""
    count = next((at for at, token in enumerate(tokens) if token[:1].isupper() or token[:1].isdecimal()), 0)
    head = tokens[:count]
    if not count or any(not word.islower() or "'" in word or not word.isalpha() for word in head):
        return 0
    if flat(head[-1]) in words("merchants", "words", "particles") or merchant_key(" ".join(head)) in brands():
        return 0
    return count if all(token[:1].isupper() for token in (tokens[count], tokens[-1])) else 0


def is_part_of_name(tokens: Sequence[str], count: int) -> bool:
    """Say whether the noun at the end is written as part of a name: "Joe's Pizza", "CENTRAL CAFE"."""
    head, tail = tokens[:-count], tokens[-count:]
    small = words("merchants", "words", "particles")
    return bool(head) and all(
        token[:1].isupper() or not token[:1].isalpha() or (at and flat(token) in small)
        for at, token in enumerate((*head, *tail))
    )


def is_inside_brand(tokens: Sequence[str], at: int) -> bool:
    """Say whether a word is one of a brand of several words ("TOYS R US")."""
    return any(
        merchant_key(" ".join(tokens[start : start + count])) in brands()
        for count in range(2, LONGEST_BRAND + 1)
        for start in range(max(0, at - count + 1), min(at, len(tokens) - count) + 1)
    )


def begins_in_brand(tokens: Sequence[str]) -> bool:
    """Say whether the first words, two or more, are a brand."""
    counts = range(2, min(len(tokens), LONGEST_BRAND) + 1)
    return any(merchant_key(" ".join(tokens[:count])) in brands() for count in counts)


def ends_in_brand(tokens: Sequence[str]) -> bool:
    """Say whether the last words are a brand."""
    return any(
        merchant_key(" ".join(tokens[-count:])) in brands() for count in range(1, min(len(tokens), LONGEST_BRAND) + 1)
    )


def brand_in(tokens: Sequence[str], folded: Sequence[str]) -> tuple[int, int] | None:
    """Return the span of the longest brand among the words; a lone generic noun is none."""
    for count in range(min(len(tokens), LONGEST_BRAND), 0, -1):
        for start in range(len(tokens) - count + 1):
            if merchant_key(" ".join(tokens[start : start + count])) not in brands():
                continue
            if count > 1 or not all_generic(folded[start : start + count]):
                return start, start + count
    return None


def tells_alone(tokens: Sequence[str], start: int, end: int) -> bool:
    """Say whether a well-known brand stands beside words in lower case, which then name the thing ("ikea desk")."""
    rest = (*tokens[:start], *tokens[end:])
    return merchant_key(" ".join(tokens[start:end])) in telling_brands() and all(word.islower() for word in rest)
