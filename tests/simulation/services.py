"""A town with all the services that a release has, for rules that hold everywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.assembly.services import register_services
from bot.core.clock import FixedClock
from bot.core.settings import Settings, with_business
from bot.engine.registry import Registry
from tests.conftest import FRIDAY
from tests.databases import prepared_database
from tests.simulation.world import World

NUMBER, USER = "+14155550123", 500_000_001


def everything(registry: Registry) -> None:
    """Register what a release registers."""
    register_services(registry, Settings(_env_file=None, parley_mode="demo"))


def business(registry: Registry) -> None:
    """Register what the demo registers: the services, and the business around them."""
    register_services(registry, with_business(Settings(_env_file=None, parley_mode="demo")))


@asynccontextmanager
async def full_town(folder: Path, **settings: Any) -> AsyncIterator[World]:
    """Open a town with every service; `settings` change its server's."""
    with prepared_database("sqlite", folder) as url:

        class Full(World):
            def settings(self) -> Settings:
                return super().settings().model_copy(update=settings)

        async with Full.open(everything, url, FixedClock(FRIDAY), folder) as world:
            yield world


class Someone:
    """A person on one channel, who says something and hears what comes back."""

    def __init__(self, world: World, channel: str, handle: str | int | None = None) -> None:
        self.world, self.channel = world, channel
        self.phone: Any = world.phone(str(handle or NUMBER)) if channel == "sms" else world.person(int(handle or USER))

    @property
    def heard(self) -> list[str]:
        """Return everything that was sent to them, what the carrier says by itself included."""
        texts = self.phone.texts if self.channel == "sms" else self.phone.chat.texts
        return list(texts)

    async def say(self, text: str) -> list[str]:
        """Say something, let everybody act, and return what came back."""
        before = len(self.heard)
        await self.phone.say(text)
        await self.world.rest()
        return self.heard[before:]


async def dead_letters(world: World) -> list[str]:
    """Return the errors of events and rows that were given up."""

    def read(connection: Any) -> list[str]:
        from storage.inbox import inbox
        from storage.outbox import outbox

        rows = [*connection.execute(inbox.select()), *connection.execute(outbox.select())]
        return [str(row.error) for row in rows if row.state == "dead"]

    return await world.app.database.read(read)
