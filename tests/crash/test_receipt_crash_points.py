"""Dying before and after every commit and call between a photo and its transaction (RA-4): one draft, one booking."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.assembly.app import App
from bot.assembly.services import register_services
from bot.core.calls import Done, Outcome
from bot.core.calls.reading import PrintRead, ReadPrint
from bot.core.clock import FixedClock
from bot.core.settings import Settings
from bot.engine.registry import Registry
from handlers.receipts.reading import page_of_text
from storage.receipts.documents import document
from storage.receipts.ledger import transaction
from storage.receipts.readings import reading
from storage.receipts.receipts import receipt
from storage.receipts.sources import source
from tests.conftest import FRIDAY
from tests.crash.gate import Died, Gate
from tests.databases import prepared_database
from tests.e2e.journey import picture
from tests.effort import short
from tests.simulation.world import World

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PRINTED = "TRADER JOE'S #123\n11-15-2026\nSUBTOTAL 25.10\nTAX 1.13\nTOTAL $26.23"
PATIENCE = 15


def register(registry: Registry) -> None:
    """Register receipts alone, so that no appeal's words stand between."""
    register_services(registry, Settings(_env_file=None, parley_mode="demo", appeals_enabled=False))


async def read(call: ReadPrint, attempt: Any) -> Outcome:
    """Read what stands on the one picture of this world."""
    return Done(PrintRead([page_of_text(PRINTED)], "local_ocr", 1))


class Life:
    """A person who sends a photo and says OK, in a world whose process may die."""

    def __init__(self, world: World, gate: Gate, channel: str) -> None:
        self.world, self.gate, self.channel = world, gate, channel
        self.phone: Any = world.phone("+14155550123") if channel == "sms" else world.person(500_000_001)

    async def live(self) -> None:
        """Send the photo until a draft is shown, then save it until that is confirmed."""
        await self._through(lambda: self.phone.say("hi"))
        await self._rest()
        self.gate.armed = True
        await self._until(lambda: self._heard("Trader Joe's $26.23"), self._photo)
        await self._until(lambda: self._heard("Saved"), self._ok)
        for seconds in (30, 700):
            await self._through(lambda seconds=seconds: self.world.advance(timedelta(seconds=seconds)))  # type: ignore[misc]

    async def _photo(self) -> None:
        await (self.phone.mms([picture()]) if self.channel == "sms" else self.phone.photo(picture()))

    async def _ok(self) -> None:
        await self.phone.say("ok")

    def _heard(self, part: str) -> bool:
        texts = self.phone.texts if self.channel == "sms" else self.phone.chat.texts
        return any(part in text for text in texts)

    async def _rest(self) -> None:
        await self._through(lambda: self.world.rest())

    async def _until(self, true: Callable[[], bool], act: Callable[[], Awaitable[None]]) -> None:
        """Do something once more each time nothing came of it, as people do."""
        for attempt in range(PATIENCE):
            if attempt % 5 == 0:
                await self._through(act)
            await self._rest()
            await self._through(lambda: self.world.advance(timedelta(seconds=20)))
            if true():
                return
        raise AssertionError(f"waited in vain after {self.gate.where_all}")

    async def _through(self, act: Callable[[], Awaitable[Any]]) -> None:
        """Do something; if the process dies of it, start the next one."""
        task, died = asyncio.ensure_future(act()), asyncio.ensure_future(self.gate.died.wait())
        await asyncio.wait({task, died}, return_when=asyncio.FIRST_COMPLETED)
        died.cancel()
        if not self.gate.died.is_set():
            await task
            return
        task.cancel()
        await asyncio.gather(task, died, return_exceptions=True)
        await self.world.bury()
        while True:
            self.gate.rise()
            try:
                await self.world.start()
            except Died:
                await self.world.bury()
            else:
                return


async def play(kind: str, channel: str, folder: Path, *deaths: int) -> tuple[Gate, dict[str, int]]:
    """Play one life; return its gate and how many rows of each kind there are in the end."""
    folder.mkdir()  # noqa: ASYNC240 - once, before anything runs
    gate = Gate(*deaths)

    def on_start(app: App) -> None:
        for adapter in app.adapters:
            if ReadPrint in adapter.calls:
                adapter.calls = {**adapter.calls, ReadPrint: read}
        gate.install(app)

    with prepared_database(kind, folder) as url:
        async with World.open(register, url, FixedClock(FRIDAY), folder, on_start=on_start) as world:
            await Life(world, gate, channel).live()
            tables = {"source": source, "document": document, "reading": reading, "transaction": transaction}

            def count(connection: sa.Connection) -> dict[str, int]:
                found = {
                    name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                    for name, table in tables.items()
                }
                states = connection.execute(sa.select(receipt.c.state)).scalars().all()
                return found | {"confirmed": states.count("confirmed"), "waiting": states.count("draft")}

            return gate, await world.app.database.read(count)


ONCE = {"document": 1, "reading": 1, "transaction": 1, "confirmed": 1, "waiting": 0}


@pytest.mark.parametrize(
    ("kind", "channel", "step"),
    [
        ("sqlite", "telegram", short(9, whole=3)),
        ("sqlite", "sms", short(11, whole=5)),
        pytest.param("postgres", "sms", short(19, whole=9), marks=pytest.mark.postgres),
    ],
    ids=["sqlite-telegram", "sqlite-sms", "postgres-sms"],
)
async def test_ra_4_death_at_an_instant_makes_neither_two_drafts_nor_none(
    kind: str, channel: str, step: int, tmp_path: Path
) -> None:
    """One instant in so many: an odd number, so that both sides of commits are met; `make torture` meets more."""
    undisturbed, rows = await play(kind, channel, tmp_path / "undisturbed")
    assert {name: rows[name] for name in ONCE} == ONCE
    broken = {}
    for at in range(0, len(undisturbed.trail), step):
        _, rows = await play(kind, channel, tmp_path / f"death{at}", at)
        if {name: rows[name] for name in ONCE} != ONCE:
            broken[f"{at}: {undisturbed.trail[at]}"] = rows
    assert not broken
