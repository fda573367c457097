"""The page before a plan is paid for: `/p/{token}` says what it costs and how it ends, its button asks for a checkout.

The tap is an event like any other: it waits here for some seconds for what Stripe makes of it. When Stripe is away the
link stays good, and the person is told to come back in a minute (SB-2).
"""

from __future__ import annotations

import asyncio
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from aiohttp import web

from bot.core.clock import Clock
from bot.core.events import Event
from bot.core.money import Money
from bot.core.seal import Seal
from bot.web.doors.door import Intake
from bot.web.pages.templates import page
from storage.billing import purchases
from storage.database import Database

LOOKS, BETWEEN_SECONDS = 40, 0.2
_EVERY = {"month": "a month", "year": "a year"}


class PlanPage:
    """Shows an open purchase and sends the person on to its checkout."""

    def __init__(
        self, database: Database, intake: Intake, seal: Seal, clock: Clock, *, demo: bool, taxed: bool = False
    ) -> None:
        self._database, self._intake, self._seal, self._clock, self._demo = database, intake, seal, clock, demo
        self._taxed = taxed

    async def show(self, request: web.Request) -> web.Response | None:
        """Show what is bought; None when the token is not a purchase's."""
        row = await self._found(request)
        if row is None:
            return None
        price = f"{Money(row.amount_minor, row.currency)} {_EVERY[row.every]}"
        until = row.expires_at.astimezone(UTC).strftime("%b %d, %H:%M UTC")
        off = 0 if row.promotion is None else await self._database.read(lambda c: purchases.off(c, row.id))
        due = Money(row.amount_minor - off, row.currency) if off else None
        discount = Money(-off, row.currency)
        return self._closed(row) or page(
            "plan.html", plan=row.plan.title(), price=price, days=row.trial_days, until=until, demo=self._demo, due=due,
            discount=discount, tax="included" if self._taxed else "none added",
        )  # fmt: skip

    async def go(self, request: web.Request) -> web.Response | None:
        """Ask for a checkout and send the person there; None when the token is not a purchase's."""
        row = await self._found(request)
        if row is None:
            return None
        closed = self._closed(row)
        if closed is not None:
            return closed
        if not self._is_open(row):
            key = f"{row.id}:{row.attempt}:{row.session_ref or ''}"
            event = Event("page", key, "plan_tapped", {"purchase": row.id}, person_id=row.person_id)
            await self._intake.take(event, key=row.person_id)
            row = await self._waited(request) or row
        if self._is_open(row):
            raise web.HTTPSeeOther(self._seal.open(row.url).decode())
        text = "Nothing was charged. Your link stays good: please try again in a minute."
        return self._closed(row) or page("notice.html", 503, heading="One moment", text=text, demo=self._demo)

    async def _waited(self, request: web.Request) -> sa.Row[Any] | None:
        """Return the purchase once it is open, or as it stands when nothing came of it in time."""
        row = None
        for _ in range(LOOKS):
            row = await self._found(request)
            if row is None or self._is_open(row) or row.state not in purchases.OPEN:
                break
            await asyncio.sleep(BETWEEN_SECONDS)
        return row

    def _is_open(self, row: sa.Row[Any]) -> bool:
        return row.state == "open" and row.url is not None and row.session_ends > self._clock.now()

    def _closed(self, row: sa.Row[Any]) -> web.Response | None:
        if row.state in ("paid", "processing"):
            text = "Thank you. Your payment is with us; your chat tells you when the plan begins."
            return page("notice.html", heading="Already paid", text=text, demo=self._demo)
        if row.state in ("created", "open") and row.expires_at > self._clock.now():
            return None
        text = "Nothing was charged. Go back to your chat and ask for a new link."
        return page("notice.html", 410, heading="This link is no longer valid", text=text, demo=self._demo)

    async def _found(self, request: web.Request) -> sa.Row[Any] | None:
        token, now = request.match_info["token"], self._clock.now()
        return await self._database.read(lambda c: purchases.behind(c, self._seal, token, now))
