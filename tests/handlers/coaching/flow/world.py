"""A world for the conversation with the coach: that Monday in New York, and a person whose project has begun."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import bot.engine
from bot.core.clock import FixedClock
from bot.engine import ages, own_data, stray
from bot.engine.harness import Harness
from bot.engine.phone import Message, Phone
from bot.engine.registry import Registry
from handlers import coaching as service
from storage import people

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""2026-03-02, 10:00 in New York."""
NEW_YORK = "+12125550123"


def register(registry: Registry) -> None:
    """Register the engine's texts and the coach, without the introduction that would stand before each transcript."""
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.introduces = False
    stray.register(registry)
    own_data.register(registry)
    ages.register(registry)
    service.register(registry)
    service.register_last(registry)


@asynccontextmanager
async def open_world(where: Path | str, clock: FixedClock | None = None) -> AsyncIterator[Harness]:
    """Open a harness with the coach on that Monday."""
    async with Harness.open(register, where, clock or FixedClock(MONDAY), {}) as harness:
        yield harness


async def met(harness: Harness, channel: str, handle: str | None = None) -> Phone:
    """Return the phone of a person in New York who was greeted before and has no project yet."""
    phone = harness.phone(channel, handle or (NEW_YORK if channel == "sms" else None))
    await phone.say("menu")
    await harness.writers.run(lambda work: work.write(people.person.update().values(zone="America/New_York")))
    forget(phone)
    return phone


async def begun(harness: Harness, channel: str, handle: str | None = None, *, hours: str = "7") -> Phone:
    """Return the phone of a person whose project has just begun."""
    phone = await met(harness, channel, handle)
    for word in ("coach", "twitch", "12k", "retro speedruns", hours):
        await phone.say(word)
    forget(phone)
    return phone


def forget(phone: Phone) -> None:
    """Let what was said so far be no part of the transcript."""
    phone.messages.clear()
    phone.seen = 0


def screens(messages: Sequence[Message]) -> list[str]:
    """Return what messages say."""
    return [message.text for message in messages]


async def said(phone: Phone, text: str) -> str:
    """Say something and return the one answer to it."""
    (answer,) = await phone.say(text)
    return answer.text


async def rows(harness: Harness, table: sa.Table) -> list[Any]:
    """Return all rows of a table, oldest first."""
    return await harness.database.read(lambda c: list(c.execute(table.select().order_by(*table.primary_key.columns))))
