"""Accounts that staff suspended, and features that operators switched off for everybody (RS-1, RS-2)."""

from __future__ import annotations

import sqlalchemy as sa

from storage import audit
from storage.billing.columns import owner
from storage.schema import Moment, metadata
from storage.switches import switch
from storage.upsert import upsert
from storage.work import Work

PREFIX, OFF = "feature.", "off"
"""A kill switch is the switch `feature.<feature or category>` that stands at `off`."""

suspension = sa.Table(
    "account_suspension",
    metadata,
    owner(primary_key=True),
    sa.Column("reason", sa.LargeBinary, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)


def suspend(work: Work, person_id: int, *, reason: str, actor: str) -> bool:
    """Suspend an account; False when it is already."""
    row = {"person_id": person_id, "reason": work.seal.seal(reason.encode()), "actor": actor, "at": work.now}
    made = upsert(suspension).values(row).on_conflict_do_nothing().returning(suspension.c.person_id)
    done = work.claim(made).first() is not None
    if done:
        audit.record(work, actor=actor, action="account.suspend", obj=f"person:{person_id}")
    return done


def lift(work: Work, person_id: int, *, actor: str) -> bool:
    """End a suspension; False when there is none."""
    done = work.claim(suspension.delete().where(suspension.c.person_id == person_id)).rowcount == 1
    if done:
        audit.record(work, actor=actor, action="account.restore", obj=f"person:{person_id}")
    return done


def is_suspended(work: Work, person_id: int) -> bool:
    """Tell whether a person's account is suspended."""
    return work.row(sa.select(suspension.c.at).where(suspension.c.person_id == person_id)) is not None


def switched_off(work: Work) -> frozenset[str]:
    """Return the features and categories that are switched off for everybody."""
    named = (switch.c.name >= PREFIX, switch.c.name < PREFIX[:-1] + chr(ord(PREFIX[-1]) + 1))
    rows = work.rows(sa.select(switch.c.name).where(*named, switch.c.value == OFF))
    return frozenset(row.name.removeprefix(PREFIX) for row in rows)
