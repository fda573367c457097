"""Purchases of plans: what was shown and agreed to, the link to pay, and what became of it (SB-2, SB-3).

A row is the consent to a plan that renews: the version of the words, the message that said OK and its instant. It is
kept three years, or one after the end of the plan, whichever is later. A person has one open purchase at most.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.seal import Seal
from storage.billing.columns import key, owner
from storage.billing.coupons.uses import use
from storage.links import follow_link
from storage.schema import Moment, metadata, one_of, partial_index
from storage.work import Work

COUPON_WAITS = ""
"""Stands for the promotion code of a purchase with a coupon until Stripe made it; without a coupon there is none."""
LINK = "plan"
"""The name of our links to a purchase."""
OPEN = ("created", "open", "processing")

purchase = sa.Table(
    "plan_purchase",
    metadata,
    key(),
    owner(),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("plan_version", sa.Integer, nullable=False),
    sa.Column("every", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("trial_days", sa.Integer, nullable=False),
    sa.Column("promotion", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("session_ref", sa.Text),
    sa.Column("url", sa.LargeBinary),
    sa.Column("session_ends", Moment),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("wording", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("paid_at", Moment),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_plan_purchase_person", "person_id", "id"),
    partial_index(
        "uq_plan_purchase_open", "person_id", unique=True,
        where="state = 'created' OR state = 'open' OR state = 'processing'",
    ),
    one_of("state", *OPEN, "paid", "failed", "expired", "replaced"),
    one_of("every", "month", "year"),
    sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
)  # fmt: skip


def add(work: Work, person_id: int, **values: Any) -> int:
    """Store a purchase and return its id."""
    made = work.new_id()
    row = {"id": made, "person_id": person_id, "state": "created", "attempt": 1, "at": work.now}
    work.claim(purchase.insert().values(**row, **values))
    return made


def add_paid(work: Work, person_id: int, **values: Any) -> None:
    """Store the consent to a plan that another till sold: paid already, without a link of ours."""
    row = {
        "id": work.new_id(), "person_id": person_id, "state": "paid", "attempt": 1, "trial_days": 0, "at": work.now,
        "expires_at": work.now, "paid_at": work.now,
    }  # fmt: skip
    work.claim(purchase.insert().values(**row, **values))


def operation(purchase_id: int) -> str:
    """Return the name under which the use of a coupon is kept for a purchase."""
    return f"purchase:{purchase_id}"


def load(work: Work, purchase_id: int) -> sa.Row[Any] | None:
    """Return a purchase."""
    return work.row(sa.select(purchase).where(purchase.c.id == purchase_id))


def open_one(work: Work, person_id: int) -> sa.Row[Any] | None:
    """Return a person's open purchase."""
    mine = (purchase.c.person_id == person_id, purchase.c.state.in_(OPEN))
    return work.row(sa.select(purchase).where(*mine))


def unsettled(work: Work, person_id: int) -> list[int]:
    """Return the purchases of a person whose money is on its way."""
    mine = (purchase.c.person_id == person_id, purchase.c.state == "processing")
    return [row.id for row in work.rows(sa.select(purchase.c.id).where(*mine))]


def paid_by(work: Work, person_id: int) -> list[sa.Row[Any]]:
    """Return what a person paid for, oldest first; each row is their consent to its terms as well."""
    mine = (purchase.c.person_id == person_id, purchase.c.state == "paid")
    return work.rows(sa.select(purchase).where(*mine).order_by(purchase.c.id))


def move(work: Work, row: sa.Row[Any], *, was: tuple[str, ...], to: str, **values: Any) -> bool:
    """Change the state if it still is one of `was`; tell whether it happened."""
    mine = (purchase.c.person_id == row.person_id, purchase.c.id == row.id, purchase.c.state.in_(was))
    return work.claim(purchase.update().where(*mine).values(state=to, **values)).rowcount == 1


def recent(work: Work, person_id: int, since: datetime) -> int:
    """Return how many purchases a person began since an instant."""
    mine = (purchase.c.person_id == person_id, purchase.c.at >= since)
    row = work.row(sa.select(sa.func.count()).select_from(purchase).where(*mine))
    return int(row[0]) if row is not None else 0


def any_purchase(connection: sa.Connection) -> bool:
    """Tell whether anybody ever began to buy a plan for money; Stars have a list of their own."""
    return connection.execute(sa.select(purchase.c.id).where(purchase.c.currency != "XTR").limit(1)).first() is not None


def behind(connection: sa.Connection, seal: Seal, token: str, now: datetime) -> sa.Row[Any] | None:
    """Return the purchase of a token in our address; None when the token is not a purchase's."""
    found = follow_link(connection, seal, kind="p", token=token, now=now)
    if found is None or found.name != LINK:
        return None
    return connection.execute(sa.select(purchase).where(purchase.c.id == found.target)).first()


def off(connection: sa.Connection, purchase_id: int) -> int:
    """Return what a coupon takes off a purchase."""
    mine = use.c.operation == operation(purchase_id)
    return int(connection.execute(sa.select(use.c.discount_minor).where(mine)).scalar() or 0)


def buyer(connection: sa.Connection, written: str) -> int | None:
    """Return who began a purchase, by its id as a vendor's metadata carry it."""
    if not (written.isascii() and written.isdigit() and len(written) < 20):
        return None
    found: int | None = connection.execute(
        sa.select(purchase.c.person_id).where(purchase.c.id == int(written))
    ).scalar()
    return found
