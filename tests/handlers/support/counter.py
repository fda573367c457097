"""A harness with support, one operator who is logged in, and persons who write."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import sqlalchemy as sa

import bot.engine
from bot.core.clock import FixedClock
from bot.engine import consent, deliverability, own_data, stray
from bot.engine.harness import Harness, Phone
from bot.engine.registry import Registry
from handlers import admin, support
from storage import operators
from storage.alerts import alert
from storage.audit import audit
from storage.support.tickets import ticket

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
MONDAY = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""Nine in the morning in San Francisco."""


def register(registry: Registry) -> None:
    """Register the engine, the operators' commands and support."""
    registry.introduces = False
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    deliverability.register(registry)
    consent.register(registry)
    stray.register(registry)
    own_data.register(registry)
    admin.register(registry, demo=False)
    support.register(registry)


class Counter(Harness):
    """The harness, with what staff see."""

    @classmethod
    @asynccontextmanager
    async def staffed(cls, folder: Path, now: datetime = MONDAY) -> AsyncIterator[Counter]:
        """Open it with ann (5001) and bob (5002) enrolled and logged in."""
        async with cls.open(register, folder, FixedClock(now)) as counter:
            assert isinstance(counter, Counter)
            for name, telegram in (("ann", "5001"), ("bob", "5002")):
                await counter._enroll(name, telegram)
                await counter.login(telegram)
            yield counter

    async def _enroll(self, name: str, telegram: str) -> None:
        until = self.clock.now().replace(year=2030)
        await self.writers.run(
            lambda work: operators.enroll(
                work, name=name, role="owner", state="invited", secret=SECRET, telegram=telegram, invited_until=until
            )
        )

    async def login(self, telegram: str = "5001") -> None:
        """Open a session of an operator."""
        self.clock.advance(timedelta(seconds=31))
        await self.phone("telegram", f"7:{telegram}").say(f"/login {pyotp.TOTP(SECRET).at(self.clock.now())}")

    @property
    def ann(self) -> Phone:
        """The operator's phone."""
        return self.phone("telegram", "7:5001")

    @property
    def dana(self) -> Phone:
        """A person on SMS."""
        return self.phone("sms")

    @property
    def eve(self) -> Phone:
        """A person on Telegram."""
        return self.phone("telegram", "7:6001")

    async def staff(self, text: str) -> str:
        """Let the operator say something, logged in, and return the answer."""
        start = len(self.ann.messages)
        await self.ann.say(text)
        if "Log in first" in self.ann.last.text:
            await self.login()
            await self.ann.say(text)
        return "\n".join(message.text for message in self.ann.messages[start:])

    async def row(self, number: int = 1001) -> Any:
        """Return a ticket's row."""
        return await self.database.read(lambda c: c.execute(sa.select(ticket).where(ticket.c.number == number)).one())

    async def count(self) -> int:
        """Return how many tickets there are."""
        rows = await self.database.read(lambda c: list(c.execute(sa.select(ticket.c.id))))
        return len(rows)

    async def alerts(self) -> list[str]:
        """Return the kinds of alerts, oldest first."""
        rows = await self.database.read(lambda c: list(c.execute(sa.select(alert).order_by(alert.c.id))))
        told = {"ticket_clock": lambda row: f"sla_{json.loads(row.details)['told']}"}
        return [told.get(row.kind, lambda row: str(row.kind))(row) for row in rows]

    async def acts(self) -> list[str]:
        """Return the audited acts, oldest first."""
        rows = await self.database.read(lambda c: list(c.execute(sa.select(audit).order_by(audit.c.id))))
        return [f"{row.actor} {row.action} {row.object or ''}".strip() for row in rows]
