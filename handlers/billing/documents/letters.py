"""The receipt of a letter that was paid for: its number is the one that the payment got (PY-6, PY-8)."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.engine.house import house
from bot.engine.turn import Turn
from handlers.billing.documents.paper import sheet
from handlers.billing.orders.settings import settings_of
from handlers.billing.orders.snapshot import INCLUDED
from storage.appeals import payments

TEXTS = {
    "standard": "Letter preparation and mailing, standard",
    "certified": "Letter preparation and mailing, certified",
}


def find(turn: Turn, number: str) -> sa.Row[Any] | None:
    """Return the person's own payment with this receipt number."""
    row = payments.by_receipt(turn.work, number)
    return row if row is not None and row.person_id == turn.person.id else None


def paper(turn: Turn, row: sa.Row[Any]) -> dict[str, Any]:
    """Return the fields of its receipt for the press; nothing of the letter stands on it."""
    settings = settings_of(turn.registry)
    moment = row.paid_at or row.created_at
    us = house(turn, at=moment)
    paid_at = moment.astimezone(ZoneInfo(us.zone)).date()
    less = [("Discount", -row.discount_minor)] if row.discount_minor else []
    name = INCLUDED if row.total_minor == row.amount_minor - row.discount_minor else "Tax"
    taxes = [("Net", row.total_minor - row.tax_minor), (name, row.tax_minor)] if row.tax_minor else []
    back = [("Given back", -row.refunded_minor)] if row.refunded_minor else []
    return sheet(
        "Receipt",
        number=row.receipt,
        date=paid_at.isoformat(),
        seller=us.block,
        facts=[("Paid by", row.method or ("Card (Stripe)" if row.charged_minor else "Included in the plan"))],
        lines=[(TEXTS[row.mail_class], 1, row.amount_minor)],
        sums=[*less, *taxes, *back, ("Total paid", row.charged_minor)],
        currency=row.currency,
        demo=not settings.live,
    )
