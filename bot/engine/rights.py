"""What a person may use and how much of it is left: small questions that a business layer answers (CAP-14, RS-*, LG-*).

A service asks by the key of a feature and knows no plan. `decide` tells a value with its reason; what is used up is
reserved before slow work and settled after it, under an operation id of the caller's, so that a retry books nothing
twice. Until a business layer sets `registry.rights`, nothing has a limit. Rights over one's own data (export, deletion,
opt-out) are never asked for here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.engine.turn import Turn
    from storage.work import Work

Value = bool | int | str | None
"""A switch, a number, one of a set of words; None is without limit."""


class Reason(StrEnum):
    """Which rule decided, in the order in which they do."""

    DISABLED = "disabled"
    SUSPENDED = "suspended"
    DENIED = "denied"
    OVERRIDE = "override"
    TRIAL = "trial"
    PLAN = "plan"
    DEFAULT = "default"
    UNKNOWN_FEATURE = "unknown_feature"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person may: `source` names the plan or override, `expires_at` is when the answer may change.

    `told` says it to the person, with the reset and, where something is denied, what would allow it (RS-8).
    """

    value: Value
    reason: Reason
    source: str = ""
    expires_at: datetime | None = None
    told: str = ""

    @property
    def allows(self) -> bool:
        """Whether there is any of it at all."""
        return self.value is None or (self.value != "none" and bool(self.value))


class Booked(StrEnum):
    """What became of a reservation: the same operation again gets its first answer, with another amount a conflict."""

    GRANTED = "granted"
    REFUSED = "refused"
    CONFLICT = "operation_conflict"


class Rights(Protocol):
    """Who answers. Called in a turn: no network, one batch of reads, bookings in the turn's own commit."""

    def decide(self, turn: Turn, feature: str) -> Decision:
        """Return what the person may of a feature now; never raise, and never "yes" by accident."""
        ...

    def permits(self, work: Work, person_id: int, feature: str) -> bool:
        """Tell of a switch whether a person has it, outside a turn: by reads alone, for doors that are asked often."""
        ...

    def reserve(self, turn: Turn, feature: str, operation: str, amount: int = 1) -> Booked:
        """Set an amount aside for an operation that begins now, in one conditional booking."""
        ...

    def settle(self, turn: Turn, feature: str, operation: str, *, used: int) -> None:
        """Book what the operation really used and give the rest back; 0 gives back all."""
        ...

    def count(self, turn: Turn, metric: str, quantity: int, operation: str) -> None:
        """Note once what an operation used of a metric that no quota limits (LG-11)."""
        ...

    def pays(self, turn: Turn) -> bool:
        """Tell whether the person is on a plan that costs something, and no trial of it."""
        ...


class Unlimited:
    """Nothing has a limit and nothing is counted: an installation without plans."""

    def decide(self, turn: Turn, feature: str) -> Decision:
        """Allow."""
        return Decision(None, Reason.DEFAULT)

    def permits(self, work: Work, person_id: int, feature: str) -> bool:
        """Allow."""
        return True

    def reserve(self, turn: Turn, feature: str, operation: str, amount: int = 1) -> Booked:
        """Grant."""
        return Booked.GRANTED

    def settle(self, turn: Turn, feature: str, operation: str, *, used: int) -> None:
        """Note nothing."""

    def count(self, turn: Turn, metric: str, quantity: int, operation: str) -> None:
        """Note nothing."""

    def pays(self, turn: Turn) -> bool:
        """Tell that nobody pays where there are no plans."""
        return False
