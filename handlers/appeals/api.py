"""`/cases` of the HTTP API: a person's own appeals as they are listed in the chat (OR-2); read, and nothing else."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from bot.engine.api import Call, Reply, Route
from bot.engine.registry import Registry
from handlers.appeals.overview import case_line
from storage.appeals import cases

SCOPE = "cases"
NEWEST = 100


class CaseOut(BaseModel):
    """An appeal: `last_four` are those of the citation, `next_date` is its last day while it waits for the person."""

    code: str
    city: str
    last_four: str
    stage: str
    reason: str | None
    level: int
    next_date: date | None


class CaseList(BaseModel):
    """The newest hundred, newest first."""

    data: list[CaseOut]


def listed(call: Call) -> Reply:
    """List the cases; unnumbered doubles are left out."""
    rows = [row for row in cases.of_person(call.work, call.person_id, limit=NEWEST) if row.reason != "same_ticket"]
    lines = [case_line(call.work, row) for row in rows]
    shown = [
        CaseOut(
            code=one.code, city=one.city, last_four=one.last_four, stage=one.stage, reason=one.reason, level=one.level,
            next_date=one.next_date,
        )
        for one in lines
    ]  # fmt: skip
    return Reply(CaseList(data=shown))


def register(registry: Registry) -> None:
    """Add the resource."""
    registry.serve(Route("GET", "/cases", listed, "List appeals.", CaseList, scope=SCOPE))
