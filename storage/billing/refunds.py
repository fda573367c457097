"""Refunds of orders: a row each, committed before the gateway is asked, one for an action (PY-5)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.billing.columns import key, owner
from storage.schema import Id, Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

CHARGE = "charge:"
REASONS = ("duplicate", "fraudulent", "requested_by_customer")

refund = sa.Table(
    "order_refund",
    metadata,
    key(),
    owner(),
    sa.Column("order_id", Id, sa.ForeignKey("pay_order.id"), nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("note", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("gateway_ref", sa.Text),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("settled_at", Moment),
    sa.UniqueConstraint("order_id", "action"),
    sa.UniqueConstraint("gateway_ref"),
    sa.Index("ix_order_refund_person", "person_id", "id"),
    one_of("state", "requested", "pending", "succeeded", "failed"),
    one_of("reason", *REASONS),
    sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
)


def add(work: Work, order: sa.Row[Any], action: str, **values: Any) -> sa.Row[Any] | None:
    """Insert the refund of an action and return it; None when that action was taken before (A75)."""
    row = {
        "id": work.new_id(), "person_id": order.person_id, "order_id": order.id, "action": action,
        "state": "requested", "at": work.now,
    } | values  # fmt: skip
    return work.claim(upsert(refund).values(row).on_conflict_do_nothing().returning(*refund.c)).first()


def load(work: Work, refund_id: int) -> sa.Row[Any] | None:
    """Return a refund."""
    return work.row(sa.select(refund).where(refund.c.id == refund_id))


def by_action(work: Work, order_id: int, action: str) -> sa.Row[Any] | None:
    """Return the refund of an action."""
    return work.row(sa.select(refund).where(refund.c.order_id == order_id, refund.c.action == action))


def by_gateway_ref(work: Work, gateway_ref: str) -> sa.Row[Any] | None:
    """Return the refund that the gateway knows by this id."""
    return work.row(sa.select(refund).where(refund.c.gateway_ref == gateway_ref))


def of_charge(name: str) -> str:
    """Return the action that gives back a charge of its own among the refunds of an order: a renewal for Stars."""
    return f"{CHARGE}{name}"


def of_order(work: Work, order_id: int) -> list[sa.Row[Any]]:
    """Return an order's refunds, oldest first."""
    return work.rows(sa.select(refund).where(refund.c.order_id == order_id).order_by(refund.c.id))


def move(work: Work, refund_id: int, *, was: tuple[str, ...], to: str, **values: Any) -> bool:
    """Change the state if it still is one of `was`; tell whether it happened."""
    here = (refund.c.id == refund_id, refund.c.state.in_(was))
    return work.claim(refund.update().where(*here).values(state=to, **values)).rowcount == 1
