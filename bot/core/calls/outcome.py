"""The four ways in which a call can end (rule VEN-6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Done:
    """The vendor did it; `result` is one of the result classes in `bot.core.calls`, or None."""

    result: Any = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The vendor will never do it: `code` is a short closed word or the vendor's error code, `reason` is for staff.

    `whole_vendor` says, as in `Again`, that the vendor was in trouble: of a call whose time is over, so that it is not
    tried again (see `Urgent`).
    """

    code: str
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    whole_vendor: bool = False


UNAUTHORIZED = "unauthorized"
"""Why something is tried again although the vendor does not know our key: it waits until an operator has mended it."""


@dataclass(frozen=True, slots=True)
class Again:
    """It certainly did not happen and may work later; `retry_after` is the vendor's own wish, when it stated one.

    `whole_vendor` says that the trouble is not this call's (5xx, 429 for all): it counts for the circuit breaker.
    """

    reason: str
    retry_after: timedelta | None = None
    whole_vendor: bool = True


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have happened: a time-out or a cut connection after the request left. Never retried blindly."""

    reason: str


Outcome = Done | Refused | Again | Unknown
