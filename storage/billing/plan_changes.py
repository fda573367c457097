"""Changes of plans: the offers that were shown (SB-7), the log of what happened (SB-14), and who was told what."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.billing.columns import key, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

KINDS = (
    "created", "trial_started", "renewed", "upgraded", "downgrade_scheduled", "downgrade_undone", "downgraded",
    "cancel_scheduled", "cancel_undone", "canceled", "payment_failed", "recovered", "paused", "comped",
)  # fmt: skip

plan_change = sa.Table(
    "plan_change",
    metadata,
    key(),
    owner(),
    sa.Column("subscription_id", sa.BigInteger, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("plan_version", sa.Integer, nullable=False),
    sa.Column("every", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("prorated_at", Moment),
    sa.Column("due_minor", sa.BigInteger),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_plan_change_person", "person_id", "id"),
    one_of("kind", "upgrade", "downgrade"),
    one_of("state", "asked", "shown", "confirmed", "done", "failed"),
)

plan_log = sa.Table(
    "plan_log",
    metadata,
    key(),
    owner(),
    sa.Column("subscription_id", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("was", sa.Text),
    sa.Column("now", sa.Text),
    sa.Column("amount_minor", sa.BigInteger),
    sa.Column("currency", sa.Text),
    sa.Column("cause", sa.Text),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_plan_log_person", "person_id", "subscription_id", "id"),
    one_of("kind", *KINDS),
)

plan_notice = sa.Table(
    "plan_notice",
    metadata,
    owner(primary_key=True),
    sa.Column("subscription_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("mark", sa.Text, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)


def add(work: Work, person_id: int, **values: Any) -> int:
    """Store an offer and return its id."""
    made = work.new_id()
    work.claim(plan_change.insert().values(id=made, person_id=person_id, state="asked", at=work.now, **values))
    return made


def load(work: Work, person_id: int, change_id: int) -> sa.Row[Any] | None:
    """Return an offer."""
    mine = (plan_change.c.person_id == person_id, plan_change.c.id == change_id)
    return work.row(sa.select(plan_change).where(*mine))


def move(work: Work, row: sa.Row[Any], *, was: str, to: str, **values: Any) -> bool:
    """Change an offer's state if it still is `was`; tell whether it happened."""
    mine = (plan_change.c.person_id == row.person_id, plan_change.c.id == row.id, plan_change.c.state == was)
    return work.claim(plan_change.update().where(*mine).values(state=to, **values)).rowcount == 1


def log(work: Work, person_id: int, subscription_id: int, kind: str, **values: Any) -> None:
    """Add a row to the log: versions before and now, an amount, and the event that caused it."""
    row = {"id": work.new_id(), "person_id": person_id, "subscription_id": subscription_id, "kind": kind}
    work.claim(plan_log.insert().values(**row, at=work.now, **values))


def logged(work: Work, person_id: int, subscription_id: int) -> list[sa.Row[Any]]:
    """Return the log of a subscription, oldest first."""
    mine = (plan_log.c.person_id == person_id, plan_log.c.subscription_id == subscription_id)
    return work.rows(sa.select(plan_log).where(*mine).order_by(plan_log.c.id))


def tell_once(work: Work, person_id: int, subscription_id: int, kind: str, mark: object) -> bool:
    """Claim the telling of something; False when it was told before."""
    row = {"person_id": person_id, "subscription_id": subscription_id, "kind": kind, "mark": str(mark), "at": work.now}
    made = upsert(plan_notice).values(row).on_conflict_do_nothing().returning(plan_notice.c.at)
    return work.claim(made).first() is not None


def marks(work: Work, person_id: int, subscription_id: int, kind: str) -> list[str]:
    """Return what was claimed under a kind."""
    mine = (plan_notice.c.person_id == person_id, plan_notice.c.subscription_id == subscription_id)
    rows = work.rows(sa.select(plan_notice.c.mark).where(*mine, plan_notice.c.kind == kind))
    return [str(row.mark) for row in rows]


def newest_done(work: Work, row: sa.Row[Any]) -> sa.Row[Any] | None:
    """Return the offer by which what comes next of a subscription was agreed to; None when it was planned elsewhere."""
    mine = (plan_change.c.person_id == row.person_id, plan_change.c.subscription_id == row.id)
    this = (plan_change.c.plan == row.next_plan, plan_change.c.every == row.next_every, plan_change.c.state == "done")
    return work.row(sa.select(plan_change).where(*mine, *this).order_by(plan_change.c.id.desc()).limit(1))


def was_told(work: Work, person_id: int, subscription_id: int, kind: str, mark: object) -> bool:
    """Tell whether something was claimed before."""
    mine = (plan_notice.c.person_id == person_id, plan_notice.c.subscription_id == subscription_id)
    this = (plan_notice.c.kind == kind, plan_notice.c.mark == str(mark))
    return work.row(sa.select(plan_notice.c.at).where(*mine, *this)) is not None
