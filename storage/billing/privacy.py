"""What goes when a person deletes their data, and what stays: counts, the mirror of payments, trial hashes (ID-13)."""

from __future__ import annotations

import sqlalchemy as sa

from storage.billing.charges import NOBODY, charge
from storage.billing.coupons.codes import batch, coupon
from storage.billing.coupons.tries import choice, guess
from storage.billing.coupons.uses import use
from storage.billing.documents import counter, document
from storage.billing.grants import grant
from storage.billing.ledger import entry, operation
from storage.billing.orders import order
from storage.billing.overrides import override
from storage.billing.plan_changes import log, plan_change, plan_log, plan_notice
from storage.billing.plan_invoices import plan_invoice
from storage.billing.purchases import purchase
from storage.billing.refunds import refund
from storage.billing.subscriptions import LIVE_STATES, subscription, trial_used
from storage.billing.suspensions import suspension
from storage.billing.usage import notice, record
from storage.billing.watching import watch
from storage.work import Work

ERASED = (override, suspension, notice, entry, operation, grant, guess, choice, plan_change, plan_notice)
KEPT = (
    subscription, trial_used, record, order, refund, document, counter, use, charge, purchase, plan_log, plan_invoice,
    watch,
)  # fmt: skip
"""The mirror of what was paid, trials by keyed hash of an address, and counts without a word of the person.

Orders, refunds, documents and uses of codes are the ledger of payments: amounts, dates and numbers stay, words and
links go.
"""
NOBODYS = (coupon, batch)

TABLES: tuple[sa.Table, ...] = (*ERASED, *KEPT, *NOBODYS)


def erase(work: Work, person_id: int) -> None:
    """Delete what of a person need not be kept."""
    work.claim(coupon.update().where(coupon.c.assigned_to == person_id).values(status="off"))
    given = (subscription.c.person_id == person_id, subscription.c.gateway != "stripe")
    live = subscription.c.state.in_(LIVE_STATES)
    over = subscription.update().where(*given, live).values(state="ended", as_of=work.now)
    for row in work.claim(over.returning(subscription.c.id, subscription.c.plan, subscription.c.plan_version)):
        log(work, person_id, row.id, "canceled", was=f"{row.plan}:{row.plan_version}", cause="deleted")
    work.claim(subscription.update().where(subscription.c.person_id == person_id).values(method=None))
    for table in ERASED:
        work.claim(table.delete().where(table.c.person_id == person_id))
    empty = work.seal.seal(b"{}")
    work.claim(
        order.update().where(order.c.person_id == person_id).values(snapshot=empty, link=None, url=None, method=None)
    )
    nobody = work.seal.seal(str(NOBODY).encode())
    work.claim(charge.update().where(charge.c.person_id == person_id).values(payer=nobody))
    work.claim(refund.update().where(refund.c.person_id == person_id).values(note=None))
    work.claim(document.update().where(document.c.person_id == person_id).values(snapshot=empty))
