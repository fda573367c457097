"""Who gets a ticket: pure rules over what is known of each candidate (AS-1, AS-2). Exact, so that ties are ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

STRATEGIES = ("hybrid", "round_robin", "least_busy", "expertise")
FULL = Fraction(9, 10)
"""Whoever has as much of their capacity, or more, gets nothing new."""
BUSY = Fraction(7, 10)
_NEVER = datetime.min.replace(tzinfo=UTC)
_PRESSING = ("high", "urgent")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the staff as the rules see them; `hours` is their mean working time to an answer, None when unknown."""

    id: int
    skills: frozenset[str]
    languages: frozenset[str]
    open: int
    capacity: int
    available: bool = True
    online: bool = False
    rating: Fraction | None = None
    hours: Fraction | None = None
    solved_for_person: bool = False
    given_at: datetime | None = None

    @property
    def load(self) -> Fraction:
        """The part of the capacity that is taken."""
        return Fraction(self.open, self.capacity)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the ticket asks for."""

    category: str
    priority: str
    language: str


def score(one: Candidate, wanted: Wanted) -> Fraction:
    """Return the hybrid score (AS-2)."""
    skill = 100 if wanted.category in one.skills else 50
    rating = Fraction(50) if one.rating is None else one.rating / 5 * 100
    response = Fraction(50) if one.hours is None else max(Fraction(0), 100 - 10 * one.hours)
    total = Fraction(40, 100) * skill + Fraction(35, 100) * (100 - one.load * 100)
    total += Fraction(25, 100) * (rating + response) / 2
    total += 5 * one.online + 10 * one.solved_for_person
    return total - 15 * (wanted.priority in _PRESSING and one.load > BUSY)


def eligible(candidates: Sequence[Candidate], wanted: Wanted) -> list[Candidate]:
    """Return who may get the ticket: here, below 90 % of their capacity, in its language unless none speaks it."""
    spoken = any(wanted.language in one.languages for one in candidates)
    return [
        one
        for one in candidates
        if one.available and one.load < FULL and (wanted.language in one.languages or not spoken)
    ]


def choose(candidates: Sequence[Candidate], wanted: Wanted, strategy: str = "hybrid") -> Candidate | None:
    """Return who gets the ticket; None when it has to wait. Ties go to fewer open tickets, then to the lower id."""
    able = eligible(candidates, wanted)
    match strategy:
        case "round_robin":
            return min(able, key=lambda one: (one.given_at or _NEVER, one.id), default=None)
        case "least_busy":
            return min(able, key=lambda one: (one.open, one.id), default=None)
        case "expertise":
            return min(able, key=lambda one: (wanted.category not in one.skills, one.open, one.id), default=None)
        case _:
            return min(able, key=lambda one: (-score(one, wanted), one.open, one.id), default=None)
