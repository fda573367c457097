"""What comes after a decision: the next level's last day, name, cost and source (rules DL-10, REM-7).

Where the city and the statute state different windows the shorter one is planned with, and the city's is not shown as
a promise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from bot.core.money import Money
from bot.engine.turn import Turn
from handlers.appeals import records
from handlers.appeals.city import City, Level
from handlers.appeals.clocks import CaseDates, city_rules
from handlers.appeals.deadlines import plan
from handlers.appeals.registry import packaged_registry
from handlers.appeals.usability import purpose_of

_CENTS = re.compile(r"\b(\d+) cents\b")
"""How the records write an amount inside the words about a cost."""


@dataclass(frozen=True, slots=True)
class NextLevel:
    """The next stage of review and until when it may be asked for."""

    level: int
    name: str
    cost: str
    source: str
    last: date | None
    days: int | None
    is_past: bool
    takes_letters: bool


def next_level(turn: Turn, row: sa.Row[Any], decided_on: date | None) -> NextLevel | None:
    """Return the stage after a case's level; None when the record names none."""
    city = records.city_of(turn.work, row.city_id)
    if city is None:
        return None
    level, registry = row.level + 1, packaged_registry()
    stage = _stage(city, level)
    if stage is None:
        return None
    dates = plan(city_rules(registry, city), CaseDates(decision_mailed=decided_on, level=level), now=turn.now)
    last = dates.deadline
    return NextLevel(
        level=level,
        name=stage.name,
        cost=_CENTS.sub(lambda cents: str(Money(int(cents[1]), "USD")), stage.cost or ""),
        source=city.levels.source,
        last=last,
        days=(last - decided_on).days if last and decided_on else None,
        is_past=dates.is_past,
        takes_letters=city.address(purpose_of(level)) is not None,
    )


def _stage(city: City, level: int) -> Level | None:
    scheme = packaged_registry().states.level_schemes.get(city.levels.scheme or "")
    stages = (*city.levels.levels, *(scheme.levels if scheme else ()))
    return next((stage for stage in stages if stage.level == level), None)
