"""The pay page, `/p/{token}`: brand, item, total and terms on our own domain, then the checkout (rules PAY-4, SMS-15).

The token is random, kept as a hash, and of one kind: a document's token opens no payment. Nothing of the case stands
on the page, so that a forwarded link shows no name, number or story.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

import sqlalchemy as sa
from aiohttp import web

from bot.core.clock import Clock
from bot.core.money import Money
from bot.core.seal import Seal
from bot.web.pages.templates import page
from storage.appeals.payments import payment
from storage.database import Database
from storage.links import follow_link

_NAMES = {name: f"Letter preparation and mailing, {name}" for name in ("certified", "standard")}


class PayPage:
    """Shows an open payment and sends the person on to its checkout."""

    def __init__(self, database: Database, seal: Seal, clock: Clock, *, demo: bool, taxed: bool = False) -> None:
        self._database, self._seal, self._clock, self._demo, self._taxed = database, seal, clock, demo, taxed

    async def _payment(self, token: str) -> sa.Row[Any] | None:
        now = self._clock.now()

        def load(connection: sa.Connection) -> sa.Row[Any] | None:
            found = follow_link(connection, self._seal, kind="p", token=token, now=now)
            if found is None:
                return None
            return connection.execute(sa.select(payment).where(payment.c.id == found.target)).first()

        return await self._database.read(load)

    def _closed(self, row: sa.Row[Any] | None) -> web.Response | None:
        if row is not None and row.status in ("paid", "processing", "refund_pending", "partially_refunded", "refunded"):
            text = "Thank you. Your payment is with us; your chat has the receipt."
            return page("notice.html", heading="Already paid", text=text, demo=self._demo)
        is_open = row is not None and row.status == "open" and row.closing is None and row.url is not None
        if row is None or not is_open or row.expires_at <= self._clock.now():
            text = "Nothing was charged. Go back to your chat and ask for a new link."
            return page("notice.html", 410, heading="This link is no longer valid", text=text, demo=self._demo)
        return None

    async def show(self, request: web.Request) -> web.Response:
        """Show what is paid for."""
        row = await self._payment(request.match_info["token"])
        closed = self._closed(row)
        if closed is not None or row is None:
            return closed or web.Response(status=410)
        money = [str(Money(minor, row.currency)) for minor in (row.amount_minor, row.tax_minor, row.total_minor)]
        less = str(Money(-row.discount_minor, row.currency)) if row.discount_minor else ""
        until = row.expires_at.astimezone(UTC).strftime("%b %d, %H:%M UTC")
        return page(
            "pay.html",
            item=_NAMES[row.mail_class],
            amount=money[0],
            less=less,
            tax="included" if self._taxed else money[1],
            total=money[2],
            until=until,
            demo=self._demo,
        )

    async def go(self, request: web.Request) -> web.Response:
        """Send the person to the checkout."""
        row = await self._payment(request.match_info["token"])
        closed = self._closed(row)
        if closed is not None or row is None:
            return closed or web.Response(status=410)
        raise web.HTTPSeeOther(self._seal.open(row.url).decode())

    async def done(self, request: web.Request) -> web.Response:
        """Thank a person who comes back from the checkout; the chat says what really happened."""
        text = "You can close this page. Your chat tells you as soon as the payment has arrived."
        return page("notice.html", heading="Back to your chat", text=text, demo=self._demo)
