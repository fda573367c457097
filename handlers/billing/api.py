"""`/usage` of the HTTP API: the plan of a person and what they used in the period that runs (OR-2, LG-11)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import sqlalchemy as sa
from pydantic import BaseModel

from bot.engine.api import Call, Reply, Route
from bot.engine.registry import Registry
from handlers.billing import reading
from handlers.billing.access import access
from handlers.billing.catalogue import Catalogue
from storage.billing import measures, usage
from storage.people import person

SCOPE = "usage"


class Used(BaseModel):
    """How much of a metric was used."""

    metric: str
    quantity: int


class UsageOut(BaseModel):
    """The plan and its period; `since` is included, `until` is not. What was not used is 0."""

    plan: str
    since: datetime
    until: datetime
    data: list[Used]


def told(call: Call, catalogue: Catalogue) -> Reply:
    """Tell what was used, from the rows that USAGE and the report of staff read."""
    work, of = call.work, reading.entitlements(call.work, call.person_id, catalogue)
    row = work.row(sa.select(person.c.zone).where(person.c.id == call.person_id))
    zone = row.zone if row is not None and row.zone else reading.DEFAULT_ZONE
    plan = access(catalogue, of.subscription, of.overrides, work.now).plan or catalogue.free
    now = reading.period_at(of, zone, work.now)
    used = [Used(metric=one, quantity=measures.total(work, call.person_id, one, now.starts)) for one in usage.METRICS]
    return Reply(UsageOut(plan=plan.key, since=now.starts, until=now.ends, data=used))


def register(registry: Registry, catalogue: Catalogue) -> None:
    """Add the resource."""
    registry.serve(Route("GET", "/usage", partial(told, catalogue=catalogue), "Tell use.", UsageOut, scope=SCOPE))
