"""How much of each metric a person used (LG-11): from the rows that the thing itself leaves, else from usage records.

What has rows of its own (a ticket, a delivery, a model's call, a day's segments) is counted there, as staff's reports
do, so that no second count can differ. Costs are told in millionths of a dollar.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.billing import usage
from storage.coaching.model_calls import model_call
from storage.coaching.usage import person_hash
from storage.people import usage as counted
from storage.schema import micros
from storage.segments import DAY_US
from storage.support.tickets import ticket
from storage.webhooks.deliveries import delivery
from storage.work import Work

_NANO = 1000


def total(work: Work, person_id: int, metric: str, since: datetime) -> int:
    """Return how much of a metric a person used since an instant; segments are counted by whole days (UTC)."""
    own = _OWN.get(metric)
    return usage.total(work, person_id, metric, since) if own is None else own(work, person_id, since)


def _tickets(work: Work, person_id: int, since: datetime) -> int:
    return _one(work, sa.select(sa.func.count()).where(ticket.c.person_id == person_id, ticket.c.opened_at >= since))


def _deliveries(work: Work, person_id: int, since: datetime) -> int:
    mine = (delivery.c.person_id == person_id, delivery.c.begun_at >= since, delivery.c.attempts > 0)
    return _one(work, sa.select(sa.func.count()).where(*mine))


def _cost(work: Work, person_id: int, since: datetime) -> int:
    mine = (model_call.c.person_hash == person_hash(work, person_id), model_call.c.at >= since)
    return _one(work, sa.select(sa.func.sum(model_call.c.nano_usd)).where(*mine)) // _NANO


def _segments(work: Work, person_id: int, since: datetime) -> int:
    days = (counted.c.person_id == person_id, counted.c.kind == "segments", counted.c.period >= micros(since) // DAY_US)
    return _one(work, sa.select(sa.func.sum(counted.c.used)).where(*days))


def _one(work: Work, query: sa.Select[Any]) -> int:
    row = work.row(query)
    return int(row[0] or 0) if row is not None else 0


_OWN: dict[str, Callable[[Work, int, datetime], int]] = {
    "tickets": _tickets, "webhook_deliveries": _deliveries, "coach_cost": _cost, "sms_segments": _segments,
}  # fmt: skip
