"""A harness with operators: who is enrolled, and the codes of their authenticators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import sqlalchemy as sa

import bot.engine
from bot.core.clock import FixedClock
from bot.engine import deliverability
from bot.engine.harness import Harness, Phone
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers import admin
from storage import operators
from storage.audit import audit

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def register(registry: Registry) -> None:
    """Register the engine, the operators' commands, and two operations of a service."""
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    deliverability.register(registry)
    admin.register(registry, demo=False)

    @registry.operation("appeals.retry")
    def retry(turn: Turn, argument: str, actor: str) -> str:
        turn.audit("letter.retry.asked", f"payment:{argument}", actor=actor)
        return f"Payment {argument}: asked."


class Desk(Harness):
    """The harness, with what an operator needs."""

    @classmethod
    @asynccontextmanager
    async def staffed(cls, folder: Path, *, secret: str = SECRET) -> AsyncIterator[Desk]:
        """Open it with one invited operator, ann, who is Telegram user 5001."""
        async with cls.open(register, folder, FixedClock(NOW)) as desk:
            assert isinstance(desk, Desk)
            await desk.enroll("ann", "5001", secret)
            yield desk

    async def enroll(self, name: str, telegram: str, secret: str = SECRET) -> None:
        """Invite an operator by Telegram id."""
        until = self.clock.now().replace(year=2030)
        await self.writers.run(
            lambda work: operators.enroll(
                work, name=name, role="owner", state="invited", secret=secret, telegram=telegram, invited_until=until
            )
        )

    def code(self, secret: str = SECRET) -> str:
        """Return what an authenticator shows now."""
        return pyotp.TOTP(secret).at(self.clock.now())

    async def row(self, name: str = "ann") -> Any:
        """Return an operator's row."""
        table = operators.operator
        return await self.database.read(lambda c: c.execute(sa.select(table).where(table.c.name == name)).one())

    async def acts(self) -> list[str]:
        """Return the audited acts, oldest first."""
        rows = await self.database.read(lambda c: list(c.execute(sa.select(audit).order_by(audit.c.id))))
        return [f"{row.actor} {row.action} {row.object or ''}".strip() for row in rows]


def ann(desk: Desk) -> Phone:
    """Return the phone of the operator."""
    return desk.phone("telegram", "7:5001")
