"""The pay page of an order, `/p/{token}`: what is bought and what it costs, then the gateway's page (PY-1, SB-2).

The gateway is asked for a session when the button is pressed: the press goes to the inbox, and the page waits a few
seconds for what comes of it. While the gateway is out the page says so, and the link stays good.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from aiohttp import web

from bot.core.clock import Clock
from bot.core.events import Event
from bot.core.money import Money
from bot.core.seal import Seal
from bot.web.doors.door import Intake
from bot.web.pages.templates import page
from storage.billing import orders
from storage.database import Database
from storage.links import follow_link

LOOKS, PAUSE = 80, timedelta(milliseconds=100)
"""How often the page looks whether the session is there, and how long it rests between."""
_NAMES = {"stripe": "Stripe", "razorpay": "Razorpay"}
_PAID = (*orders.TAKEN, "processing")
RULES = {
    True: "You get a full refund until it is sent: say AGENT in your chat.",
    False: "What is unused can be refunded: say AGENT in your chat.",
}


class OrderPage:
    """Shows an order and sends the person on to the gateway."""

    def __init__(
        self, intake: Intake, database: Database, seal: Seal, clock: Clock, *, demo: bool, taxed: bool = False
    ) -> None:
        self._intake, self._database, self._seal = intake, database, seal
        self._clock, self._demo, self._taxed = clock, demo, taxed

    async def show(self, request: web.Request) -> web.Response | None:
        """Show what is paid for; None when the token is no order's."""
        row = await self._order(request)
        if row is None:
            return None
        closed = self._closed(row)
        if closed is not None:
            return closed
        kept = orjson.loads(self._seal.open(row.snapshot))
        lines = [(_counted(text, quantity), _money(amount, row)) for text, amount, quantity in kept.get("lines", ())]
        if row.discount_minor:
            lines.append((kept.get("discount") or "Discount", _money(-row.discount_minor, row)))
        lines += [(name, _money(amount, row)) for name, amount in kept.get("taxes", ())]
        if self._taxed and row.gateway == "stripe" and not row.tax_minor:
            lines.append(("Tax", "included"))
        return page(
            "order.html", title=kept.get("title", ""), lines=lines, total=_money(row.total_minor, row),
            rule=RULES[bool(row.is_physical)], gateway=_NAMES.get(row.gateway, row.gateway),
            until=row.expires_at.astimezone(UTC).strftime("%b %d, %H:%M UTC"), demo=self._demo,
        )  # fmt: skip

    async def go(self, request: web.Request) -> web.Response | None:
        """Send the person to the gateway; None when the token is no order's."""
        row = await self._order(request)
        if row is None:
            return None
        if self._closed(row) is None and row.state == "created":
            await self._tap(row)
            row = await self._minted(row)
        closed = self._closed(row)
        if closed is not None:
            return closed
        if row.url is None or row.state != "open":
            text = "The payment page is not ready. Nothing was charged; this link stays good."
            return page("notice.html", 503, heading="Try again in a minute", text=text, demo=self._demo)
        raise web.HTTPSeeOther(self._seal.open(row.url).decode())

    async def _tap(self, row: sa.Row[Any]) -> None:
        """Tell the inbox; the same press twice is one event."""
        event = Event("order", f"{row.id}:{row.minted}", "tapped", {"order": row.id}, person_id=row.person_id)
        await self._intake.take(event, key=row.person_id)

    async def _minted(self, row: sa.Row[Any]) -> sa.Row[Any]:
        """Return the order as soon as its session is there, or cannot be had."""
        number: int = row.id

        def load(connection: sa.Connection) -> sa.Row[Any] | None:
            return orders.page(connection, number)

        for _ in range(LOOKS):
            found = await self._database.read(load)
            row = found if found is not None else row
            if row.state != "created" or row.minting == "":
                break
            await asyncio.sleep(PAUSE.total_seconds())
        return row

    async def _order(self, request: web.Request) -> sa.Row[Any] | None:
        now, token = self._clock.now(), request.match_info["token"]

        def load(connection: sa.Connection) -> sa.Row[Any] | None:
            found = follow_link(connection, self._seal, kind="p", token=token, now=now)
            return orders.page(connection, found.target) if found is not None and found.name == "order" else None

        return await self._database.read(load)

    def _closed(self, row: sa.Row[Any]) -> web.Response | None:
        if row.state in _PAID:
            text = "Thank you. Your payment is with us; your chat has the receipt."
            return page("notice.html", heading="Already paid", text=text, demo=self._demo)
        if row.state not in ("created", "open") or row.closing is not None or row.expires_at <= self._clock.now():
            text = "This offer has ended and nothing was charged. Your chat has the way to a new one."
            return page("notice.html", 410, heading="This link is no longer valid", text=text, demo=self._demo)
        return None


def _counted(text: str, quantity: int) -> str:
    return f"{quantity:,} x {text}" if quantity > 1 else text


def _money(minor: int, row: sa.Row[Any]) -> str:
    return str(Money(minor, row.currency))
