"""How much of a long proof runs: its short form in the suite, the whole of it in `make torture`.

A short form meets each kind of thing once; what it leaves out is more of the same kind. `PARLEY_PROOFS=whole` asks for
all of it.
"""

from __future__ import annotations

import os
from typing import TypeVar

WHOLE = os.environ.get("PARLEY_PROOFS") == "whole"

T = TypeVar("T")


def short(form: T, *, whole: T) -> T:
    """Return the short form of a proof, or the whole where that was asked for."""
    return whole if WHOLE else form
