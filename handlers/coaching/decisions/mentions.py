"""Values found in a text before anybody asks whether they were meant: each with its kind and its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What a mention is; the letter stands for it in a skeleton (`i will charge M0 with D1`)."""

    MONEY = "M"
    PLATFORM = "P"
    STRUCTURE = "S"
    DAY = "D"
    BENEFIT = "B"
    CADENCE = "C"
    TASK = "T"
    TIME = "H"
    PERCENT = "R"


@dataclass(frozen=True, slots=True)
class Price:
    """An amount in minor units for a period; `flaw` says why it cannot be a price (a range, a discount, unreadable)."""

    minor: int
    currency: str
    period: str | None = None
    has_currency: bool = False
    flaw: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or a whole month when `is_month`; None when the words name no possible or no single day."""

    day: date | None
    is_month: bool = False

    def __str__(self) -> str:
        if self.day is None:
            return ""
        return self.day.strftime("%Y-%m") if self.is_month else self.day.isoformat()


@dataclass(frozen=True, slots=True)
class PlatformName:
    """A platform; `is_weak` ones need a commitment (common words, misspelt names)."""

    code: str
    is_weak: bool = False
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Tiers:
    """One tier or several; `is_weak` when the noun has many other meanings (level, plan, option)."""

    canonical: str
    is_weak: bool = False
    is_said: bool = False
    """The phrase is a statement by itself: "I don't want more than one tier"."""


@dataclass(frozen=True, slots=True)
class Benefit:
    """A benefit of the membership and how often it comes."""

    name: str
    cadence: str | None = None

    def __str__(self) -> str:
        return f"{self.name}@{self.cadence}" if self.cadence else self.name


Value = Price | PlatformName | Tiers | Day | Benefit | str


@dataclass(frozen=True, slots=True)
class Mention:
    """A value at a place of the text."""

    kind: Kind
    start: int
    end: int
    value: Value


@dataclass(slots=True)
class Finds:
    """The mentions of a text as they are found; a place is taken once."""

    flat: str
    mentions: list[Mention]

    def is_free(self, start: int, end: int) -> bool:
        """Say whether no mention touches the span."""
        return all(end <= other.start or start >= other.end for other in self.mentions)

    def add(self, kind: Kind, start: int, end: int, value: Value) -> bool:
        """Take the span for a value; False when it is taken."""
        if not self.is_free(start, end):
            return False
        self.mentions.append(Mention(kind, start, end, value))
        return True
