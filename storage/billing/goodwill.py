"""Goodwill: quota that staff give one person beside every plan, counted by the month in which it was given (RS-7).

The unique key of grants counts them: two members of staff who give at the same time cannot both be the third this
month. Why it was given stands among staff's notes on the person, sealed, and leaves with the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import audit, person_notes
from storage.billing import grants, ledger
from storage.billing.grants import Grant, grant
from storage.work import Work

SOURCE = "goodwill"


@dataclass(frozen=True, slots=True)
class Month:
    """What was given of a feature this month: how often, and how much; of what is over, only what was used."""

    count: int
    amount: int


def month(work: Work, person_id: int, feature: str) -> Month:
    """Return what a person was given since the first of the month (UTC), by anybody."""
    first = work.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    mine = (grant.c.person_id == person_id, grant.c.feature == feature, grant.c.source == SOURCE)
    rows = work.rows(sa.select(grant).where(*mine, grant.c.at >= first))
    return Month(len(rows), sum(row.taken if row.expires_at <= work.now else row.amount or 0 for row in rows))


def give(work: Work, person_id: int, made: Grant, *, reason: str, actor: str) -> bool:
    """Store goodwill with its audit entry and its reason; False when somebody gave some at the same moment."""
    if not grants.give(work, person_id, made):
        return False
    number = number_of(work, person_id, made.source_ref)
    until = f"{made.expires_at:%Y-%m-%dT%H:%MZ}"
    said = "unlimited" if made.unlimited else str(made.amount)
    audit.record(
        work, actor=actor, action="grant.give", obj=f"grant:{number}", feature=made.feature, amount=said, until=until
    )
    person_notes.add(work, person_id, actor=actor, remark=f"gave {said} {made.feature}: {reason}")
    return True


def reference(now: datetime, feature: str, number: int) -> str:
    """Return by what the next goodwill of a month is known."""
    return f"{feature}:{now:%Y-%m}:{number}"


def number_of(work: Work, person_id: int, ref: str) -> int:
    """Return the number by which goodwill is taken back."""
    (row,) = grants.of_source(work, person_id, SOURCE, ref)
    return int(row.id)


def load(work: Work, person_id: int, grant_id: int) -> sa.Row[Any] | None:
    """Return goodwill of a person that still counts."""
    mine = (grant.c.person_id == person_id, grant.c.id == grant_id, grant.c.source == SOURCE)
    return work.row(sa.select(grant).where(*mine, grant.c.expires_at > work.now))


def revoke(work: Work, person_id: int, grant_id: int, *, actor: str, operation_id: str) -> bool:
    """End goodwill now, with its audit entry; what was used of it stays used. False when none counts."""
    row = load(work, person_id, grant_id)
    if row is None:
        return False
    for ended, feature, unused in grants.end(work, person_id, SOURCE, row.source_ref):
        ledger.revoke(work, person_id, feature, operation_id, [(ended, unused)])
    audit.record(work, actor=actor, action="grant.revoke", obj=f"grant:{grant_id}")
    return True
