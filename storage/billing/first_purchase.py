"""Whether a person ever paid for anything: a letter, an order, a subscription (CP-2)."""

from __future__ import annotations

import sqlalchemy as sa

from storage.appeals.payments import TAKEN, payment
from storage.billing import orders
from storage.billing.subscriptions import subscription
from storage.work import Work


def has_bought(work: Work, person_id: int) -> bool:
    """Tell whether money of a person ever came in; a gift is no purchase, nor is what went back in full."""
    letters = sa.select(sa.literal(1)).where(
        payment.c.person_id == person_id,
        payment.c.status.in_([one for one in TAKEN if one != "refunded"]),
        payment.c.charged_minor > 0,
    )
    bought = sa.select(sa.literal(1)).where(
        orders.order.c.person_id == person_id,
        orders.order.c.state.in_([one for one in orders.TAKEN if one != "refunded"]),
        orders.order.c.charged_minor > 0,
    )
    plans = sa.select(sa.literal(1)).where(
        subscription.c.person_id == person_id,
        subscription.c.gateway != "comp",
        subscription.c.state.not_in(("pending", "trial")),
    )
    return any(work.row(one.limit(1)) is not None for one in (letters, bought, plans))
