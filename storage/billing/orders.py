"""Orders: what somebody wanted to buy, what was charged for it, what went back (business rules, section 8).

A row holds the amounts as they were told and a sealed snapshot of its lines, so that no later change of a price moves
it. The database lets one order of a purpose be open (PY-2) and one be fulfilled (PY-4), whoever tries.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.billing.columns import key, owner
from storage.schema import Moment, metadata, one_of, partial_index
from storage.work import Work

OPEN = ("created", "open", "processing")
TAKEN = ("paid", "partially_refunded", "refunded", "disputed")
STATES = ("created", "open", "processing", "paid", "partially_refunded", "refunded", "expired", "failed", "disputed")
GATEWAYS = ("stripe", "razorpay", "stars", "offline", "none")
"""`none` is an order over nothing: paid without a payment page (A71)."""

order = sa.Table(
    "pay_order",
    metadata,
    key(),
    owner(),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("gateway", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("is_physical", sa.Boolean, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("net_minor", sa.BigInteger, nullable=False),
    sa.Column("discount_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_minor", sa.BigInteger, nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("coupon", sa.Text),
    sa.Column("snapshot", sa.LargeBinary, nullable=False),
    sa.Column("link", sa.LargeBinary),
    sa.Column("url", sa.LargeBinary),
    sa.Column("session_ref", sa.Text),
    sa.Column("minted", sa.Integer, nullable=False),
    sa.Column("minting", sa.Text, nullable=False),
    sa.Column("closing", sa.Text),
    sa.Column("held", sa.Text),
    sa.Column("intent", sa.Text),
    sa.Column("method", sa.Text),
    sa.Column("charged_minor", sa.BigInteger, nullable=False),
    sa.Column("given_minor", sa.BigInteger, nullable=False),
    sa.Column("refunded_minor", sa.BigInteger, nullable=False),
    sa.Column("dispute", sa.Text),
    sa.Column("dispute_due", Moment),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failure_code", sa.Text),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("paid_at", Moment),
    sa.Column("fulfilled_at", Moment),
    sa.Column("created_at", Moment, nullable=False),
    sa.Index("ix_pay_order_person", "person_id", "id"),
    sa.Index("ix_pay_order_reference", "person_id", "purpose", "reference"),
    sa.Index("ix_pay_order_state", "state", "created_at"),
    sa.Index("ix_pay_order_paid", "paid_at"),
    sa.Index("uq_pay_order_session", "gateway", "session_ref", unique=True),
    sa.Index("uq_pay_order_intent", "gateway", "intent", unique=True),
    partial_index(
        "uq_pay_order_open", "person_id", "purpose", "reference", unique=True,
        where="state IN ('created', 'open', 'processing')",
    ),
    partial_index(
        "uq_pay_order_fulfilled", "person_id", "purpose", "reference", unique=True, where="fulfilled_at IS NOT NULL"
    ),
    one_of("state", *STATES),
    one_of("gateway", *GATEWAYS),
    one_of("minting", "", "wanted", "asked"),
    sa.CheckConstraint("total_minor = net_minor + tax_minor", name="total_adds_up"),
    sa.CheckConstraint("net_minor >= 0 AND discount_minor >= 0 AND tax_minor >= 0", name="amounts_positive"),
    sa.CheckConstraint("given_minor <= charged_minor", name="refunds_within_charge"),
    sa.CheckConstraint("refunded_minor <= given_minor", name="refunded_was_given"),
)  # fmt: skip


def add(work: Work, order_id: int, person_id: int, **values: Any) -> sa.Row[Any]:
    """Insert an order and return it; raise IntegrityError when one of its purpose is open."""
    row = {
        "id": order_id, "person_id": person_id, "state": "created", "minted": 0, "minting": "",
        "charged_minor": 0, "given_minor": 0, "refunded_minor": 0, "failures": 0, "created_at": work.now,
    } | values  # fmt: skip
    return work.claim(order.insert().values(row).returning(*order.c)).one()


def load(work: Work, order_id: int) -> sa.Row[Any] | None:
    """Return an order."""
    return work.row(sa.select(order).where(order.c.id == order_id))


def move(work: Work, order_id: int, *, was: tuple[str, ...], to: str, **values: Any) -> bool:
    """Change the state if it still is one of `was`; tell whether it happened."""
    here = (order.c.id == order_id, order.c.state.in_(was))
    return work.claim(order.update().where(*here).values(state=to, **values)).rowcount == 1


def change(work: Work, order_id: int, **values: Any) -> None:
    """Change columns of an order, never its state."""
    work.claim(order.update().where(order.c.id == order_id).values(**values))


def claim_fulfilment(work: Work, of: sa.Row[Any]) -> bool:
    """Claim the right to fulfil a purpose; False when an order of it was fulfilled before (PY-4)."""
    twin = order.alias()
    mine = (twin.c.person_id == of.person_id, twin.c.purpose == of.purpose, twin.c.reference == of.reference)
    done = sa.exists().where(*mine, twin.c.fulfilled_at.is_not(None))
    claimed = order.update().where(order.c.id == of.id, order.c.fulfilled_at.is_(None), ~done)
    return work.claim(claimed.values(fulfilled_at=work.now)).rowcount == 1


def commit_refund(work: Work, order_id: int, amount_minor: int) -> bool:
    """Set an amount aside to be given back; False when that would be more than was charged (PY-5)."""
    room = (order.c.id == order_id, order.c.given_minor + amount_minor <= order.c.charged_minor)
    return work.claim(order.update().where(*room).values(given_minor=order.c.given_minor + amount_minor)).rowcount == 1


def of_purpose(work: Work, person_id: int, purpose: str, reference: str) -> list[sa.Row[Any]]:
    """Return a person's orders of one purpose and reference, newest first."""
    mine = (order.c.person_id == person_id, order.c.purpose == purpose, order.c.reference == reference)
    return work.rows(sa.select(order).where(*mine).order_by(order.c.id.desc()))


