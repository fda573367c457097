"""The ids of rows as files show them: `rcp_00ikm2j7w3f5p`, the same in every export, and the way back.

A prefix for the thing and the row id in 13 digits of base 36, so that ids sort as rows were made. A movement of money
that a receipt stands behind bears the receipt's id: it keeps it from draft to correction.
"""

from __future__ import annotations

import re

PREFIXES = {"receipt": "rcp", "entry": "txn", "category": "cat", "account": "acc", "rule": "rul", "budget": "bud",
    "picture": "pic"}  # fmt: skip
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH = 13
_OURS = re.compile(r"([a-z]{3})_([0-9a-z]{13})")


def outside_id(thing: str, row_id: int) -> str:
    """Return the name of a row in files."""
    digits = ""
    while row_id:
        row_id, digit = divmod(row_id, 36)
        digits = _DIGITS[digit] + digits
    return f"{PREFIXES[thing]}_{digits:0>{_LENGTH}}"


def row_of(thing: str, name: str) -> int | None:
    """Return the row id that a name of ours was made of; None for other names."""
    found = _OURS.fullmatch(name)
    if found is None or found[1] != PREFIXES[thing]:
        return None
    number = int(found[2], 36)
    return number if number < 1 << 63 else None
