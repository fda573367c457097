"""Summaries made before, keyed by person, what was asked and the revision of the books (rule PERF-3).

A change gives the books a new revision, so an old value can never be shown. It lives in the process, and losing it
changes nothing but time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

T = TypeVar("T")


class BookCache:
    """The values that were asked for last."""

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, object] = OrderedDict()

    def get(self, person_id: int, revision: int, asked: Hashable, make: Callable[[], T]) -> T:
        """Return what was asked for at this revision, made if it is not known."""
        key = (person_id, revision, asked)
        if key not in self._kept:
            self._kept[key] = make()
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return cast(T, self._kept[key])
