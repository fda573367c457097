"""How alike two merchants' keys are, from 0 (strangers) to 1 (the same)."""

from __future__ import annotations

from collections.abc import Container
from difflib import SequenceMatcher

_SHORTEST = 4
"""A key shorter than this says too little to be looked for inside another."""
_CUT_OFF, _WITHIN = 0.95, 0.85
_LEAST_ALIKE = 0.75

Aliases = Container[tuple[str, str]]
"""Pairs (key on the bank line, key on the receipt) of which the person once said that they are one."""


def likeness(on_line: str, on_receipt: str, aliases: Aliases = ()) -> float:
    """Return how alike two keys are: equal or a learnt alias, cut off by the bank, one in the other, or spelling."""
    if on_line == on_receipt or (on_line, on_receipt) in aliases:
        return 1.0
    short, long = sorted((on_line, on_receipt), key=len)
    if len(short) >= _SHORTEST:
        if long.startswith(short):
            return _CUT_OFF
        if short in long:
            return _WITHIN
    alike = SequenceMatcher(None, short, long, autojunk=False).ratio()
    return alike if alike >= _LEAST_ALIKE else 0.0
