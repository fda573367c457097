"""Many people over months, vendors in seeded trouble, processes that die: letters equal payments in every world."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.clock import FixedClock
from integrations.fakes.kit import REQUEST_FAULTS
from tests.conftest import FRIDAY
from tests.crash.judge import Judge, Said, Who
from tests.crash.orders import register
from tests.databases import prepared_database
from tests.effort import short
from tests.simulation.ending import ending
from tests.simulation.world import LINK, World

PEOPLE, DAYS = 4, 16
OPERATIONS = {"stripe": "*", "lob": "letter*", "twilio": "CreateMessage", "telegram": "sendMessage"}
EVENTS = {
    "stripe": ("duplicate", "reorder", "delay"),
    "lob": ("duplicate", "reorder", "delay"),
    "twilio": ("duplicate",),
}


class Months:
    """One seed's world."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)
        self.said: list[Said] = []
        self.payers: list[Who] = []
        self.uncertain = 0

    async def play(self) -> None:
        """Let the days pass."""
        starts = sorted(self.random.uniform(0, DAYS - 10) for _ in range(PEOPLE))
        for day in range(DAYS):
            self._trouble()
            for number in [n for n, start in enumerate(starts) if int(start) == day]:
                await self._order(number)
            await self.world.advance(timedelta(hours=self.random.uniform(1, 9)))
            self._pay()
            if self.random.random() < 0.3:
                await self.world.crash()
            await self.world.advance(timedelta(hours=self.random.uniform(6, 16)))
            self._pay()
        for fake in self.world.vendors.all.values():
            fake.faults.clear()
        await self.world.advance(timedelta(days=16))

    def _trouble(self) -> None:
        vendor = self.random.choice(list(OPERATIONS))
        faults = self.world.vendors.all[vendor].faults
        fault = self.random.choice([f for f in REQUEST_FAULTS if f != "latency"])
        self.uncertain += vendor == "telegram"
        faults.add(fault, OPERATIONS[vendor], times=self.random.randint(1, 3), status=self.random.choice([500, 503]))
        vendor = self.random.choice(list(EVENTS))
        kind = "inbound" if vendor == "twilio" else "*"
        late = timedelta(hours=self.random.uniform(0, 72))
        self.world.vendors.all[vendor].faults.add(self.random.choice(EVENTS[vendor]), kind, delay=late)

    async def _order(self, number: int) -> None:
        who: Who = ("sms", f"+1415555{number + 100:04d}") if number % 2 else ("telegram", str(500_000_100 + number))
        for words in (f"order p{number}", f"p{number} note", "go"):
            if who[0] == "sms":
                await self.world.phone(who[1]).say(words)
            else:
                await self.world.person(int(who[1])).say(words)
            self.said.append(Said(who, words, True))
            await self.world.advance(timedelta(minutes=3))

    def _pay(self) -> None:
        vendors = self.world.vendors
        for who in dict.fromkeys(said.who for said in self.said):
            texts = vendors.twilio.phone(who[1]).texts if who[0] == "sms" else self.world.person(int(who[1])).chat.texts
            if who not in self.payers and any(LINK.search(text) for text in texts):
                self.payers.append(who)
        self.world.pay_all()


@pytest.mark.parametrize("seed", short([1], whole=list(range(1, 11))))
async def test_fake_1_months_of_seeded_trouble_end_as_if_undisturbed(seed: int, tmp_path: Path) -> None:
    """One seed; `make torture` plays ten."""
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            months = Months(world, seed)
            await months.play()
            trouble = world.deaths + 3 * months.uncertain
            verdict = Judge(world.vendors, kills=trouble).judge(months.said, months.payers)
            assert not verdict.problems, verdict.problems
            assert verdict.letters == verdict.paid == PEOPLE
            end = await ending(world)
            assert end["letters"] == ["delivered"] * PEOPLE
            assert not end["waiting"]
            assert not end["in flight"]
