"""Which of the numbers in a text is the amount (rules AMT-8 and AMT-10)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from handlers.receipts.typed.amounts import Amount, Rank, labelled
from handlers.receipts.typed.lexicon import phrases
from handlers.receipts.typed.message import Message
from handlers.receipts.typed.nouns import leading_noun

MOST_COUNTED = 20
MOST_COUNTED_ALONE = 4
MOST_COUNTED_AFTER = 6
SHORT_TEXT = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """The amounts that could be meant, best reading first; more than one are rivals or several purchases."""

    amounts: tuple[Amount, ...]

    @property
    def only(self) -> Amount | None:
        return self.amounts[0] if len(self.amounts) == 1 else None


def choose(message: Message, amounts: list[Amount]) -> Choice:
    """Return the amount of highest rank; a text of a bank names its amount first."""
    amounts = [amount for amount in amounts if amount.value] or amounts
    labels = list(labelled(message, amounts))
    totals = [replace(amount, rank=Rank.LABELLED) for amount, label in labels if label == "total"]
    mains = [amount for amount, label in labels if label is None]
    parts = [amount for amount, label in labels if label in ("tip", "part")]
    if totals:
        strong = [amount for amount in totals if amount.has_sign or amount.value % 1] or totals
        first_only = message.is_forwarded or len({amount.value for amount in strong}) == 1
        return Choice((strong[0],) if first_only else tuple(strong))
    left = mains or parts
    if len(left) == 1 and _is_count_alone(message, left[0]):
        return Choice(())
    if len(left) > 1 and all(amount.rank is Rank.BARE and _counts_things(message, amount) for amount in left):
        left = [amount for amount in left if not _is_before_things(message, amount)]
        if len(left) != 1:
            return Choice(())
    if not left:
        return Choice(())
    top = max(amount.rank for amount in left)
    group = [amount for amount in left if amount.rank == top]
    if len(group) > 1 and top is Rank.BARE:
        group = _without_counts(message, group)
    if len(group) > 1 and (
        message.is_forwarded
        or (len({(a.value, a.code) for a in group}) == 1 and not _has_words_between(message, group))
    ):
        group = group[:1]
    return Choice(tuple(group))


def _has_words_between(message: Message, group: list[Amount]) -> bool:
    return all(re.search(r"[^\W\d_]{2}", message.flat[a.end : b.start]) for a, b in pairwise(group))


def _without_counts(message: Message, group: list[Amount]) -> list[Amount]:
    """Drop whole numbers that count a thing ("2 tickets 48"), and those inside a name ("Studio 54 bar 20")."""
    counted = [amount for amount in group if _counts_things(message, amount)]
    left = [amount for amount in group if amount not in counted] if len(counted) < len(group) else group
    if len(left) > 1:
        year = [amount for amount in left if 1990 <= amount.value <= 2039]
        left = [amount for amount in left if amount not in year] or left
    if len(left) == 2 and not _joined_by_or(message, left):
        first, last = left
        inside = [a for a in left if _is_inside_name(message, a)]
        if len(inside) == 1:
            return [last if inside[0] is first else first]
    return left


def _is_count_alone(message: Message, amount: Amount) -> bool:
    """Say whether the only number counts a few things ("3 coffees"): no sum of money was told."""
    if amount.rank is Rank.BARE and not message.is_forwarded and message.flat[: amount.start].strip():
        return amount.value <= MOST_COUNTED_AFTER and _counts_things(message, amount)
    return (
        amount.rank is Rank.BARE
        and not message.is_forwarded
        and 1 < amount.value <= MOST_COUNTED_ALONE
        and _counts_things(message, amount)
        and not amount.has_sign
        and not message.flat[: amount.start].strip()
        and len(message.flat.split()) <= SHORT_TEXT
    )


def _counts_things(message: Message, amount: Amount) -> bool:
    if amount.value > MOST_COUNTED or amount.value % 1:
        return False
    if re.search(r"(?:for|of|x|qty|quantity|table)\s\Z", message.flat[max(0, amount.start - 10) : amount.start]):
        return True
    return _is_before_things(message, amount)


def _is_before_things(message: Message, amount: Amount) -> bool:
    """Say whether a thing in the plural follows: "2 shirts (at goodwill for 11)"."""
    following = re.findall(r"[^\W\d_]+", message.blank()[amount.end : amount.end + 30].split("\n")[0])
    return bool(following) and following[0].endswith("s") and (leading_noun(following) > 0 or len(following[0]) > 3)


def _is_inside_name(message: Message, amount: Amount) -> bool:
    before = message.text[: amount.start].rstrip().split(" ")[-1]
    after = message.text[amount.end :].lstrip().split(" ")[0]
    return before[:1].isalpha() and after[:1].isalpha() and before[:1].isupper()


def _joined_by_or(message: Message, amounts: list[Amount]) -> bool:
    between = message.flat[amounts[0].end : amounts[1].start]
    return bool(phrases("merchants", "words", "joining").search(between))


def is_alternative(message: Message, amounts: tuple[Amount, ...]) -> bool:
    """Say whether the text itself says that one of the amounts is meant ("40 or 45")."""
    return any(_joined_by_or(message, [a, b]) for a, b in pairwise(amounts))
