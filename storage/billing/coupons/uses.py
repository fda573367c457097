"""Uses of codes: reserved with a payment, redeemed when it comes in, released when it does not (CP-7, CP-8).

A use that stands holds one of its person's ordinals, which are unique; a released one holds none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from storage.billing.columns import key, owner
from storage.billing.coupons import codes
from storage.billing.coupons.codes import Coupon
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

RESERVED, REDEEMED, RELEASED = "reserved", "redeemed", "released"

use = sa.Table(
    "coupon_use",
    metadata,
    key(),
    sa.Column("coupon_id", sa.ForeignKey("coupon.id"), nullable=False),
    owner(),
    sa.Column("ordinal", sa.Integer),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("product", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("price_minor", sa.BigInteger, nullable=False),
    sa.Column("discount_minor", sa.BigInteger, nullable=False),
    sa.Column("is_late", sa.Boolean, nullable=False),
    sa.Column("reserved_at", Moment, nullable=False),
    sa.Column("redeemed_at", Moment),
    sa.Column("released_at", Moment),
    sa.Index("uq_coupon_use_operation", "operation", unique=True),
    sa.Index("uq_coupon_use_ordinal", "coupon_id", "person_id", "ordinal", unique=True),
    sa.Index("ix_coupon_use_person", "person_id", "coupon_id"),
    one_of("state", RESERVED, REDEEMED, RELEASED),
    sa.CheckConstraint("(state = 'released') = (ordinal IS NULL)", name="ordinal_held"),
    sa.CheckConstraint("discount_minor >= 0 AND discount_minor <= price_minor", name="discount_of_price"),
)


@dataclass(frozen=True, slots=True)
class Priced:
    """For what a use is: the operation names the payment, amounts are before tax."""

    operation: str
    product: str
    currency: str
    price_minor: int
    discount_minor: int


def reserve(work: Work, person_id: int, of: Coupon, priced: Priced) -> str:
    """Claim a use: empty when it is reserved, else `per_person` or `used_up`; nothing is kept of what is refused."""
    use_id = _claim_ordinal(work, person_id, of, priced)
    if use_id is None:
        return "per_person"
    if codes.take(work, of.id):
        return ""
    work.claim(use.delete().where(use.c.id == use_id))
    return "used_up"


def _claim_ordinal(work: Work, person_id: int, of: Coupon, priced: Priced) -> int | None:
    held = {row.ordinal for row in work.rows(_held(person_id, of.id))}
    row = {
        "coupon_id": of.id, "person_id": person_id, "operation": priced.operation, "product": priced.product,
        "state": RESERVED, "currency": priced.currency, "price_minor": priced.price_minor,
        "discount_minor": priced.discount_minor, "is_late": False, "reserved_at": work.now,
    }  # fmt: skip
    for ordinal in range(1, of.terms.max_per_person + 1):
        if ordinal in held:
            continue
        values = row | {"id": work.new_id(), "ordinal": ordinal}
        made = work.claim(upsert(use).values(values).on_conflict_do_nothing().returning(use.c.id)).first()
        if made is not None:
            return int(made.id)
    return None


def _held(person_id: int, coupon_id: int) -> sa.Select[Any]:
    mine = (use.c.person_id == person_id, use.c.coupon_id == coupon_id, use.c.ordinal.is_not(None))
    return sa.select(use.c.ordinal).where(*mine)


def held(work: Work, person_id: int, coupon_id: int) -> int:
    """Return how many uses of a code a person has reserved or redeemed."""
    return len(work.rows(_held(person_id, coupon_id)))


def of_operation(work: Work, operation: str) -> sa.Row[Any] | None:
    """Return the use of a payment."""
    return work.row(sa.select(use).where(use.c.operation == operation))


def redeem(work: Work, operation: str) -> sa.Row[Any] | None:
    """Redeem a use; one that was released counts all the same, beyond every limit, and is marked late."""
    known = of_operation(work, operation)
    if known is None or known.state == REDEEMED:
        return None
    values: dict[str, Any] = {"state": REDEEMED, "redeemed_at": work.now}
    if known.state == RELEASED:
        values |= {"is_late": True, "released_at": None, "ordinal": _beyond(work, known)}
    mine = (use.c.id == known.id, use.c.state == known.state)
    if work.claim(use.update().where(*mine).values(values)).rowcount != 1:
        return redeem(work, operation)
    if known.state == RELEASED:
        codes.count(work, known.coupon_id, 1)
    return known


def _beyond(work: Work, known: sa.Row[Any]) -> int:
    taken = [row.ordinal for row in work.rows(_held(known.person_id, known.coupon_id))]
    return max(taken, default=0) + 1


def release(work: Work, operation: str, *, redeemed_within: timedelta | None = None) -> bool:
    """Give a reserved use back, or one that was redeemed so lately; False when there is none."""
    known = of_operation(work, operation)
    if known is None:
        return False
    was = use.c.state == RESERVED
    if redeemed_within is not None:
        was = sa.and_(use.c.state == REDEEMED, use.c.redeemed_at >= work.now - redeemed_within)
    values = {"state": RELEASED, "ordinal": None, "released_at": work.now}
    if work.claim(use.update().where(use.c.id == known.id, was).values(values)).rowcount != 1:
        return False
    codes.count(work, known.coupon_id, -1)
    return True
