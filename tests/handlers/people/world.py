"""Two phones of one human, or of two: every service is on, and the harness plays the world."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.assembly.services import register_services
from bot.core.clock import FixedClock
from bot.core.settings import Settings
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from storage.people import address
from storage.work import Work
from tests.databases import prepared_database

NOW = datetime(2026, 3, 18, 18, 0, tzinfo=UTC)
NUMBER = "+14155550188"


def register(registry: Registry) -> None:
    """Register everything, with plans and support."""
    register_services(registry, Settings(parley_mode="demo", billing_enabled=True, support_enabled=True))
    registry.bot_username = "parley_bot"
    registry.introduces = False


class World:
    """The harness, a phone that texts and one that chats."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.sms: Phone = harness.phone("sms", NUMBER)
        self.chat: Phone = harness.phone("telegram", "7:4711")

    async def person(self, phone: Phone) -> int:
        """Return whose a phone is."""
        hashed = self.harness.seal.digest("address", f"{phone.channel}:{phone.handle}")
        found = await self.rows(sa.select(address.c.person_id).where(address.c.hash == hashed))
        return int(found[0][0])

    async def write(self, job: Callable[[Work], Any]) -> Any:
        """Do something in a unit of work of its own."""
        return await self.harness.writers.run(job)

    async def rows(self, statement: sa.Select[Any]) -> list[Any]:
        """Return the rows of a read."""
        return await self.harness.database.read(lambda c: list(c.execute(statement)))

    async def code(self, phone: Phone) -> str:
        """Ask for a code and return its digits."""
        (told, *_) = await phone.say("LINK")
        found = re.search(r"LINK (\d{6})", told.text)
        assert found is not None, told.text
        return found[1]

    async def link(self, here: Phone, there: Phone) -> str:
        """Link from one phone to the other up to the question, and return the question."""
        code = await self.code(here)
        await there.say(f"LINK {code}")
        return here.last.text


@asynccontextmanager
async def open_world(kind: str, folder: Path) -> AsyncIterator[World]:
    """Open a world on a database of a kind."""
    with prepared_database(kind, folder) as url:
        async with Harness.open(register, url, FixedClock(NOW)) as harness:
            yield World(harness)
