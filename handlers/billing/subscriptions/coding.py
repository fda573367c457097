"""A coupon on the purchase of a plan: shown in the terms, set aside with the OK, given back when the link is over.

CP-6 and CP-7. In a trial nothing is paid, so no code counts there: it waits for a payment.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.engine.discounts import Basket, Discount, less
from bot.engine.turn import Turn
from handlers.billing.subscriptions import ports
from handlers.billing.subscriptions.offers import Offer
from storage.billing import purchases

PROMOTED, OVER = "billing.plan_promoted", "billing.plan_link_over"
LATE = timedelta(hours=1)
"""So long Stripe has to tell of a session that ended, before its use is given back without its word."""


def foreseen(turn: Turn, offer: Offer, days: int) -> Discount:
    """Return what the person's code takes off an offer."""
    desk = ports.discounts(turn)
    if desk is None or days:
        return less(Basket("", offer.price.amount_minor, offer.price.currency), 0)
    return desk.foreseen(turn, offer.plan.key, offer.price)


def reserve(turn: Turn, offer: Offer, purchase_id: int, off_minor: int) -> None:
    """Set a use aside, and watch for the end of the link; raise Refusal when it is not what was shown."""
    row, desk = purchases.load(turn.work, purchase_id), ports.discounts(turn)
    if row is None or desk is None:
        raise LookupError("a purchase with a code that nobody keeps")
    found = desk.reserved(turn, offer.plan.key, offer.price, purchase_id)
    if found.amount_minor != off_minor:
        _end(turn, row)
        raise Refusal("billing.sub.code_gone")
    _watch(turn, row, row.expires_at)


def _watch(turn: Turn, row: sa.Row[Any], due: datetime) -> None:
    turn.timer(OVER, f"plan_link:{row.id}", due, purchase=row.id)


def link_over(turn: Turn) -> None:
    """Give the use back when nobody paid by the end of the link, or of the session behind it (A68)."""
    turn.silent = True
    row = purchases.load(turn.work, int(turn.event.payload["purchase"]))
    if row is None or row.state not in ("created", "open"):
        return
    over = row.session_ends + LATE if row.state == "open" else row.expires_at
    if turn.now < over:
        _watch(turn, row, over)
    else:
        _end(turn, row)


def _end(turn: Turn, row: sa.Row[Any]) -> None:
    if purchases.move(turn.work, row, was=("created", "open"), to="expired"):
        release(turn, row)


def release(turn: Turn, row: sa.Row[Any]) -> None:
    """Give the use of a purchase back."""
    desk = ports.discounts(turn)
    if desk is not None and row.promotion is not None:
        desk.released(turn, row.id)
