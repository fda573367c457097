"""Overrides: what staff gave one person beside their plan, or took from them, until when and why (RS-3, RS-4, RS-7).

The reason is sealed. Nothing is deleted while the person is there: what is taken back has its moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from storage import audit
from storage.billing.columns import key, owner
from storage.schema import Moment, metadata, one_of
from storage.work import Work

KINDS = ("feature_unlock", "quota_increase", "trial_extension", "emergency_access", "deny")
OPERATIONS = ("unlock", "set", "add", "max", "trial", "plan", "deny")
EVERY = "*"
"""Stands for the feature where an override is about none in particular."""

LONGEST = timedelta(days=365)

override = sa.Table(
    "entitlement_override",
    metadata,
    key(),
    owner(),
    sa.Column("feature", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("amount", sa.BigInteger),
    sa.Column("unlimited", sa.Boolean, nullable=False),
    sa.Column("starts_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("reason", sa.LargeBinary, nullable=False),
    sa.Column("ticket", sa.Text),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("revoked_at", Moment),
    sa.Index("ix_entitlement_override_person", "person_id", "expires_at"),
    sa.Index("ix_entitlement_override_ends", "expires_at"),
    one_of("kind", *KINDS),
    one_of("operation", *OPERATIONS),
    sa.CheckConstraint("expires_at > starts_at", name="ends"),
    sa.CheckConstraint("amount IS NULL OR amount >= 0", name="amount_positive"),
    sa.CheckConstraint(
        "(operation <> 'set' AND operation <> 'add' AND operation <> 'max') OR unlimited <> (amount IS NOT NULL)",
        name="amount_stated",
    ),
)


@dataclass(frozen=True, slots=True)
class Override:
    """One override; an amount of None is an error unless `unlimited` is written out (LG-10)."""

    id: int
    feature: str
    operation: str
    starts_at: datetime
    expires_at: datetime
    amount: int | None = None
    unlimited: bool = False

    def is_live(self, now: datetime) -> bool:
        """Tell whether it holds; at the expiry instant it is dead."""
        return self.starts_at <= now < self.expires_at


def standing(work: Work, person_id: int) -> tuple[Override, ...]:
    """Return the overrides that hold or will hold, oldest first."""
    mine = (override.c.person_id == person_id, override.c.expires_at > work.now, override.c.revoked_at.is_(None))
    return tuple(
        Override(row.id, row.feature, row.operation, row.starts_at, row.expires_at, row.amount, row.unlimited)
        for row in work.rows(sa.select(override).where(*mine).order_by(override.c.id))
    )


def ending(work: Work, within: timedelta) -> int:
    """Return how many overrides end soon, of all persons (CM-7)."""
    near = (override.c.expires_at > work.now, override.c.expires_at <= work.now + within)
    row = work.row(sa.select(sa.func.count()).where(*near, override.c.revoked_at.is_(None)))
    return int(row[0]) if row is not None else 0


def had(work: Work, person_id: int, kind: str) -> bool:
    """Tell whether a person ever got an override of a kind that was not taken back."""
    mine = (override.c.person_id == person_id, override.c.kind == kind, override.c.revoked_at.is_(None))
    return work.row(sa.select(override.c.id).where(*mine).limit(1)) is not None


def give(
    work: Work, person_id: int, made: Override, *, kind: str, reason: str, actor: str, ticket: str | None = None
) -> None:
    """Store an override with its audit entry (RS-7)."""
    work.claim(
        override.insert().values(
            id=made.id, person_id=person_id, feature=made.feature, kind=kind, operation=made.operation,
            amount=made.amount, unlimited=made.unlimited, starts_at=made.starts_at, expires_at=made.expires_at,
            reason=work.seal.seal(reason.encode()), ticket=ticket, actor=actor, at=work.now,
        )
    )  # fmt: skip
    details = {"kind": kind, "feature": made.feature, "operation": made.operation, "amount": made.amount}
    until = f"{made.expires_at:%Y-%m-%dT%H:%MZ}"
    audit.record(work, actor=actor, action="override.give", obj=f"override:{made.id}", until=until, **details)


def revoke(work: Work, person_id: int, override_id: int, *, actor: str) -> bool:
    """Take an override back, with its audit entry; False when it is not there or was taken back before."""
    mine = (override.c.person_id == person_id, override.c.id == override_id, override.c.revoked_at.is_(None))
    done = work.claim(override.update().where(*mine).values(revoked_at=work.now)).rowcount == 1
    if done:
        audit.record(work, actor=actor, action="override.revoke", obj=f"override:{override_id}")
    return done
