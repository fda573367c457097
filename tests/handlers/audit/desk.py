"""A harness with rows of the staff's catalogue, run by a command of its own instead of the gate; and what they ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import bot.engine
from bot.core.calls import Done, Outcome
from bot.core.calls.office import AuditVerified, OfficeFile, ReadReport, ReportRead, VerifyAudit
from bot.core.clock import FixedClock
from bot.core.errors import Spoken
from bot.core.message_prices import message_prices
from bot.engine import deliverability
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers import audit, reports
from handlers.reports.figures import Price
from handlers.reports.reading import read
from handlers.reports.sets import House
from storage.audit import audit as entries
from storage.audit.verifying import verify

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
ANN = Member("operator:ann", "admin", frozenset())
PRICES = {
    ("basic", 1): Price({"USD": 900}, {"USD": 9000}, {"XTR": 700}),
    ("pro", 1): Price({"USD": 2900}, {"USD": 29000}, {"XTR": 2250}),
}
HOUSE = House("USD", PRICES, message_prices())


def register(registry: Registry) -> None:
    """Register the engine, both packages, and `/staff NAME / ARGUMENT`."""
    registry.introduces = False
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    deliverability.register(registry)
    audit.register(registry)
    reports.register(registry)

    def staff(turn: Turn, text: str) -> bool:
        if not text.startswith("/staff "):
            return False
        name, _, rest = text.removeprefix("/staff ").partition("/")
        try:
            turn.lines.append(turn.registry.staff[name.strip()].act(turn, rest.strip(), ANN))
        except Spoken as spoken:
            turn.say(spoken.key, **spoken.args_)
        return True

    registry.gate = staff


def check(call: VerifyAudit, harness: Harness) -> Outcome:
    """Check the chain as the office does."""
    found = verify(lambda statement: list(harness._reader.execute(statement)))
    return Done(AuditVerified(found.count, found.end.seq, found.end.hash, found.damaged, found.why))


def report(call: ReadReport, harness: Harness) -> Outcome:
    """Read a report as the office does."""
    found, table = read(harness._reader, call, HOUSE)
    file = OfficeFile(7, f"{call.name}.csv", len(table)) if call.csv else None
    return Done(ReportRead(found.title, found.lines, found.bars, file))


class StaffRoom(Harness):
    """The harness, with what a member of staff types and gets."""

    @classmethod
    @asynccontextmanager
    async def opened(cls, folder: Path, **world: Any) -> AsyncIterator[StaffRoom]:
        """Open it."""
        known = {VerifyAudit: check, ReadReport: report, **world.get("world", {})}
        async with cls.open(register, folder, FixedClock(NOW), known) as room:
            assert isinstance(room, StaffRoom)
            yield room

    async def staff(self, name: str, argument: str = "") -> str:
        """Run a row and return all that was said."""
        phone = self.phone("telegram", "7:5001")
        start = len(phone.messages)
        await phone.say(f"/staff {name} / {argument}")
        return "\n".join(message.text for message in phone.messages[start:])

    async def acts(self) -> list[str]:
        """Return the audited acts, oldest first."""
        rows = await self.database.read(lambda c: list(c.execute(sa.select(entries).order_by(entries.c.id))))
        return [f"{row.action} {row.object or ''} {row.outcome}" for row in rows]
