"""The mirror of subscriptions: what a gateway last told, and which trial was ever used (business rules, section 5).

A person has one live subscription at most; the database refuses a second. Trials are remembered by keyed hash of each
address, so that they outlive a deletion.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.billing.columns import key, owner
from storage.people import address
from storage.schema import Moment, metadata, one_of, partial_index
from storage.upsert import upsert
from storage.work import Work

GATEWAYS = ("stripe", "stars", "comp", "offline")
STATES = ("pending", "trial", "active", "grace", "suspended", "ended")
LIVE_STATES = ("trial", "active", "grace")
LIVE = "state = 'trial' OR state = 'active' OR state = 'grace'"

subscription = sa.Table(
    "subscription",
    metadata,
    key(),
    owner(),
    sa.Column("gateway", sa.Text, nullable=False),
    sa.Column("customer_ref", sa.Text),
    sa.Column("gateway_ref", sa.Text),
    sa.Column("item_ref", sa.Text),
    sa.Column("price_ref", sa.Text),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("plan_version", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("gateway_status", sa.Text),
    sa.Column("every", sa.Text),
    sa.Column("amount_minor", sa.BigInteger),
    sa.Column("currency", sa.Text),
    sa.Column("schedule_ref", sa.Text),
    sa.Column("next_plan", sa.Text),
    sa.Column("next_every", sa.Text),
    sa.Column("anchor_at", Moment, nullable=False),
    sa.Column("period_start", Moment),
    sa.Column("period_end", Moment),
    sa.Column("cancel_at_period_end", sa.Boolean, nullable=False),
    sa.Column("trial_end", Moment),
    sa.Column("grace_since", Moment),
    sa.Column("as_of", Moment, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("method", sa.LargeBinary),
    sa.Column("ends_at", Moment),
    sa.Index("ix_subscription_person", "person_id", "id"),
    sa.Index("uq_subscription_gateway_ref", "gateway", "gateway_ref", unique=True),
    sa.Index("ix_subscription_state", "state", "as_of"),
    sa.Index("ix_subscription_customer", "customer_ref"),
    partial_index("uq_subscription_live", "person_id", where=LIVE, unique=True),
    one_of("gateway", *GATEWAYS),
    one_of("state", *STATES),
    # A gift, and what was paid for once, has an end; a trial and a grace know theirs.
    sa.CheckConstraint("state <> 'trial' OR trial_end IS NOT NULL", name="trial_ends"),
    sa.CheckConstraint("state <> 'grace' OR grace_since IS NOT NULL", name="grace_began"),
    sa.CheckConstraint("gateway = 'stripe' OR period_end IS NOT NULL", name="paid_until"),
)

trial_used = sa.Table(
    "trial_used",
    metadata,
    sa.Column("address_hash", sa.LargeBinary, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as far as access depends on it."""

    id: int
    gateway: str
    plan: str
    version: int
    state: str
    anchor_at: datetime
    period_end: datetime | None = None
    cancel_at_period_end: bool = False
    trial_end: datetime | None = None
    grace_since: datetime | None = None
    ends_at: datetime | None = None


def mirrored(work: Work, gateway_ref: str, gateway: str = "stripe") -> sa.Row[Any] | None:
    """Return the row of a subscription by the gateway's own id."""
    mine = (subscription.c.gateway == gateway, subscription.c.gateway_ref == gateway_ref)
    return work.row(sa.select(subscription).where(*mine))


def load(work: Work, person_id: int, subscription_id: int) -> sa.Row[Any] | None:
    """Return a person's subscription by our id."""
    mine = (subscription.c.person_id == person_id, subscription.c.id == subscription_id)
    return work.row(sa.select(subscription).where(*mine))


def of_customer(work: Work, customer_ref: str) -> sa.Row[Any] | None:
    """Return the newest subscription of one of Stripe's customers."""
    mine = sa.select(subscription).where(subscription.c.customer_ref == customer_ref)
    return work.row(mine.order_by(subscription.c.id.desc()).limit(1))


def live(work: Work, person_id: int) -> sa.Row[Any] | None:
    """Return the one subscription of a person that is live."""
    mine = (subscription.c.person_id == person_id, subscription.c.state.in_(LIVE_STATES))
    return work.row(sa.select(subscription).where(*mine))


def newest(work: Work, person_id: int) -> sa.Row[Any] | None:
    """Return the row that decides: a live one, else the newest."""
    found = live(work, person_id)
    mine = sa.select(subscription).where(subscription.c.person_id == person_id)
    return found or work.row(mine.order_by(subscription.c.id.desc()).limit(1))


