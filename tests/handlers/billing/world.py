"""A person whose words are operations: `reserve op 3`, `settle op 3`, `may data.api`; turns are real ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import bot.engine
from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers import billing
from storage.people import person
from storage.work import Work

NOW = datetime(2026, 3, 18, 18, 0, tzinfo=UTC)
READ = "receipts.read"


def operate(turn: Turn, text: str) -> bool:
    """Do what a message says with the rights of whoever sent it."""
    word, _, rest = text.partition(" ")
    name, _, amount = rest.partition(" ")
    rights = turn.registry.rights
    match word:
        case "reserve":
            turn.lines.append(rights.reserve(turn, READ, name, int(amount or 1)).value)
        case "settle":
            rights.settle(turn, READ, name, used=int(amount or 1))
            turn.lines.append("settled")
        case "may":
            found = rights.decide(turn, name)
            turn.lines.append(f"{found.value} {found.reason.value}: {found.told}")
        case _:
            return False
    return True


def register(registry: Registry) -> None:
    """Register the engine's texts, billing and those words."""
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.introduces = False
    billing.register(registry)
    registry.word("text")(operate)
    billing.register_last(registry)


class World:
    """A harness and one phone."""

    def __init__(self, harness: Harness, phone: Phone) -> None:
        self.harness, self.phone = harness, phone

    async def say(self, text: str) -> list[str]:
        """Say something and return what is answered."""
        return [message.text for message in await self.phone.say(text)]

    async def use(self, operation: str, amount: int = 1) -> list[str]:
        """Reserve and settle at once; return what was said beside the two answers."""
        booked = await self.say(f"reserve {operation} {amount}")
        assert booked == ["granted"], booked
        return (await self.say(f"settle {operation} {amount}"))[1:]

    async def write(self, job: Callable[[Work, int], Any]) -> Any:
        """Write something of the person."""

        def run(work: Work) -> Any:
            (row,) = work.rows(sa.select(person.c.id))
            return job(work, row.id)

        return await self.harness.writers.run(run)

    async def rows(self, statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a read."""
        return [tuple(row) for row in await self.harness.writers.run(lambda work: work.rows(statement))]


@asynccontextmanager
async def open_world(where: Path | str, channel: str = "sms", now: datetime = NOW) -> AsyncIterator[World]:
    """Open a world in which the person was met."""
    async with Harness.open(register, where, FixedClock(now)) as harness:
        world = World(harness, harness.phone(channel))
        await world.say("may data.api")
        yield world
