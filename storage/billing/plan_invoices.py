"""Invoices of plans as Stripe has them: its numbers, its pages, what was paid (PY-6, PY-8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.billing.columns import key, owner
from storage.schema import Moment, metadata
from storage.upsert import upsert
from storage.work import Work

REFUNDED, PARTLY = "refunded", "partially_refunded"
"""No statuses of Stripe's: its own says "paid" for ever."""
PAID = ("paid", PARTLY, REFUNDED)

plan_invoice = sa.Table(
    "plan_invoice",
    metadata,
    key(),
    owner(),
    sa.Column("subscription_id", sa.BigInteger, nullable=False),
    sa.Column("invoice_ref", sa.Text, nullable=False),
    sa.Column("number", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("refunded_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("url", sa.LargeBinary),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", Moment),
    sa.Column("paid_at", Moment),
    sa.Column("as_of", Moment, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_plan_invoice_person", "person_id", "at"),
    sa.Index("ix_plan_invoice_paid", "paid_at"),
    sa.UniqueConstraint("invoice_ref"),
)


def keep(work: Work, person_id: int, subscription_id: int, *, at: datetime, **values: Any) -> None:
    """Store an invoice, or what a newer look tells of it; what went back stays as it is known."""
    back = values["amount_minor"] if values["status"] == REFUNDED else 0
    row = {"id": work.new_id(), "person_id": person_id, "subscription_id": subscription_id, "at": at, **values}
    row["refunded_minor"] = back
    insert = upsert(plan_invoice).values(row)
    changes: dict[str, sa.ColumnElement[Any]] = {
        name: insert.excluded[name]
        for name in ("amount_minor", "number", "url", "attempts", "next_attempt_at", "paid_at", "as_of")
    }
    gone = plan_invoice.c.refunded_minor > 0
    for name in ("status", "refunded_minor"):
        changes[name] = sa.case((gone, plan_invoice.c[name]), else_=insert.excluded[name])
    newer = plan_invoice.c.as_of <= insert.excluded.as_of
    work.claim(insert.on_conflict_do_update(index_elements=["invoice_ref"], set_=changes, where=newer))


def refunded(work: Work, person_id: int, invoice_ref: str) -> None:
    """Note that all of an invoice's money went back."""
    mine = (plan_invoice.c.person_id == person_id, plan_invoice.c.invoice_ref == invoice_ref)
    work.claim(plan_invoice.update().where(*mine).values(status=REFUNDED, refunded_minor=plan_invoice.c.amount_minor))


def gave_back(work: Work, person_id: int, invoice_ref: str, minor: int) -> int:
    """Note how much of an invoice went back in all, and return what of that is new; an older sum is never news."""
    mine = (plan_invoice.c.person_id == person_id, plan_invoice.c.invoice_ref == invoice_ref)
    known = work.row(sa.select(plan_invoice).where(*mine))
    if known is None or minor <= known.refunded_minor:
        return 0
    same = plan_invoice.c.refunded_minor == known.refunded_minor
    state = REFUNDED if minor >= known.amount_minor else PARTLY
    noted = work.claim(plan_invoice.update().where(*mine, same).values(status=state, refunded_minor=minor))
    if noted.rowcount != 1:
        return gave_back(work, person_id, invoice_ref, minor)
    return minor - int(known.refunded_minor)


def newest(work: Work, person_id: int, subscription_id: int) -> sa.Row[Any] | None:
    """Return the newest invoice of a subscription."""
    mine = (plan_invoice.c.person_id == person_id, plan_invoice.c.subscription_id == subscription_id)
    return work.row(sa.select(plan_invoice).where(*mine).order_by(plan_invoice.c.at.desc(), plan_invoice.c.id.desc()))


def of_ref(work: Work, invoice_ref: str) -> sa.Row[Any] | None:
    """Return an invoice by Stripe's id."""
    return work.row(sa.select(plan_invoice).where(plan_invoice.c.invoice_ref == invoice_ref))


def numbered(work: Work, person_id: int, number: str) -> sa.Row[Any] | None:
    """Return a person's own invoice by Stripe's number."""
    return work.row(
        sa.select(plan_invoice).where(plan_invoice.c.person_id == person_id, plan_invoice.c.number == number)
    )


def first_paid(work: Work, person_id: int, subscription_id: int) -> datetime | None:
    """Return when a subscription was first paid for."""
    mine = (plan_invoice.c.person_id == person_id, plan_invoice.c.subscription_id == subscription_id)
    paid = (plan_invoice.c.status.in_(("paid", PARTLY)), plan_invoice.c.amount_minor > 0)
    row = work.row(sa.select(sa.func.min(plan_invoice.c.at)).where(*mine, *paid))
    return None if row is None or row[0] is None else row[0]
