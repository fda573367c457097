"""Switches for everything that goes wrong between us and a vendor.

A fault waits for the next calls of an operation (a name with `*` allowed) and is used up after `times` of them. The
server's middleware applies request faults around any handler; `Webhooks` applies those of events.

Requests: `status_before` (5xx, nothing happened), `status_after` (5xx although it happened), `timeout_before`,
`timeout_after` (never answers), `reset_before`, `reset_during` (half an answer, then RST), `rate_limit`, `latency`,
`truncate` (a whole HTTP answer with half a body).
Events: `duplicate`, `delay`, `reorder` (leaves after the next event), `drop`, `bad_signature` (first try only).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

REQUEST_FAULTS = (
    "status_before",
    "status_after",
    "timeout_before",
    "timeout_after",
    "reset_before",
    "reset_during",
    "rate_limit",
    "latency",
    "truncate",
)
HOOK_FAULTS = ("duplicate", "delay", "reorder", "drop", "bad_signature")


@dataclass(slots=True)
class Fault:
    """One armed fault; `times` None means until it is cleared, `skip` lets that many calls pass first."""

    fault: str
    operation: str = "*"
    times: int | None = 1
    skip: int = 0
    status: int = 500
    seconds: float = 0.0
    retry_after: float | None = None
    stored: bool = False
    """With `status_after`: the vendor keeps the 5xx as the answer of that idempotency key (Stripe may do so)."""

    def __post_init__(self) -> None:
        if self.fault not in REQUEST_FAULTS + HOOK_FAULTS:
            raise ValueError(f"unknown fault {self.fault!r}")
        if self.times is not None and self.times < 1:
            raise ValueError("times counts from 1")

    @property
    def delay(self) -> timedelta:
        """How long the fault lasts on the clock, or really for `latency`."""
        return timedelta(seconds=self.seconds)


class Faults:
    """The armed faults of one fake, oldest first."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []

    def add(self, fault: str, operation: str = "*", **details: Any) -> Fault:
        """Arm a fault; details are the fields of `Fault`. Raise ValueError or TypeError on nonsense."""
        delay = details.pop("delay", None)
        if isinstance(delay, timedelta):
            details["seconds"] = delay.total_seconds()
        armed = Fault(fault, operation, **details)
        self._armed.append(armed)
        return armed

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()

    def armed(self) -> list[dict[str, Any]]:
        """Return what is armed, as JSON would show it."""
        return [asdict(fault) for fault in self._armed]

    def take(self, operation: str, kinds: Iterable[str]) -> Fault | None:
        """Return the oldest fault of these kinds that meets this operation, counting it as used once."""
        wanted = set(kinds)
        for fault in self._armed:
            if fault.fault not in wanted or not fnmatchcase(operation, fault.operation):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            self._use(fault)
            return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times == 0:
            self._armed.remove(fault)
