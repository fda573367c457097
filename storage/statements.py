"""Every statement has a name, is counted under it, and is logged when it is slow (rule PERF-1).

A hot statement brings its name. Any other bears the name of the function that asks, such as
`receipts.search.page`: storage functions are one per statement of purpose, so nothing is named twice over. What a turn
buffered and the batch flushes is named by its verb and table. Parameters never reach this module.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from types import CodeType
from typing import Any

SLOW_SECONDS = 0.1
log = logging.getLogger("parley.statements")
tick = time.perf_counter


@dataclass(slots=True)
class Tally:
    """How often a statement ran, how long in all, and how often it was slow."""

    count: int = 0
    seconds: float = 0.0
    slow: int = 0


class Statements:
    """The tallies of a process; readers in threads note theirs too."""

    def __init__(self) -> None:
        self._tallies: dict[str, Tally] = {}
        self._lock = Lock()

    def note(self, name: str, started: float, rows: int, *, times: int = 1) -> None:
        """Count a statement that began at this reading of the clock and has ended now."""
        seconds = tick() - started
        slow = seconds > SLOW_SECONDS
        with self._lock:
            tally = self._tallies.get(name)
            if tally is None:
                tally = self._tallies[name] = Tally()
            tally.count += times
            tally.seconds += seconds
            tally.slow += slow
        if slow:
            found = {"statement": name, "ms": round(seconds * 1000, 1), "rows": rows}
            log.warning("slow statement %s: %s ms, %d rows", name, found["ms"], rows, extra=found)

    def __iter__(self) -> Iterator[tuple[str, Tally]]:
        return iter(sorted(self._tallies.items()))


STATEMENTS = Statements()
"""Of this process, whatever connections it has."""
_names: dict[CodeType, str] = {}


def asker(depth: int = 2) -> str:
    """Return the name of the function that called the caller of this one."""
    frame = sys._getframe(depth)
    name = _names.get(frame.f_code)
    if name is None:
        module = str(frame.f_globals.get("__name__", "")).removeprefix("storage.")
        name = _names[frame.f_code] = f"{module}.{frame.f_code.co_name.lstrip('_')}"
    return name


def described(statement: Any) -> str:
    """Return the verb and the table of a write that the batch flushes."""
    table = getattr(getattr(statement, "table", None), "name", "rows")
    return f"{getattr(statement, '__visit_name__', 'run')} {table}"
