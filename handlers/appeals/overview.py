"""The list of a person's cases: code, city, last four, stage, next date (section 13 of the rules)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from bot.engine.turn import Turn
from handlers.appeals import records
from handlers.appeals.case_files import facts_of
from handlers.appeals.stages import BEFORE_PAYMENT
from storage.appeals import cases
from storage.work import Work


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case as it is listed."""

    case_id: int
    code: str
    city: str
    last_four: str
    stage: str
    reason: str | None
    next_date: date | None
    level: int


def my_cases(turn: Turn) -> list[CaseLine]:
    """Return this person's cases, newest first; unnumbered doubles are left out."""
    rows = cases.of_person(turn.work, turn.person.id)
    return [case_line(turn.work, row) for row in rows if row.reason != "same_ticket"]


def case_line(work: Work, row: sa.Row[Any]) -> CaseLine:
    """Return the line of one case."""
    city, facts = records.city_of(work, row.city_id), facts_of(work, row)
    waits = row.stage in (*BEFORE_PAYMENT, "awaiting_payment")
    return CaseLine(
        case_id=row.id,
        code=row.code,
        city=city.name if city else (row.city_id or ""),
        last_four=facts.last_four if facts.number else "",
        stage=row.stage,
        reason=row.reason,
        next_date=row.deadline if waits else None,
        level=row.level,
    )
