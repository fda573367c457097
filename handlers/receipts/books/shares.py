"""Percentages that add to 100, and amounts that add to their whole (rules SUM-3, CAT-8)."""

from __future__ import annotations

from collections.abc import Sequence


def percentages(amounts: Sequence[int]) -> list[int]:
    """Return whole percentages by largest remainder; they add to 100 unless no amount is positive.

    An amount of zero or less (more came back than was spent) has 0 %.
    """
    positive = [max(0, one) for one in amounts]
    whole = sum(positive)
    if not whole:
        return [0] * len(amounts)
    found = [one * 100 // whole for one in positive]
    remainders = sorted(range(len(positive)), key=lambda i: (-(positive[i] * 100 % whole), -positive[i], i))
    for i in remainders[: 100 - sum(found)]:
        found[i] += 1
    return found


def split(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Return parts of an amount in proportion to weights; the remainder goes to the largest part (CAT-8).

    Raises ValueError without a positive weight.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("a split needs weights of zero or more, one of them positive")
    sign, size = (-1, -amount_minor) if amount_minor < 0 else (1, amount_minor)
    parts = [size * one // whole for one in weights]
    parts[weights.index(max(weights))] += size - sum(parts)
    return [sign * one for one in parts]
