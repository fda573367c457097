"""Refunds: a row each, committed before Stripe is asked, numbered within their payment (rule REF-10)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of
from storage.work import Work

refund = sa.Table(
    "appeal_refund",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("payment_id", sa.ForeignKey("appeal_payment.id"), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("note", sa.LargeBinary),
    sa.Column("stripe_id", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text),
    sa.Column("at", Moment, nullable=False),
    sa.Column("settled_at", Moment),
    sa.UniqueConstraint("payment_id", "seq"),
    sa.UniqueConstraint("stripe_id"),
    one_of("status", "requested", "pending", "succeeded", "failed"),
    sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
)


def add(work: Work, payment_id: int, **values: Any) -> sa.Row[Any]:
    """Insert the next refund of a payment and return its id and number."""
    following = sa.select(sa.func.coalesce(sa.func.max(refund.c.seq), 0) + 1).where(refund.c.payment_id == payment_id)
    return (
        work.claim(
            refund.insert()
            .values(id=work.ids.next(), payment_id=payment_id, seq=following.scalar_subquery(), at=work.now, **values)
            .returning(refund.c.id, refund.c.seq)
        )
    ).one()


def load(work: Work, refund_id: int) -> sa.Row[Any] | None:
    """Return a refund."""
    return work.row(sa.select(refund).where(refund.c.id == refund_id))


def by_stripe_id(work: Work, stripe_id: str) -> sa.Row[Any] | None:
    """Return the refund that Stripe knows by this id."""
    return work.row(sa.select(refund).where(refund.c.stripe_id == stripe_id))


def of_payment(work: Work, payment_id: int) -> list[sa.Row[Any]]:
    """Return a payment's refunds, oldest first."""
    return work.rows(sa.select(refund).where(refund.c.payment_id == payment_id).order_by(refund.c.seq))


def move(work: Work, refund_id: int, *, was: tuple[str, ...], to: str, **values: Any) -> bool:
    """Change the status if it still is one of `was`; tell whether it happened."""
    moved = work.claim(
        refund.update().where(refund.c.id == refund_id, refund.c.status.in_(was)).values(status=to, **values)
    )
    return moved.rowcount == 1


def committed(work: Work, payment_id: int) -> int:
    """Return the sum of refunds that succeeded or may yet succeed."""
    return sum(row.amount_minor for row in of_payment(work, payment_id) if row.status != "failed")