def bought(work: Work, person_id: int, purpose: str, prefix: str) -> int:
    """Return how many orders of a purpose whose reference begins so were taken."""
    mine = (order.c.person_id == person_id, order.c.purpose == purpose, order.c.state.in_(TAKEN))
    named = (order.c.reference >= prefix, order.c.reference < prefix[:-1] + chr(ord(prefix[-1]) + 1))
    row = work.row(sa.select(sa.func.count()).select_from(order).where(*mine, *named))
    return int(row[0]) if row is not None else 0


def of_person(work: Work, person_id: int, limit: int) -> list[sa.Row[Any]]:
    """Return a person's newest orders in which money moved or may move."""
    mine = (order.c.person_id == person_id, order.c.state != "failed")
    return work.rows(sa.select(order).where(*mine).order_by(order.c.id.desc()).limit(limit))


def made_since(work: Work, person_id: int, since: datetime) -> int:
    """Return how many orders a person made since a moment."""
    mine = (order.c.person_id == person_id, order.c.id >= work.ids.floor(since))
    row = work.row(sa.select(sa.func.count()).select_from(order).where(*mine))
    return int(row[0]) if row is not None else 0


def by_session(work: Work, gateway: str, session_ref: str) -> sa.Row[Any] | None:
    """Return the order of a gateway's session."""
    return work.row(sa.select(order).where(order.c.gateway == gateway, order.c.session_ref == session_ref))


def by_intent(work: Work, gateway: str, intent: str) -> sa.Row[Any] | None:
    """Return the order that a charge paid."""
    return work.row(sa.select(order).where(order.c.gateway == gateway, order.c.intent == intent))


def by_gateway_id(work: Work, said: str) -> sa.Row[Any] | None:
    """Return the order that a gateway knows by a session or a charge of this id (for staff)."""
    for gateway in GATEWAYS[:4]:
        found = by_session(work, gateway, said) or by_intent(work, gateway, said)
        if found is not None:
            return found
    return None


def any_order(connection: sa.Connection) -> bool:
    """Tell whether anybody ever ordered."""
    return connection.execute(sa.select(order.c.id).limit(1)).first() is not None


def waiting(connection: sa.Connection, gateway: str, limit: int = 200) -> list[sa.Row[Any]]:
    """Return the orders whose session we hold for open, for the reconciling jobs."""
    mine = (order.c.gateway == gateway, order.c.state.in_(OPEN), order.c.session_ref.is_not(None))
    return list(
        connection.execute(sa.select(order.c.id, order.c.person_id).where(*mine).order_by(order.c.id).limit(limit))
    )


def giving(connection: sa.Connection, gateway: str, limit: int = 200) -> list[sa.Row[Any]]:
    """Return the orders whose money is on its way back, for the reconciling jobs."""
    state = order.c.state.in_(("paid", "partially_refunded", "disputed"))
    mine = (order.c.gateway == gateway, state, order.c.given_minor > order.c.refunded_minor)
    return list(
        connection.execute(sa.select(order.c.id, order.c.person_id).where(*mine).order_by(order.c.id).limit(limit))
    )


def page(connection: sa.Connection, order_id: int) -> sa.Row[Any] | None:
    """Return what the pay page shows and needs; names and address stay sealed."""
    columns = (
        "id", "person_id", "state", "gateway", "is_physical", "currency", "net_minor", "discount_minor", "tax_minor",
        "total_minor", "snapshot", "url", "closing", "minted", "minting", "expires_at",
    )  # fmt: skip
    return connection.execute(sa.select(*(order.c[name] for name in columns)).where(order.c.id == order_id)).first()


def unsettled(work: Work, person_id: int) -> list[int]:
    """Return the orders of a person that may still be paid, or whose money is on its way back."""
    pending = sa.or_(order.c.state == "processing", order.c.given_minor > order.c.refunded_minor)
    return [row.id for row in work.rows(sa.select(order.c.id).where(order.c.person_id == person_id, pending))]
