"""What a person paid and got back, over orders, letters, invoices of plans and Stars, newest first (PY-8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.appeals.payments import payment
from storage.billing import documents
from storage.billing.charges import charge, went_back
from storage.billing.documents import document
from storage.billing.orders import TAKEN, order
from storage.billing.plan_invoices import PAID, plan_invoice
from storage.billing.subscriptions import subscription
from storage.work import Work

_SHOWN = (*PAID, "open")
_TAKEN_LETTERS = ("paid", "refund_pending", "partially_refunded", "refunded")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `kind` is order, letter, plan or credit; `number` is its document's, empty without one."""

    at: datetime
    kind: str
    what: bytes | str
    amount_minor: int
    currency: str
    state: str
    number: str = ""


def page(work: Work, person_id: int, *, number: int, size: int) -> tuple[list[Entry], bool]:
    """Return a page of entries, the first being 1, and whether more follow."""
    most = number * size + 1
    sources = (_orders, _credits, _letters, _invoices, _renewals)
    found = [one for source in sources for one in source(work, person_id, most)]
    found.sort(key=lambda one: one.at, reverse=True)
    return found[(number - 1) * size : number * size], len(found) > number * size


def _orders(work: Work, person_id: int, most: int) -> list[Entry]:
    mine = (order.c.person_id == person_id, order.c.state.in_((*TAKEN, "processing")))
    rows = work.rows(sa.select(order).where(*mine).order_by(order.c.id.desc()).limit(most))
    numbers = _numbers(work, person_id, [row.id for row in rows])
    return [
        Entry(
            row.paid_at or row.created_at, "order", row.snapshot, row.total_minor, row.currency, row.state,
            numbers.get(row.id, ""),
        )
        for row in rows
    ]  # fmt: skip


def _numbers(work: Work, person_id: int, order_ids: list[int]) -> dict[int, str]:
    if not order_ids:
        return {}
    mine = (document.c.person_id == person_id, document.c.order_id.in_(order_ids), document.c.kind != "credit_note")
    return {row.order_id: documents.label(row) for row in work.rows(sa.select(document).where(*mine))}


def _credits(work: Work, person_id: int, most: int) -> list[Entry]:
    mine = (document.c.person_id == person_id, document.c.kind == "credit_note")
    rows = work.rows(sa.select(document).where(*mine).order_by(document.c.id.desc()).limit(most))
    return [
        Entry(row.at, "credit", "", -row.total_minor, row.currency, "refunded", documents.label(row)) for row in rows
    ]


def _letters(work: Work, person_id: int, most: int) -> list[Entry]:
    mine = (payment.c.person_id == person_id, payment.c.status.in_(_TAKEN_LETTERS))
    rows = work.rows(sa.select(payment).where(*mine).order_by(payment.c.id.desc()).limit(most))
    return [
        Entry(
            row.paid_at or row.created_at, "letter", row.mail_class, row.charged_minor, row.currency, row.status,
            row.receipt or "",
        )
        for row in rows
    ]  # fmt: skip


def _invoices(work: Work, person_id: int, most: int) -> list[Entry]:
    """Return the invoices of plans that Stripe asked for; those over nothing, as of a trial, are none."""
    mine = (plan_invoice.c.person_id == person_id, plan_invoice.c.amount_minor > 0, plan_invoice.c.status.in_(_SHOWN))
    joined = plan_invoice.join(subscription, subscription.c.id == plan_invoice.c.subscription_id)
    rows = work.rows(
        sa.select(plan_invoice, subscription.c.plan)
        .select_from(joined)
        .where(*mine)
        .order_by(plan_invoice.c.at.desc())
        .limit(most)
    )
    return [
        Entry(row.at, "plan", row.plan, row.amount_minor, row.currency, row.status, row.number or "") for row in rows
    ]


def _renewals(work: Work, person_id: int, most: int) -> list[Entry]:
    """Return the further charges of plans that renew for Stars; the first one is an order."""
    mine = (charge.c.person_id == person_id, charge.c.kind == "renewal", charge.c.held.is_(None))
    joined = charge.join(order, order.c.id == charge.c.order_id)
    rows = work.rows(
        sa.select(charge.c.at, charge.c.amount, order.c.snapshot, went_back().label("back"))
        .select_from(joined)
        .where(*mine)
        .order_by(charge.c.id.desc())
        .limit(most)
    )
    return [Entry(row.at, "order", row.snapshot, row.amount, "XTR", "refunded" if row.back else "paid") for row in rows]
