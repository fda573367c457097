"""Memory that is free in this process and not to the system.

The C library keeps what a thread gave back, lest it must ask again: after a backup or an export some MiB that nobody
uses. glibc returns them when it is asked; elsewhere there is nothing to ask.
"""

from __future__ import annotations

from functools import cache
from typing import Any


def give_back() -> bool:
    """Return free memory to the system; False where the C library cannot. Other threads run meanwhile."""
    trim = _malloc_trim()
    return bool(trim and trim(0))


@cache
def _malloc_trim() -> Any:
    """Return glibc's function, or None; only Linux has glibc, and a library without it has no such name."""
    import ctypes
    import sys

    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
