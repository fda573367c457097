"""Charges in Telegram Stars: one row each, so that a charge counts once and can be given back (TS-3 to TS-5)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.billing import refunds
from storage.billing.columns import key, owner
from storage.billing.orders import order
from storage.billing.subscriptions import subscription
from storage.billing.suspensions import suspension
from storage.conversation import conversation
from storage.people import address
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

charge = sa.Table(
    "star_charge",
    metadata,
    key(),
    owner(),
    sa.Column("order_id", sa.BigInteger),
    sa.Column("charge", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("payer", sa.LargeBinary, nullable=False),
    sa.Column("paid_until", Moment),
    sa.Column("bonus_days", sa.Integer, nullable=False),
    sa.Column("held", sa.Text),
    sa.Column("at", Moment, nullable=False),
    sa.Index("uq_star_charge_charge", "charge", unique=True),
    sa.Index("ix_star_charge_person", "person_id", "id"),
    sa.Index("ix_star_charge_order", "order_id"),
    one_of("kind", "once", "renewal"),
    sa.CheckConstraint("bonus_days >= 0", name="bonus_positive"),
)


NOBODY = 0
"""The payer of a charge whose person had their data deleted."""


def add(work: Work, person_id: int, name: str, *, payer: int, **values: Any) -> bool:
    """Store a charge; False when it is there."""
    row = {
        "id": work.new_id(), "person_id": person_id, "charge": name, "kind": "once", "bonus_days": 0,
        "payer": work.seal.seal(str(payer).encode()), "at": work.now,
    } | values  # fmt: skip
    made = work.claim(upsert(charge).values(row).on_conflict_do_nothing().returning(charge.c.id)).first()
    return made is not None


def first_of(work: Work, order_id: int) -> sa.Row[Any] | None:
    """Return the charge that paid an order first."""
    mine = sa.select(charge).where(charge.c.order_id == order_id, charge.c.kind == "once")
    return work.row(mine.order_by(charge.c.id).limit(1))


def named(work: Work, name: str) -> sa.Row[Any] | None:
    """Return a charge by Telegram's id."""
    return work.row(sa.select(charge).where(charge.c.charge == name))


def load(work: Work, charge_id: int) -> sa.Row[Any] | None:
    """Return a charge by our id."""
    return work.row(sa.select(charge).where(charge.c.id == charge_id))


def renewals_of(work: Work, order_id: int) -> list[sa.Row[Any]]:
    """Return the further charges of a plan, oldest first."""
    mine = (charge.c.order_id == order_id, charge.c.kind == "renewal")
    return work.rows(sa.select(charge).where(*mine).order_by(charge.c.id))


def went_back() -> sa.ColumnElement[bool]:
    """Return the condition that a renewal was given back; of the first charge its order tells."""
    named = refunds.refund.c.action == sa.literal(refunds.CHARGE) + charge.c.charge
    mine = (refunds.refund.c.order_id == charge.c.order_id, named, refunds.refund.c.state == "succeeded")
    return sa.exists().where(*mine)


def newest_of(work: Work, order_id: int) -> sa.Row[Any] | None:
    """Return the charge that paid an order last."""
    return work.row(sa.select(charge).where(charge.c.order_id == order_id).order_by(charge.c.id.desc()).limit(1))


def give_bonus(work: Work, charge_id: int, days: int) -> None:
    """Note how many days the rest of an older plan became (TS-6)."""
    work.claim(charge.update().where(charge.c.id == charge_id).values(bonus_days=days))


def payer_of(work: Work, row: sa.Row[Any]) -> int:
    """Return the numeric user id of whoever paid."""
    return int(work.seal.open(row.payer))


def hold(work: Work, name: str, why: str) -> None:
    """Mark a charge as held before people."""
    work.claim(charge.update().where(charge.c.charge == name).values(held=why))


# -- read while Telegram waits -------------------------------------------------------------------------------------


def standing(connection: sa.Connection, order_id: int) -> sa.Row[Any] | None:
    """Return an order with what its person may not be: suspended; and their conversation, sealed."""
    suspended = sa.exists().where(suspension.c.person_id == order.c.person_id).label("suspended")
    joined = order.outerjoin(conversation, conversation.c.person_id == order.c.person_id)
    columns: tuple[sa.ColumnElement[Any], ...] = (
        order.c.id, order.c.person_id, order.c.purpose, order.c.reference, order.c.gateway, order.c.state,
        order.c.total_minor, order.c.currency, order.c.expires_at, conversation.c.state.label("talk"), suspended,
    )  # fmt: skip
    return connection.execute(sa.select(*columns).select_from(joined).where(order.c.id == order_id)).first()


def person_at(connection: sa.Connection, digest: bytes) -> int | None:
    """Return whose address it is."""
    row = connection.execute(sa.select(address.c.person_id).where(address.c.hash == digest)).first()
    return None if row is None else int(row.person_id)


def live_plan(connection: sa.Connection, person_id: int) -> sa.Row[Any] | None:
    """Return plan, version, gateway and end of the subscription that is live."""
    mine = (subscription.c.person_id == person_id, subscription.c.state.in_(("trial", "active", "grace")))
    columns: tuple[sa.ColumnElement[Any], ...] = (
        subscription.c.plan, subscription.c.plan_version, subscription.c.gateway, subscription.c.period_end,
    )  # fmt: skip
    return connection.execute(sa.select(*columns).where(*mine)).first()


def live_row(work: Work, person_id: int) -> sa.Row[Any] | None:
    """Return the subscription that is live, whoever sold it."""
    live = subscription.c.state.in_(("trial", "active", "grace"))
    return work.row(sa.select(subscription).where(subscription.c.person_id == person_id, live))


def live_for_stars(work: Work, person_id: int) -> sa.Row[Any] | None:
    """Return the live subscription if it was bought for Stars."""
    row = live_row(work, person_id)
    return row if row is not None and row.gateway == "stars" else None


def plan_of_charge(work: Work, name: str) -> sa.Row[Any] | None:
    """Return the subscription that a first charge began."""
    return work.row(
        sa.select(subscription).where(subscription.c.gateway == "stars", subscription.c.gateway_ref == name)
    )


def plan_row(work: Work, subscription_id: int) -> sa.Row[Any] | None:
    """Return a subscription."""
    return work.row(sa.select(subscription).where(subscription.c.id == subscription_id))
