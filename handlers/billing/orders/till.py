"""The till: takes an order of what somebody wants to buy (PY-1 to PY-3, section 8).

The row and its pay page are made here; the gateway is asked for a session when the person taps there. An older order
of the same purpose ends first: its session is closed, and until the gateway said so no other one is made.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.limits import limits
from bot.engine import ages
from bot.engine.orders import Line, Opened, Wanted
from bot.engine.turn import Turn
from handlers.billing.orders import discounts, ending, fulfilling, gateways, pricing
from handlers.billing.orders.settings import settings_of
from handlers.billing.orders.snapshot import Snapshot
from handlers.billing.tax import NONE, Rate
from storage import disputes
from storage.billing import orders, pay_links, suspensions
from storage.links import make_link

LATE = timedelta(hours=24)
"""The page of an order goes on to say what became of it for so long."""


class OrderTill:
    """Takes orders."""

    def open(self, turn: Turn, wanted: Wanted) -> Opened:
        """Open an order; one over nothing is paid and fulfilled at once. Raise Refusal for what may not be sold."""
        _check(turn, wanted)
        gateway = gateways.choose(turn, wanted)
        currency = "XTR" if gateway == "stars" else wanted.currency
        _end_earlier(turn, wanted)
        row = _add(turn, wanted, gateway, currency)
        if not row.total_minor:
            fulfilling.free(turn, row)
            return Opened(row.id, "", 0, currency, is_paid=True)
        turn.timer("orders.expires", f"order:{row.id}:expires", wanted.expires_at, order=row.id)
        url = turn.work.seal.open(row.link).decode() if row.link else ""
        if (taker := gateways.gateway_named(turn, gateway)) is not None:
            taker.offer(turn, row)
        return Opened(row.id, url, row.total_minor, currency)


def _check(turn: Turn, wanted: Wanted) -> None:
    """Refuse whom nothing is sold to, and what was sold already (ID-12, RS-2, OR-4, PY-9)."""
    if not ages.may_pay(turn):
        raise Refusal("billing.order.under_age")
    if suspensions.is_suspended(turn.work, turn.person.id):
        raise Refusal("billing.order.suspended")
    if wanted.expires_at <= turn.now:
        raise Refusal("billing.order.too_late")
    if pay_links.made_since(turn.work, turn.person.id, turn.now - timedelta(hours=1)) >= limits().pay_links_an_hour:
        raise Refusal("billing.order.too_many")
    if disputes.bars(turn.work, turn.person.id, wanted.purpose):
        raise Refusal("billing.order.disputed")
    for one in orders.of_purpose(turn.work, turn.person.id, wanted.purpose, wanted.reference):
        if one.state == "processing":
            raise Refusal("billing.order.payment_waits")
        if one.state in ("paid", "partially_refunded", "disputed"):
            raise Refusal("billing.order.paid_already")


def _end_earlier(turn: Turn, wanted: Wanted) -> None:
    for one in orders.of_purpose(turn.work, turn.person.id, wanted.purpose, wanted.reference):
        ending.end(turn, one, "replaced")


def _add(turn: Turn, wanted: Wanted, gateway: str, currency: str) -> sa.Row[Any]:
    work, stars, order_id = turn.work, gateway == "stars", turn.work.new_id()
    title = wanted.title or turn.text("billing.order.title")
    lines = (Line(title, wanted.stars or 0),) if stars else wanted.lines
    rate = NONE if stars else _rate(turn, wanted)
    gross = sum(line.amount_minor for line in lines)
    discount = discounts.reserve(turn, wanted, gross, currency, order_id=order_id, tax_bps=rate.bps)
    found = pricing.totals(gross, discount.amount_minor, rate, pricing.least_of(currency))
    kept = Snapshot(title, lines, discount.code, tuple(rate.lines(found.tax_minor)))
    free = not found.total_minor
    values: dict[str, Any] = {
        "purpose": wanted.purpose, "reference": wanted.reference, "gateway": "none" if free else gateway,
        "is_physical": wanted.is_physical, "currency": currency, "net_minor": found.net_minor,
        "discount_minor": found.discount_minor, "tax_minor": found.tax_minor, "total_minor": found.total_minor,
        "coupon": discount.code or None, "snapshot": kept.seal(work.seal), "expires_at": wanted.expires_at,
    }  # fmt: skip
    taker = gateways.gateway_named(turn, gateway)
    if not free and taker is not None and taker.page:
        values["link"] = work.seal.seal(_page(turn, order_id, wanted).encode())
    return orders.add(work, order_id, turn.person.id, **values)


def _rate(turn: Turn, wanted: Wanted) -> Rate:
    """Return the tax that was promised with the price, else the house's."""
    house = settings_of(turn.registry).rate
    if wanted.tax_bps is None or wanted.tax_bps == house.bps:
        return house
    return Rate(turn.text("billing.order.tax"), wanted.tax_bps)


def _page(turn: Turn, order_id: int, wanted: Wanted) -> str:
    expires = wanted.expires_at + LATE
    token = make_link(
        turn.work, kind="p", target=order_id, name="order", expires=expires, person_id=turn.person.id
    )  # fmt: skip
    return f"{turn.registry.public_url}/p/{token}"
