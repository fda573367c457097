"""Looks at Stripe that are under way: one a subscription at a time, so that the last one begins after the last event.

An event that comes while a look is out asks for another one after it. That is what makes any order, any repetition and
any gap of events end in the same row (SB-4).
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from storage.billing.columns import owner
from storage.schema import Moment, metadata
from storage.work import Work

LOST = timedelta(hours=1)
"""After this a look whose answer never came is forgotten."""

watch = sa.Table(
    "plan_watch",
    metadata,
    owner(primary_key=True),
    sa.Column("gateway_ref", sa.Text, primary_key=True),
    sa.Column("asked_at", Moment),
    sa.Column("again", sa.Boolean, nullable=False),
)


def begin(work: Work, person_id: int, gateway_ref: str) -> bool:
    """Note that a subscription must be read; False when a look is out, after which it is read again."""
    mine = (watch.c.person_id == person_id, watch.c.gateway_ref == gateway_ref)
    row = work.row(sa.select(watch).where(*mine))
    if row is None:
        work.claim(watch.insert().values(person_id=person_id, gateway_ref=gateway_ref, asked_at=work.now, again=False))
        return True
    if row.asked_at is not None and work.now - row.asked_at < LOST:
        work.claim(watch.update().where(*mine).values(again=True))
        return False
    work.claim(watch.update().where(*mine).values(asked_at=work.now, again=False))
    return True


def ended(work: Work, person_id: int, gateway_ref: str) -> bool:
    """Note that a look came back; tell whether another one was wanted meanwhile, which then counts as begun."""
    mine = (watch.c.person_id == person_id, watch.c.gateway_ref == gateway_ref)
    row = work.row(sa.select(watch).where(*mine))
    again = row is not None and bool(row.again)
    work.claim(watch.update().where(*mine).values(asked_at=work.now if again else None, again=False))
    return again
