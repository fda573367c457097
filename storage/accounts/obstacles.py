"""What stands against making one person of two (ID-6): each is named, and goes away by an act of theirs or of staff."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from storage.accounts import own
from storage.billing import suspensions
from storage.billing.subscriptions import LIVE_STATES, subscription
from storage.operators import operator
from storage.people import person
from storage.receipts import bank_items
from storage.schema import word
from storage.timers import timer
from storage.work import Work

DELETION = "own_data.delete"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why not: the last part of a text key, and the two things that it names."""

    what: str
    one: str = ""
    other: str = ""


def between(work: Work, survivor: int, absorbed: int, *, by_staff: bool = False) -> Obstacle | None:
    """Return the first thing that stands against a merge."""
    both = (survivor, absorbed)
    known = work.rows(sa.select(person.c.merged_into).where(person.c.id.in_(both)))
    if len(known) < 2 or survivor == absorbed or any(row.merged_into is not None for row in known):
        return Obstacle("gone")
    if not by_staff and work.row(sa.select(operator.c.id).where(operator.c.person_id.in_(both))) is not None:
        return Obstacle("staff")
    if any(suspensions.is_suspended(work, one) for one in both):
        return Obstacle("suspended")
    if _deletes(work, both):
        return Obstacle("deleting")
    if bank_items.with_token(work, absorbed):
        return Obstacle("bank")
    return _plans(work, both) or _cases(work, survivor, absorbed)


def _deletes(work: Work, both: tuple[int, int]) -> bool:
    waits = (timer.c.person_id.in_(both), timer.c.kind == DELETION, timer.c.state == word("set"))
    return work.row(sa.select(timer.c.id).where(*waits)) is not None


def _plans(work: Work, both: tuple[int, int]) -> Obstacle | None:
    """Two live subscriptions are refused, by name (A05)."""
    live = sa.select(subscription.c.person_id, subscription.c.plan).where(
        subscription.c.person_id.in_(both), subscription.c.state.in_(LIVE_STATES)
    )
    plans = {row.person_id: row.plan for row in work.rows(live)}
    return Obstacle("plans", plans[both[0]].capitalize(), plans[both[1]].capitalize()) if len(plans) > 1 else None


def _cases(work: Work, survivor: int, absorbed: int) -> Obstacle | None:
    code = own.both_paid(work, survivor, absorbed)
    return None if code is None else Obstacle("same_case", code)
