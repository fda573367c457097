"""A harness with staff: who is enrolled, the codes of their authenticators, and a service with acts of every class."""

from __future__ import annotations

import html
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import sqlalchemy as sa

import bot.engine
from bot.core.clock import FixedClock
from bot.core.errors import Refusal
from bot.core.events import Event
from bot.engine import deliverability
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers import admin
from handlers.admin import buttons
from storage import operators
from storage.audit import audit

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class Purse:
    """What the service of this desk holds: grave acts take from it, and it may change behind their back."""

    left: int = 1995
    taken: list[tuple[str, str]] = field(default_factory=list)
    limit: int = 1000


def purse_of(turn: Turn) -> Purse:
    """Return the purse."""
    found: Purse = turn.registry.settings[Purse]
    return found


def _pay_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    purse, amount = purse_of(turn), int(argument)
    if amount > purse.left:
        raise Refusal("admin.usage", usage=f"{purse.left} at most")
    says = f"PAY {amount}: {purse.left} -> {purse.left - amount}."
    return Effect(says, "pay P-1", str(purse.left), needs_second=amount > purse.limit)


def _pay(turn: Turn, argument: str, member: Member) -> str:
    purse = purse_of(turn)
    purse.left -= int(argument)
    purse.taken.append((argument, member.name))
    turn.audit("purse.paid", "purse:1", actor=member.name)
    return f"Paid {argument}."


def _guard_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    return Effect("GUARD OFF.", "guard off", str(purse_of(turn).left))


def _did(turn: Turn, argument: str, member: Member) -> str:
    purse_of(turn).taken.append((argument, member.name))
    return f"Did {argument}."


def register(registry: Registry) -> None:
    """Register the engine, the gate, and a service's rows of every class."""
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    deliverability.register(registry)
    admin.register(registry, demo=False)
    registry.settings.setdefault(Purse, Purse())
    for row in (
        StaffCommand("purse count", Risk.COUNTERS, "report.ops", "/purse count", _did, "purse"),
        StaffCommand("purse look", Risk.PERSONAL, "pay.view", "/purse look", _did, "purse"),
        StaffCommand("purse mark", Risk.REVERSIBLE, "pay.offline", "/purse mark", _did, "purse"),
        StaffCommand("purse list", Risk.PERSONAL, "export.run", "/purse list CODE", _did, "purse", needs_code=True),
        StaffCommand("purse pay", Risk.GRAVE, "pay.refund", "/purse pay CENTS", _pay, "purse", foresee=_pay_ahead),
        StaffCommand("purse guard", Risk.GUARDED, "gate.set", "/purse guard", _did, "purse", foresee=_guard_ahead),
    ):
        registry.staff_command(row)


class Desk(Harness):
    """The harness, with what staff need."""

    @classmethod
    @asynccontextmanager
    async def staffed(cls, folder: Path, *, secret: str = SECRET) -> AsyncIterator[Desk]:
        """Open it with one invited owner, ann, who is Telegram user 5001."""
        async with cls.open(register, folder, FixedClock(NOW)) as desk:
            assert isinstance(desk, Desk)
            await desk.enroll("ann", "5001", secret)
            yield desk

    @property
    def purse(self) -> Purse:
        """What the service of this desk holds."""
        found: Purse = self.registry.settings[Purse]
        return found

    async def enroll(self, name: str, telegram: str, secret: str = SECRET, *, role: str = "owner") -> None:
        """Invite a member by Telegram id."""
        until = self.clock.now().replace(year=2030)
        await self.writers.run(
            lambda work: operators.enroll(
                work, name=name, role=role, state="invited", secret=secret, telegram=telegram, invited_until=until
            )
        )

    async def member(self, name: str, telegram: str, role: str = "owner") -> Phone:
        """Enrol somebody, log them in, and return their phone."""
        await self.enroll(name, telegram, role=role)
        phone = self.phone("telegram", f"7:{telegram}")
        await phone.say(f"/login {self.code()}")
        return phone

    def code(self, secret: str = SECRET) -> str:
        """Return what an authenticator shows now."""
        return pyotp.TOTP(secret).at(self.clock.now())

    def fresh(self) -> str:
        """Return a code that nobody used yet."""
        self.clock.advance(timedelta(seconds=31))
        return self.code()

    async def row(self, name: str = "ann") -> Any:
        """Return a member's row."""
        table = operators.operator
        return await self.database.read(lambda c: c.execute(sa.select(table).where(table.c.name == name)).one())

    async def acts(self) -> list[str]:
        """Return the audited acts, oldest first."""
        rows = await self.database.read(lambda c: list(c.execute(sa.select(audit).order_by(audit.c.id))))
        return [f"{row.actor} {row.action} {row.object or ''}".strip() for row in rows]

    async def trail(self, command: str) -> list[str]:
        """Return what the gate noted about a command: its word, and why where it says so."""
        rows = await self.database.read(lambda c: list(c.execute(sa.select(audit).order_by(audit.c.id))))
        mine = [row for row in rows if row.object == f"command:{command}"]
        return [f"{row.action[6:]} {json.loads(row.details).get('why', '')}".strip() for row in mine]


def ann(desk: Desk) -> Phone:
    """Return the phone of the owner."""
    return desk.phone("telegram", "7:5001")


async def told(phone: Phone, text: str) -> str:
    """Say something and return all that came back."""
    return html.unescape("\n".join(message.text for message in await phone.say(text)))


async def button(desk: Desk, command: str, argument: str, *, of: str = "ann") -> str:
    """Make a button for a member."""
    row = await desk.row(of)

    def make(work: Any) -> str:
        turn = Turn(
            desk.registry, work, Event("x", "y", "z"), inbox_id=1, person=None, address=None, conversation=None,  # type: ignore[arg-type]
        )  # fmt: skip
        return buttons.offer(turn, row.id, command, argument)

    data: str = await desk.writers.run(make)
    return data
