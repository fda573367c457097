"""A house with persons on both channels, and a member of staff whose commands run without the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import bot.engine
from bot.core.clock import FixedClock
from bot.engine import own_data
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers import campaigns

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
"""Noon in San Francisco."""
ADMIN = Member("ada", "admin", frozenset({"broadcast.draft", "broadcast.send", "flag.set", "org.set"}))


def staff(turn: Turn, text: str) -> bool:
    """Run `do NAME|ARGUMENT`, or tell what it would do by `would NAME|ARGUMENT`."""
    verb, _, rest = text.partition(" ")
    name, _, argument = rest.partition("|")
    command = turn.registry.staff.get(name)
    if verb not in ("do", "would") or command is None:
        return False
    if verb == "do":
        turn.lines.append(command.act(turn, argument, ADMIN))
    elif command.foresee is not None:
        effect = command.foresee(turn, argument, ADMIN)
        turn.lines.append(f"{effect.says}\nTYPED {effect.typed}\nVERSION {effect.version}")
    return True


def register(registry: Registry) -> None:
    """Register the engine, the campaigns and those words."""
    registry.introduces = False
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    own_data.register(registry)
    registry.word("text")(staff)
    registry.features = frozenset({"coaching", "coaching.messages", "receipts"})
    campaigns.register(registry)


class House:
    """The harness, and what staff say."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.desk = harness.phone("telegram", "7:9001")

    async def do(self, name: str, argument: str = "", verb: str = "do") -> str:
        """Run a command of staff."""
        return "\n".join(message.text for message in await self.desk.say(f"{verb} {name}|{argument}"))

    async def people(self, sms: int, telegram: int = 0) -> list[Phone]:
        """Let persons say OFFERS ON."""
        phones = [self.harness.phone("sms", f"+1415555{n:04d}") for n in range(sms)]
        phones += [self.harness.phone("telegram", f"7:{5000 + n}") for n in range(telegram)]
        for phone in phones:
            await phone.say("offers on")
        return phones

    async def restart(self) -> None:
        """Let the process die and another one begin."""
        await self.harness._shut()
        self.harness._boot()

    async def rows(self, statement: sa.Select[Any]) -> list[Any]:
        """Return the rows of a read."""
        found: list[Any] = await self.harness.writers.run(lambda work: work.rows(statement))
        return found


def offers(phone: Phone) -> list[str]:
    """Return the offers that a phone got."""
    return [message.text for message in phone.messages if message.purpose == "offer"]


def texts(phone: Phone, part: str) -> int:
    """Return in how many messages of a phone something stands."""
    return sum(part in message.text for message in phone.messages)


@asynccontextmanager
async def open_house(where: Path | str, now: datetime = NOW) -> AsyncIterator[House]:
    """Open a house."""
    async with Harness.open(register, where, FixedClock(now)) as harness:
        yield House(harness)