def renewing_of(work: Work, person_id: int) -> list[sa.Row[Any]]:
    """Return what of a person's would still charge somebody: of Stripe's and for Stars, unless it is set to end."""
    mine = (subscription.c.person_id == person_id, subscription.c.gateway.in_(("stripe", "stars")))
    unpaid = subscription.c.state.in_(("grace", "suspended"))
    later = subscription.c.ends_at > subscription.c.period_end
    goes_on = sa.or_(unpaid, subscription.c.cancel_at_period_end.is_(False), later)
    own = sa.select(subscription).where(*mine, subscription.c.state.in_((*LIVE_STATES, "suspended")), goes_on)
    return work.rows(own.where(sa.or_(subscription.c.gateway == "stripe", subscription.c.state != "suspended")))


def renews(row: sa.Row[Any]) -> bool:
    """Tell whether a subscription is charged once more: it goes on, or ends at an instant of a later period only."""
    later = row.ends_at is not None and row.period_end is not None and row.ends_at > row.period_end
    return not row.cancel_at_period_end or later


def at_stripe(work: Work, person_id: int) -> list[sa.Row[Any]]:
    """Return what a person has at Stripe that is not over, paid for or not."""
    mine = (subscription.c.person_id == person_id, subscription.c.gateway == "stripe")
    return work.rows(sa.select(subscription).where(*mine, subscription.c.state != "ended"))


def renewing(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Return every row of Stripe's that is not over, for the reconciling job."""
    open_ = (subscription.c.gateway == "stripe", subscription.c.state.in_((*LIVE_STATES, "pending", "suspended")))
    return list(connection.execute(sa.select(subscription).where(*open_)))


def known(connection: sa.Connection, refs: Iterable[str]) -> list[sa.Row[Any]]:
    """Return the rows of Stripe's with these ids."""
    mine = (subscription.c.gateway == "stripe", subscription.c.gateway_ref.in_(list(refs)))
    return list(connection.execute(sa.select(subscription).where(*mine)))


def current(work: Work, person_id: int) -> Subscription | None:
    """Return the subscription that decides: a live one, else the newest; None for a person who never had one."""
    live = sa.case((subscription.c.state.in_(LIVE_STATES), 0), else_=1)
    mine = sa.select(subscription).where(subscription.c.person_id == person_id)
    row = work.row(mine.order_by(live, subscription.c.id.desc()).limit(1))
    if row is None:
        return None
    return Subscription(
        row.id, row.gateway, row.plan, row.plan_version, row.state, row.anchor_at, row.period_end,
        row.cancel_at_period_end, row.trial_end, row.grace_since, row.ends_at,
    )  # fmt: skip


def add(work: Work, person_id: int, *, plan: str, version: int, state: str, **values: Any) -> int | None:
    """Store a subscription and return its id; None when the person has a live one."""
    row = {
        "id": work.new_id(), "person_id": person_id, "plan": plan, "plan_version": version, "state": state,
        "gateway": "stripe", "anchor_at": work.now, "cancel_at_period_end": False, "as_of": work.now, "at": work.now,
    } | values  # fmt: skip
    made = work.claim(upsert(subscription).values(row).on_conflict_do_nothing().returning(subscription.c.id)).first()
    return None if made is None else int(made.id)


def change(work: Work, person_id: int, subscription_id: int, **values: Any) -> None:
    """Change what is known of a subscription."""
    mine = (subscription.c.person_id == person_id, subscription.c.id == subscription_id)
    work.claim(subscription.update().where(*mine).values(**{"as_of": work.now, **values}))


def pays_by(work: Work, person_id: int, subscription_id: int, method: bytes | None) -> None:
    """Keep what a subscription is paid by, sealed."""
    mine = (subscription.c.person_id == person_id, subscription.c.id == subscription_id)
    work.claim(subscription.update().where(*mine).values(method=method))


def claim_trial(work: Work, person_id: int) -> bool:
    """Note that a person uses their trial; False when one of their addresses ever had one (SB-12)."""
    hashes = [row.hash for row in work.rows(sa.select(address.c.hash).where(address.c.person_id == person_id))]
    return _note_trial(work, hashes)


def trial_spent(work: Work, person_id: int) -> bool:
    """Tell whether one of a person's addresses ever had a trial."""
    mine = sa.select(address.c.hash).where(address.c.person_id == person_id)
    return work.row(sa.select(trial_used.c.at).where(trial_used.c.address_hash.in_(mine)).limit(1)) is not None


def keep_trial(work: Work, person_id: int) -> None:
    """Note that a trial is spent for every address of a person who had one, also for those that came after it."""
    if trial_spent(work, person_id):
        claim_trial(work, person_id)


def _note_trial(work: Work, hashes: Iterable[bytes]) -> bool:
    taken = [
        work.claim(
            upsert(trial_used)
            .values(address_hash=one, at=work.now)
            .on_conflict_do_nothing()
            .returning(trial_used.c.address_hash)
        ).first()
        for one in sorted(hashes)
    ]
    return bool(taken) and all(one is not None for one in taken)
