"""Names that are made of common words: "lucky nails", "sushi zen", "daily grind" (rules MER-2, MER-3).

A thing at the end of a text is what was bought, and an adjective before a thing only tells which. Some words stand
before or after a thing in names only: nobody buys lucky nails, and no sushi is zen. They stand in `[trade]` of
`data/merchants.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence

from handlers.receipts.typed.lexicon import words
from handlers.receipts.typed.nouns import all_generic, is_filler, is_qualifier, is_venue, leading_noun


def trade_name(folded: Sequence[str]) -> int:
    """Return how many folded words at the start are one name of common words, 0 for none."""
    count = _after_lead(folded) or _with_tail(folded) or _of_kin(folded)
    return count + 1 if count and count < len(folded) and is_venue(folded[count]) else count


def leads_name(folded: Sequence[str]) -> bool:
    """Say whether the first of two or more words is one that only names begin with."""
    if len(folded) < 2 or (folded[0] not in words("merchants", "trade", "leads")):
        return False
    following = folded[1]
    if following in words("merchants", "trade", "no_name_after_lead") or not following.isalpha():
        return False
    return not (is_filler(following) or is_qualifier(following))


def begins_with_filler(folded: Sequence[str]) -> bool:
    """Say whether a word that is a filler elsewhere begins a name: what follows it is nothing that one buys."""
    heads = words("merchants", "trade", "filler_leads")
    return len(folded) > 1 and folded[0] in heads and folded[1].isalpha() and not all_generic(folded[1:2])


def _after_lead(folded: Sequence[str]) -> int:
    return 2 if leads_name(folded) or begins_with_filler(folded) else 0


def _of_kin(folded: Sequence[str]) -> int:
    """Return how many words are a name of kin and a thing ("two brothers tacos", "sisters pizza"): none is bought."""
    count = 1 if folded and folded[0] in words("merchants", "trade", "numbers") else 0
    if folded[count : count + 1] and folded[count] in words("merchants", "trade", "kin"):
        return count + 1 if leading_noun(folded[count + 1 :]) else 0
    return 0


def _with_tail(folded: Sequence[str]) -> int:
    count = leading_noun(folded)
    if not 0 < count < len(folded) or folded[0] in words("merchants", "trade", "no_heads"):
        return 0
    return count + 1 if folded[count] in words("merchants", "trade", "tails") else 0
