"""Grants of quota: of a plan for a period, of a pack, out of goodwill, of a coupon (LG-1, LG-4, LG-10).

`taken` is what is reserved or used of a grant and changes by conditional update only. The unique key makes a second
grant of the same source for the same period impossible, however many processes try.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.billing.columns import key, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

PRIORITY = {"goodwill": 10, "coupon": 10, "plan": 50, "override": 50, "pack": 90}
"""Which grants are used up first: those of the smallest number."""

grant = sa.Table(
    "quota_grant",
    metadata,
    key(),
    owner(),
    sa.Column("feature", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("source_ref", sa.Text, nullable=False),
    sa.Column("period_key", sa.Text, nullable=False),
    sa.Column("amount", sa.BigInteger),
    sa.Column("unlimited", sa.Boolean, nullable=False),
    sa.Column("taken", sa.BigInteger, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("effective_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index(
        "uq_quota_grant_source", "person_id", "feature", "source", "source_ref", "period_key", unique=True
    ),
    sa.Index("ix_quota_grant_live", "person_id", "expires_at"),
    one_of("source", *PRIORITY),
    sa.CheckConstraint("unlimited <> (amount IS NOT NULL)", name="amount_stated"),
    sa.CheckConstraint("amount IS NULL OR amount >= 0", name="amount_positive"),
    sa.CheckConstraint("taken >= 0", name="taken_positive"),
    sa.CheckConstraint("expires_at > effective_at", name="ends"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant; without an amount it is an error unless `unlimited` is written out (LG-10)."""

    feature: str
    source: str
    source_ref: str
    period_key: str
    effective_at: datetime
    expires_at: datetime
    amount: int | None = None
    unlimited: bool = False
    taken: int = 0
    id: int = 0

    def is_live(self, now: datetime) -> bool:
        """Tell whether it gives anything now."""
        return self.effective_at <= now < self.expires_at


def give(work: Work, person_id: int, made: Grant) -> bool:
    """Store a grant; False when one of this source and period is there. Raise ValueError for one without an amount."""
    if made.unlimited == (made.amount is not None):
        raise ValueError(f"a grant of {made.feature} says neither how much nor that it is unlimited")
    row = work.claim(
        upsert(grant)
        .values(
            id=work.new_id(), person_id=person_id, feature=made.feature, source=made.source,
            source_ref=made.source_ref, period_key=made.period_key, amount=made.amount, unlimited=made.unlimited,
            taken=0, priority=PRIORITY[made.source], effective_at=made.effective_at, expires_at=made.expires_at,
            at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(grant.c.id)
    ).first()  # fmt: skip
    return row is not None


def live(work: Work, person_id: int) -> tuple[Grant, ...]:
    """Return the grants of a person that are not over, in the order in which they are used up."""
    mine = (grant.c.person_id == person_id, grant.c.expires_at > work.now)
    order = (grant.c.priority, grant.c.expires_at, grant.c.id)
    return tuple(
        Grant(
            row.feature, row.source, row.source_ref, row.period_key, row.effective_at, row.expires_at, row.amount,
            row.unlimited, row.taken, row.id,
        )
        for row in work.rows(sa.select(grant).where(*mine).order_by(*order))
    )  # fmt: skip


def take(work: Work, grant_id: int, amount: int, *, most: int | None) -> bool:
    """Take an amount of a grant in one conditional statement; `most` is its whole size, None without limit.

    The size is told anew each time, because a plan's grant follows the plan (LG-7, RS-9).
    """
    holds = (grant.c.id == grant_id, grant.c.effective_at <= work.now, grant.c.expires_at > work.now)
    room = () if most is None else (grant.c.taken + amount <= most,)
    values = {"taken": grant.c.taken + amount, "amount": most, "unlimited": most is None}
    return work.claim(grant.update().where(*holds, *room).values(values)).rowcount == 1


def put_back(work: Work, grant_id: int, amount: int) -> None:
    """Put back what was taken of a grant."""
    work.claim(grant.update().where(grant.c.id == grant_id).values(taken=grant.c.taken - amount))


def end(work: Work, person_id: int, source: str, source_ref: str) -> list[tuple[int, str, int]]:
    """End the grants of a source now, and return (grant, feature, what was unused of it); what was taken stays so."""
    mine = (grant.c.person_id == person_id, grant.c.source == source, grant.c.source_ref == source_ref)
    found = work.rows(sa.select(grant).where(*mine, grant.c.expires_at > work.now))
    for row in found:
        ends = max(work.now, row.effective_at + timedelta(microseconds=1))
        work.claim(grant.update().where(grant.c.person_id == person_id, grant.c.id == row.id).values(expires_at=ends))
    return [(row.id, row.feature, max((row.amount or 0) - row.taken, 0)) for row in found]


def reopen(work: Work, person_id: int, source: str, source_ref: str, expires_at: datetime) -> None:
    """Let the grants of a source count again until an instant."""
    mine = (grant.c.person_id == person_id, grant.c.source == source, grant.c.source_ref == source_ref)
    work.claim(grant.update().where(*mine, grant.c.effective_at < expires_at).values(expires_at=expires_at))


def of_source(work: Work, person_id: int, source: str, source_ref: str) -> list[sa.Row[Any]]:
    """Return the grants of a source, also those that are over."""
    mine = (grant.c.person_id == person_id, grant.c.source == source, grant.c.source_ref == source_ref)
    return work.rows(sa.select(grant).where(*mine))
