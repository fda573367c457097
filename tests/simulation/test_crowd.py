"""Twenty photos of one person and one of another, read by a slow reader that takes one at a time (RA-5, CAP-2)."""

from __future__ import annotations

import asyncio
import io
import re
import time
from datetime import timedelta
from pathlib import Path

from PIL import Image

from bot.assembly.app import App
from bot.assembly.services import register_services
from bot.core.calls import Done, Outcome
from bot.core.calls.reading import PrintRead, ReadPrint
from bot.core.clock import FixedClock
from bot.core.ports import Attempt
from bot.core.settings import Settings
from bot.engine.registry import Registry
from handlers.receipts.reading import page_of_text
from tests.conftest import FRIDAY
from tests.databases import prepared_database
from tests.e2e.journey import until
from tests.simulation.world import World

SHADES = 11
PHOTOS = 20
A_READING_SECONDS = 0.03


def photo(number: int) -> bytes:
    """Return a picture by whose grey the reader knows what stands on it."""
    data = io.BytesIO()
    Image.new("L", (64, 64), number * SHADES).save(data, "PNG")
    return data.getvalue()


class SlowReader:
    """Reads one picture after the other and notes which, and how many at once."""

    def __init__(self) -> None:
        self.read: list[int] = []
        self.now = self.most = 0

    async def __call__(self, call: ReadPrint, attempt: Attempt) -> Outcome:
        """Read a receipt over the amount that its grey says."""
        self.now += 1
        self.most = max(self.most, self.now)
        data = await attempt.files.get(call.blobs[0])
        await asyncio.sleep(A_READING_SECONDS)
        number = round(Image.open(io.BytesIO(data)).convert("L").getpixel((32, 32)) / SHADES)  # type: ignore[operator]
        self.now -= 1
        self.read.append(number)
        return Done(PrintRead([page_of_text(f"LUNA BOOKS\n11-15-2026\nTOTAL ${number}.00\nVISA {number}.00")], "x", 1))

    def install(self, app: App) -> None:
        """Stand in for the local reader of a process."""
        for adapter in app.adapters:
            if ReadPrint in adapter.calls:
                adapter.calls = {**adapter.calls, ReadPrint: self}


def register(registry: Registry) -> None:
    register_services(registry, Settings(_env_file=None, parley_mode="demo", appeals_enabled=False))


async def test_ra_5_twenty_photos_are_one_list_in_order_and_hold_nobody_up(tmp_path: Path) -> None:
    reader = SlowReader()
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path, on_start=reader.install) as world:
            ann, bob, cleo = (world.person(500_000_000 + n) for n in range(3))
            for person in (ann, bob, cleo):
                await person.say("hi")
            await world.rest()
            for number in range(1, PHOTOS + 1):
                await ann.photo(photo(number))
            await bob.photo(photo(PHOTOS + 1))
            reading = asyncio.create_task(world.advance(timedelta(seconds=3)))
            await until(lambda: len(reader.read) >= 3)
            asked, before = time.perf_counter(), len(cleo.chat.texts)
            await cleo.say("5.50 coffee")
            await until(lambda: len(cleo.chat.texts) > before)
            assert len(reader.read) < PHOTOS, (
                f"answered after {time.perf_counter() - asked:.2f} s, all was read by then"
            )
            assert "Coffee $5.50" in cleo.chat.texts[-1]
            await reading
            await world.rest()

            assert reader.most == 1
            assert sorted(reader.read) == list(range(1, PHOTOS + 2))
            assert reader.read.index(PHOTOS + 1) < PHOTOS / 2
            assert "Luna Books $21.00" in bob.chat.texts[-1]
            listed = re.findall(r"(\d+) Luna Books \$(\d+)\.00", ann.chat.texts[-1])
            assert listed == [(str(n), str(n)) for n in range(1, PHOTOS + 1)]
            await ann.tap("Save all")
            await world.rest()
            assert "Saved 20" in ann.chat.texts[-1]
