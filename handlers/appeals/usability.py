"""Whether a city's record may carry a paid letter: rules REG-1 and REG-2, failing closed.

Every condition is asked, and every one that is missing is named, so that an operator sees the whole distance between
a record and its use. Nothing but `confirmed` counts, and what cannot be read counts as missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from handlers.appeals.city import AgencyAddress, City, DeadlineRule, Status
from handlers.appeals.registry import Registry


class Mode(Enum):
    """Demo prints DEMO on every page and needs no verification; live posts real letters."""

    DEMO = "demo"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Usability:
    """The answer: the address to use, or what is missing."""

    missing: tuple[str, ...]
    address: AgencyAddress | None

    @property
    def usable(self) -> bool:
        """Say whether nothing is missing."""
        return not self.missing


PURPOSES = {1: "level1_letter", 2: "level2_request"}


def purpose_of(level: int) -> str:
    """Return the address purpose of a letter at this level."""
    return PURPOSES.get(level, f"level{level}_request")


def judge_record(
    registry: Registry, city: City, *, mode: Mode, today: date, level: int = 1, planning: Status | None = None
) -> Usability:
    """Judge one record; `planning` is the status of the planning deadline, once one is known."""
    address = city.address(purpose_of(level))
    status = planning if planning is not None else _best_status(city.deadlines, level)
    conditions = {
        "policy": city.mail.policy == "letter",
        "policy_status": city.mail.status == "confirmed",
        "address": address is not None,
        "address_status": address is not None and address.status == "confirmed",
        "deadline_status": status == "confirmed",
        "upl": not registry.is_blocked(city),
        "launch": city.launch in ("first", "with_form"),
        "open": not city.closed,
        "verification": mode is Mode.DEMO or is_verified(city, today),
    }
    missing = tuple(name for name, met in conditions.items() if not met)
    return Usability(missing, address if not missing else None)


def is_verified(city: City, today: date) -> bool:
    """Say whether a person checked the record within its valid days (rule REG-2); a future date does not count."""
    check = city.mail.verification
    if check.verified_at is None or not check.verified_by or not check.method:
        return False
    return timedelta() <= today - check.verified_at <= timedelta(days=check.valid_days)


def _best_status(rules: tuple[DeadlineRule, ...], level: int) -> Status | None:
    """Return `confirmed` when a contest rule of the level has it; at level 2 the deadline itself must be known."""
    statuses = [rule.status for rule in rules if rule.level == level and rule.role == "contest" and rule.days]
    return "confirmed" if "confirmed" in statuses else (statuses[0] if statuses else None)
