"""What is said before somebody pays: item, price, discount, tax, total, the refund rule, until when (PY-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.money import Money
from bot.engine.orders import Opened, Wanted
from bot.engine.turn import Turn
from handlers.billing import reading
from handlers.billing.orders import gateways, snapshot
from storage.billing import orders


def sells(turn: Turn, *, stars: int | None) -> bool:
    """Tell whether digital goods with this price in Stars can be bought where the person is."""
    wanted = Wanted("", "", (), "USD", is_physical=False, expires_at=turn.now, stars=stars)
    try:
        gateways.choose(turn, wanted)
    except Refusal:
        return False
    return True


def offer(turn: Turn, opened: Opened, *, rule: str) -> None:
    """Say what an order comes to and where to pay; nothing of one that is paid already or brings its own invoice."""
    order = orders.load(turn.work, opened.id)
    if order is None or opened.is_paid or not opened.url:
        return
    seen, currency = snapshot.of(turn.work.seal, order), order.currency
    discount = Money(order.discount_minor, currency)
    until = order.expires_at.astimezone(ZoneInfo(reading.zone(turn)))
    turn.notify(
        "billing.order.offer",
        purpose="reply",
        ttl=max(order.expires_at - turn.now, timedelta(minutes=1)),
        link=("billing.order.pay", opened.url),
        title=seen.title,
        price=Money(order.net_minor + order.discount_minor, currency),
        discount=turn.text("billing.order.offer.discount", amount=discount) if order.discount_minor else "",
        tax=_tax(turn, order),
        total=Money(order.total_minor, currency),
        rule=turn.text(rule),
        until=f"{until.day} {until:%b}",
    )


def _tax(turn: Turn, order: sa.Row[Any]) -> str:
    if gateways.taxes_at_stripe(turn, order):
        return turn.text("billing.order.offer.included")
    return (
        turn.text("billing.order.offer.tax", amount=Money(order.tax_minor, order.currency)) if order.tax_minor else ""
    )
