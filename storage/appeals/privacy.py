"""What remains of a person's appeals when they delete their data: the ledger of payments and mailings, no content.

Amounts, dates, classes, statuses and vendors' ids stay for seven years (section 4.2); facts, words, names, addresses,
numbers and pictures go.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.appeals.cases import case
from storage.appeals.drafts import draft
from storage.appeals.evidence import evidence
from storage.appeals.letters import letter
from storage.appeals.payments import payment
from storage.appeals.refunds import refund
from storage.work import Work

UNSETTLED = ("awaiting_payment", "paid", "paid_blocked", "returned")
"""An open pay link may be paid any moment; it ends within a day."""


def unsettled(work: Work, person_id: int) -> list[str]:
    """Return the codes of cases that must be mailed or refunded before anything is deleted (AC-90)."""
    owed = sa.select(payment.c.case_id).where(payment.c.person_id == person_id, payment.c.status == "refund_pending")
    rows = work.rows(
        sa.select(case.c.code).where(case.c.person_id == person_id, case.c.stage.in_(UNSETTLED) | case.c.id.in_(owed))
    )
    return [row.code for row in rows]


def erase(work: Work, person_id: int) -> list[int]:
    """Blank all content of a person's appeals and return the ids of the blobs that nothing needs any more."""
    mine = sa.select(case.c.id).where(case.c.person_id == person_id)
    blobs = [row.blob for row in work.rows(sa.select(evidence.c.blob).where(evidence.c.case_id.in_(mine)))]
    blobs += [
        row.pdf for row in work.rows(sa.select(draft.c.pdf).where(draft.c.case_id.in_(mine), draft.c.pdf.is_not(None)))
    ]
    empty = work.seal.seal(b"{}")
    work.claim(evidence.delete().where(evidence.c.case_id.in_(mine)))
    work.claim(
        draft.update()
        .where(draft.c.case_id.in_(mine))
        .values(facts=empty, document=None, recipient=None, sender=None, pdf=None)
    )
    work.claim(letter.update().where(letter.c.case_id.in_(mine)).values(recipient=b"", sender=b"", tracking=None))
    work.claim(payment.update().where(payment.c.person_id == person_id).values(url=None, link=None, method=None))
    own = sa.select(payment.c.id).where(payment.c.person_id == person_id)
    work.claim(refund.update().where(refund.c.payment_id.in_(own)).values(note=None))
    work.claim(
        case.update()
        .where(case.c.person_id == person_id)
        .values(
            facts=empty,
            number=None,
            number_hash=None,
            return_state=None,
            decided_on=None,
            amount_before_minor=None,
            amount_after_minor=None,
        )
    )
    return blobs


def ledger(work: Work, person_id: int) -> list[dict[str, object]]:
    """Return a person's payments with their refunds, for the export."""
    rows = work.rows(sa.select(payment).where(payment.c.person_id == person_id).order_by(payment.c.id))
    return [
        {
            "receipt": row.receipt,
            "status": row.status,
            "mail_class": row.mail_class,
            "total_minor": row.total_minor,
            "currency": row.currency,
            "paid_at": row.paid_at,
            "paid_by": row.method,
            "refunds": [
                (back.amount_minor, back.reason, back.status)
                for back in work.rows(sa.select(refund).where(refund.c.payment_id == row.id).order_by(refund.c.seq))
            ],
        }
        for row in rows
    ]
