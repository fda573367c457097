"""Corrections of what was counted: staff say that so much more, or so much less, was used of a running grant.

What open reservations hold is never touched, so that they can still be settled. The entry is of the kind `adjust`;
its operation says in which direction.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.billing import grants
from storage.billing.grants import Grant, grant
from storage.billing.ledger import entry, operation
from storage.work import Work


def correct(work: Work, person_id: int, feature: str, more: int, *, operation_id: str) -> bool:
    """Count `more` as used (fewer, below zero) of one live grant, all of it or nothing."""
    live = [one for one in grants.live(work, person_id) if one.feature == feature and one.is_live(work.now)]
    for one in live if more > 0 else reversed(live):
        if _fits(work, person_id, one, more) and _moved(work, person_id, one, more):
            way = "more" if more > 0 else "less"
            row = {
                "id": work.new_id(), "person_id": person_id, "feature": feature, "grant_id": one.id,
                "operation": f"{operation_id}:{way}", "kind": "adjust", "amount": abs(more), "at": work.now,
            }  # fmt: skip
            work.claim(entry.insert().values(row))
            return True
    return False


def _fits(work: Work, person_id: int, one: Grant, more: int) -> bool:
    if more > 0:
        return one.amount is None or one.taken + more <= one.amount
    return one.taken - _held(work, person_id, one) + more >= 0


def _held(work: Work, person_id: int, one: Grant) -> int:
    """Return what open reservations hold of a grant."""
    is_its = sa.and_(
        operation.c.person_id == entry.c.person_id,
        operation.c.feature == entry.c.feature,
        operation.c.operation == entry.c.operation,
    )
    waits = (operation.c.state == "reserved", entry.c.kind == "reserve", entry.c.grant_id == one.id)
    total = sa.select(sa.func.coalesce(sa.func.sum(entry.c.amount), 0)).select_from(entry.join(operation, is_its))
    row = work.row(total.where(entry.c.person_id == person_id, *waits))
    return int(row[0]) if row is not None else 0


def _moved(work: Work, person_id: int, one: Grant, more: int) -> bool:
    """Change what is taken, if nobody took anything since it was read."""
    mine = (grant.c.person_id == person_id, grant.c.id == one.id, grant.c.taken == one.taken)
    return work.claim(grant.update().where(*mine).values(taken=grant.c.taken + more)).rowcount == 1
