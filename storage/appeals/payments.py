"""Payments: what was offered, what was paid, what went back. One may be open per case.

The amount is fixed here when the link is made, and what the person saw and agreed to is kept with it (rules PAY-1,
PAY-2). The row is committed before Stripe is asked for a session (rule DATA-1).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of, partial_index
from storage.work import Work

OPEN = ("created", "open", "processing")
TAKEN = ("paid", "refund_pending", "partially_refunded", "refunded")
_open = "status IN ('created', 'open', 'processing')"

payment = sa.Table(
    "appeal_payment",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.ForeignKey("appeal_case.id"), nullable=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("draft_id", sa.ForeignKey("appeal_draft.id"), nullable=False),
    sa.Column("mail_class", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("discount_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("tax_minor", sa.BigInteger, nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text),
    sa.Column("intent", sa.Text),
    sa.Column("url", sa.LargeBinary),
    sa.Column("link", sa.LargeBinary),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("closing", sa.Text),
    sa.Column("next_draft_id", sa.BigInteger),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("paid_at", Moment),
    sa.Column("charged_minor", sa.BigInteger, nullable=False),
    sa.Column("refunded_minor", sa.BigInteger, nullable=False),
    sa.Column("disputed", sa.Boolean, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failure_code", sa.Text),
    sa.Column("waives_mail_by", sa.Boolean, nullable=False),
    sa.Column("receipt", sa.Text),
    sa.Column("method", sa.Text),
    sa.Column("terms_version", sa.Text),
    sa.Column("terms_at", Moment),
    sa.Column("created_at", Moment, nullable=False),
    sa.UniqueConstraint("session_id"),
    sa.UniqueConstraint("receipt"),
    partial_index("uq_appeal_payment_open", "case_id", unique=True, where=_open),
    sa.Index("ix_appeal_payment_case", "case_id", "id"),
    sa.Index("ix_appeal_payment_person", "person_id", "id"),
    sa.Index("ix_appeal_payment_intent", "intent"),
    sa.Index("ix_appeal_payment_status", "status", "created_at"),
    sa.Index("ix_appeal_payment_paid", "paid_at"),
    one_of(
        "status", "created", "open", "processing", "paid", "expired", "failed",
        "refund_pending", "partially_refunded", "refunded",
    ),
    one_of("mail_class", "standard", "certified"),
    sa.CheckConstraint("refunded_minor <= charged_minor", name="refunds_within_charge"),
)  # fmt: skip


def add(work: Work, payment_id: int, **values: Any) -> None:
    """Insert a payment; raise IntegrityError when the case has an open one."""
    work.claim(
        payment.insert().values(
            id=payment_id,
            status="created",
            charged_minor=0,
            refunded_minor=0,
            disputed=False,
            waives_mail_by=False,
            created_at=work.now,
            **values,
        )
    )


def load(work: Work, payment_id: int) -> sa.Row[Any] | None:
    """Return a payment."""
    return work.row(sa.select(payment).where(payment.c.id == payment_id))


def move(work: Work, payment_id: int, *, was: tuple[str, ...], to: str, **values: Any) -> bool:
    """Change the status if it still is one of `was`; tell whether it happened."""
    moved = work.claim(
        payment.update().where(payment.c.id == payment_id, payment.c.status.in_(was)).values(status=to, **values)
    )
    return moved.rowcount == 1


def change(work: Work, payment_id: int, **values: Any) -> None:
    """Change columns of a payment, never its status."""
    work.claim(payment.update().where(payment.c.id == payment_id).values(**values))


def of_case(work: Work, case_id: int, statuses: tuple[str, ...] | None = None) -> list[sa.Row[Any]]:
    """Return a case's payments, newest first."""
    query = sa.select(payment).where(payment.c.case_id == case_id).order_by(payment.c.id.desc())
    return work.rows(query if statuses is None else query.where(payment.c.status.in_(statuses)))


def of_person(work: Work, person_id: int, statuses: tuple[str, ...]) -> list[sa.Row[Any]]:
    """Return a person's payments in some states, newest first."""
    return work.rows(
        sa.select(payment)
        .where(payment.c.person_id == person_id, payment.c.status.in_(statuses))
        .order_by(payment.c.id.desc())
    )


def made_since(work: Work, person_id: int, since: datetime) -> int:
    """Return how many payments a person was offered since an instant."""
    mine = (payment.c.person_id == person_id, payment.c.created_at > since)
    row = work.row(sa.select(sa.func.count()).select_from(payment).where(*mine))
    return int(row[0]) if row is not None else 0


def by_session(work: Work, session_id: str) -> sa.Row[Any] | None:
    """Return the payment of a Checkout Session."""
    return work.row(sa.select(payment).where(payment.c.session_id == session_id))


def by_intent(work: Work, intent: str) -> sa.Row[Any] | None:
    """Return the payment of a payment intent."""
    return work.row(sa.select(payment).where(payment.c.intent == intent).order_by(payment.c.id.desc()))


def by_receipt(work: Work, receipt: str) -> sa.Row[Any] | None:
    """Return the payment of a receipt number."""
    return work.row(sa.select(payment).where(payment.c.receipt == receipt))


def any_payment(connection: sa.Connection) -> bool:
    """Tell whether anybody ever was asked to pay."""
    return connection.execute(sa.select(payment.c.id).limit(1)).first() is not None


def unsettled(connection: sa.Connection, since: datetime, limit: int = 200) -> list[sa.Row[Any]]:
    """Return open payments with a session, and recent ones, for the reconciling job (rule PAY-7)."""
    recent = sa.and_(payment.c.status.in_(["paid", "expired"]), payment.c.created_at >= since)
    return list(
        connection.execute(
            sa.select(payment.c.id, payment.c.person_id, payment.c.session_id, payment.c.status)
            .where(payment.c.session_id.is_not(None), payment.c.status.in_(OPEN) | recent)
            .order_by(payment.c.id)
            .limit(limit)
        )
    )


def page(connection: sa.Connection, payment_id: int) -> sa.Row[Any] | None:
    """Return what the pay page shows: class, amounts, status, expiry, and the sealed address of the Checkout page."""
    columns = (
        "mail_class",
        "amount_minor",
        "tax_minor",
        "total_minor",
        "currency",
        "status",
        "expires_at",
        "url",
        "closing",
    )
    return connection.execute(
        sa.select(*(payment.c[name] for name in columns)).where(payment.c.id == payment_id)
    ).first()
