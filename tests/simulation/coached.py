"""Many coached persons over a month: each with a zone, a rhythm, quiet hours, and a way of answering.

    python -m tests.simulation.coached 1000        the full size, by hand, in as many towns as there are
                                                   processors: one line of numbers, non-zero on a fault

What is checked is computed anew here, day by day, from what each person chose, and compared with what was sent.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

import bot.engine
from bot.core.calls import Done, Outcome
from bot.core.calls.charts import ChartDrawn, DrawChart
from bot.core.clock import FixedClock
from bot.engine import consent, own_data, stray
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from handlers import coaching as service
from handlers.coaching.later.slots import NUDGE_DAYS
from storage import people
from storage.coaching import ledger, profiles, projects, tasks
from storage.coaching.care import checkin
from storage.coaching.ledger import Caps
from storage.coaching.turns import turn
from storage.work import Work

START = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
"""A month with the change of clocks in America (March 8) and in Europe (March 29)."""
DAYS = 31
ZONES = ("America/New_York", "America/Los_Angeles", "America/Phoenix", "Europe/Berlin", "Europe/London",
    "Asia/Tokyo", "Asia/Kathmandu", "Australia/Sydney", "Pacific/Auckland", "America/Sao_Paulo")  # fmt: skip
HABITS = ("answers", "silent", "mover", "pauses", "answers", "answers")
CAPS = Caps(messages=50, nano_usd=1_000_000_000)
WORST = 31_000_000
MANY, SOME = 0.004, 0.3
"""How often a person says far more to the coach on a day than they may, and how often anything."""
MINUTE = timedelta(minutes=1)


@dataclass
class Coached:
    """One person: what they chose, how they behave, and what they did."""

    phone: Phone
    zone: str
    every: str
    weekday: int
    hour: int
    quiet: tuple[int, int]
    habit: str
    person_id: int = 0
    project_id: int = 0
    done: int = 0
    zones: list[tuple[datetime, str]] = field(default_factory=list)
    paused: tuple[date, date] | None = None
    booked: int = 0

    def zone_at(self, moment: datetime) -> str:
        """Return where the person was."""
        return next(zone for since, zone in reversed(self.zones) if since <= moment)


def register(registry: Registry) -> None:
    """Register the engine's texts and the coach."""
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.introduces = False
    for part in (stray, consent, own_data):
        part.register(registry)
    service.register(registry)
    service.register_last(registry)


def _move(work: Work, one: Coached, zone: str) -> None:
    work.claim(people.person.update().where(people.person.c.id == one.person_id).values(zone=zone))


class Month:
    """The persons of one seed."""

    def __init__(self, harness: Harness, count: int, seed: int) -> None:
        self.harness, self.random = harness, random.Random(seed)
        self.persons = [self._person(number) for number in range(count)]
        self.faults: list[str] = []

    def _person(self, number: int) -> Coached:
        pick = self.random.choice
        quiet = pick([(21, 8), (21, 8), (22, 7), (0, 0), (12, 14)])
        zone, every = pick(ZONES), ("day", "week", "week")[number % 3]
        phone = self.harness.phone("telegram", f"7:{1000 + number}")
        hour = self.random.randint(0, 23)
        return Coached(phone, zone, every, self.random.randint(0, 6), hour, quiet, HABITS[number % 6])

    async def play(self) -> None:
        """Let everybody begin, and the days pass."""
        await self._begin()
        for day in range(DAYS):
            for _ in range(4):
                await self.harness.wait(timedelta(hours=6))
            await self._live(day)

    async def _do(self, act: Any) -> Any:
        return await self.harness.writers.run(act)

    async def _all_say(self, words: str) -> None:
        await self.harness.say_together((one.phone, words) for one in self.persons)

    async def _begin(self) -> None:
        await self._all_say("menu")
        await self._do(self._arrive)
        for words in ("coach", "twitch", "12k", "retro games", "7"):
            await self._all_say(words)
        await self._do(self._choose)
        await self.harness.say_together((one.phone, f"checkin {one.hour}") for one in self.persons)

    def _arrive(self, work: Work) -> None:
        """Put everybody into their zone."""
        for one in self.persons:
            digest = self.harness.seal.digest("address", f"telegram:{one.phone.handle}")
            query = sa.select(people.address.c.person_id).where(people.address.c.hash == digest)
            one.person_id = work.rows(query)[0].person_id
            _move(work, one, one.zone)
            one.zones.append((START, one.zone))

    def _choose(self, work: Work) -> None:
        """Set everybody's rhythm."""
        for one in self.persons:
            found = profiles.load(work, one.person_id)
            assert found is not None
            profiles.put(work, one.person_id, replace(
                found, checkin_every=one.every, checkin_day=one.weekday, checkin_hour=one.hour,
                quiet_from=one.quiet[0], quiet_to=one.quiet[1],
            ))  # fmt: skip
            one.project_id = projects.of_person(work, one.person_id)[0].id

    async def _live(self, day: int) -> None:
        """Let everybody do what they do on a day, all of them at the same moment."""
        lines = [self._lines(one, day) for one in self.persons]
        for turn_of in range(max(map(len, lines))):
            await self.harness.say_together(
                (one.phone, said[turn_of]) for one, said in zip(self.persons, lines, strict=True) if turn_of < len(said)
            )
        movers = [one for one in self.persons if self._moves(one)]
        await self._do(lambda work: self._travel(work, movers))
        await self.harness.say_together((one.phone, f"checkin {one.hour}") for one in movers)
        await asyncio.gather(*(self._spend(one) for one in self.persons))

    def _lines(self, one: Coached, day: int) -> list[str]:
        """Return what a person says on a day."""
        said: list[str] = []
        if one.habit in ("answers", "mover") and self.random.random() < 0.5:
            said.append(self.random.choice(["next", "plan", "progress", "decisions"]))
            if one.done < 4 and self.random.random() < 0.2:
                one.done += 1
                said.append(f"done 1.{one.done}")
        if one.habit == "pauses" and day == 10:
            local = self.harness.clock.now().astimezone(ZoneInfo(one.zone)).date()
            one.paused = (local, local + timedelta(days=7))
            said.append("pause 1 week")
        return said

    def _moves(self, one: Coached) -> bool:
        return one.habit == "mover" and self.random.random() < 0.1

    def _travel(self, work: Work, movers: list[Coached]) -> None:
        for one in movers:
            one.zones.append((self.harness.clock.now(), self.random.choice(ZONES)))
            _move(work, one, one.zones[-1][1])

    async def _spend(self, one: Coached) -> None:
        """Book coach messages, some days far more than the cap."""
        luck = self.random.random()
        wanted = 60 if luck < MANY else 1 if luck < SOME else 0
        day = self.harness.clock.now().astimezone(ZoneInfo(one.zone_at(self.harness.clock.now()))).date()

        def book(work: Work) -> None:
            one.booked += 1
            taken = ledger.reserve(
                work, person_id=one.person_id, project_id=one.project_id, operation=f"{one.person_id}:{one.booked}",
                day=day, nano_usd=WORST, caps=CAPS,
            )  # fmt: skip
            of = ledger.booked(work, one.person_id, taken) if isinstance(taken, int) else None
            if of is not None:
                cost = self.random.randint(1, WORST)
                ledger.settle(work, of, state="answered", nano_usd=cost, thresholds=())

        for _ in range(wanted):  # one at a time, as the turns of one person are
            await self._do(book)

    # -- what must hold --------------------------------------------------------------------------------------------

    async def judge(self) -> dict[str, int]:
        """Compare what was sent, spent and shown with what each person chose and did."""
        sent: list[Any] = await self._do(lambda work: work.rows(sa.select(checkin).order_by(checkin.c.id)))
        by_person: dict[int, list[Any]] = {}
        for row in sent:
            by_person.setdefault(row.person_id, []).append(row)
        for one in self.persons:
            self._windows(one, by_person.get(one.person_id, []))
            self._nothing_lost(one, by_person.get(one.person_id, []))
        await self._budgets()
        await self._progress()
        counted = [row for row in sent if row.state == "sent"]
        kinds = {kind: sum(row.kind == kind for row in counted) for kind in ("checkin", "review", "nudge")}
        return {"persons": len(self.persons), **kinds, "faults": len(self.faults)}

    def _windows(self, one: Coached, rows: list[Any]) -> None:
        days: list[str] = []
        for row in rows:
            if row.state != "sent":
                continue
            at = row.sent_at.astimezone(ZoneInfo(one.zone_at(row.sent_at)))
            if self._is_quiet(one, at.hour):
                self.faults.append(f"{one.phone.handle} quiet {at}")
            if one.paused and one.paused[0] < at.date() < one.paused[1]:
                self.faults.append(f"{one.phone.handle} paused {at}")
            if row.kind == "nudge":
                continue
            days.append(row.period)
            if one.habit == "mover":
                continue
            due = self._due(one, date.fromisoformat(row.period))
            if abs(at - due) > MINUTE:
                self.faults.append(f"{one.phone.handle} due {due} sent {at}")
        if len(set(days)) != len(days):
            self.faults.append(f"{one.phone.handle} twice: {days}")

    def _due(self, one: Coached, day: date) -> datetime:
        zone = ZoneInfo(one.zone)
        at = datetime(day.year, day.month, day.day, one.hour, tzinfo=zone).astimezone(UTC).astimezone(zone)
        while self._is_quiet(one, at.hour):
            at = (at.astimezone(UTC) + timedelta(hours=1)).astimezone(zone)
        return at

    def _is_quiet(self, one: Coached, hour: int) -> bool:
        start, end = one.quiet
        return start != end and (start <= hour < end if start < end else hour >= start or hour < end)

    def _nothing_lost(self, one: Coached, rows: list[Any]) -> None:
        """Check that every day of the rhythm has its check-in, sent or left out because the last one is unanswered."""
        known = {row.period for row in rows if row.kind in ("checkin", "review")}
        first = min((date.fromisoformat(period) for period in known), default=None)
        end = self.harness.clock.now().astimezone(ZoneInfo(one.zone)).date() - timedelta(days=2)
        day = first
        while day is not None and day < end:
            wanted = one.every == "day" or day.weekday() == one.weekday
            rests = one.paused is not None and one.paused[0] - timedelta(days=1) <= day <= one.paused[1]
            if wanted and not rests and day.isoformat() not in known and one.habit != "mover":
                self.faults.append(f"{one.phone.handle} lost {day}")
            day += timedelta(days=1)
        if one.habit == "silent":
            steps = [row.step for row in rows if row.kind == "nudge"]
            if steps != list(range(len(steps))) or len(steps) > len(NUDGE_DAYS):
                self.faults.append(f"{one.phone.handle} nudges {steps}")
            if sum(row.state == "sent" and row.kind != "nudge" for row in rows) > 1:
                self.faults.append(f"{one.phone.handle} more than one check-in into silence")

    async def _budgets(self) -> None:
        total = sa.func.sum(turn.c.spent_nano + turn.c.reserved_nano)
        rows: list[Any] = await self._do(
            lambda work: work.rows(
                sa.select(turn.c.person_id, turn.c.day, sa.func.count(), total)
                .where(turn.c.counts)
                .group_by(turn.c.person_id, turn.c.day)
            )
        )
        self.faults += [f"over: {row}" for row in rows if row[2] > CAPS.messages or row[3] > CAPS.nano_usd]
        if len(self.persons) >= 100 and not any(row[2] >= 30 for row in rows):
            self.faults.append("no day came near the cap: nothing was shown")

    async def _progress(self) -> None:
        def look(work: Work) -> None:
            for one in self.persons:
                known = tasks.load_all(work, one.person_id, one.project_id)
                if sum(task.counts for task in known) != one.done:
                    self.faults.append(f"{one.phone.handle} progress {one.done}")

        await self._do(look)


async def simulate(folder: Path, count: int, seed: int) -> tuple[dict[str, int], list[str]]:
    """Play a month and return its numbers and faults."""

    def drawn(call: DrawChart, harness: Harness) -> Outcome:
        return Done(ChartDrawn(harness.keep(b"png"), "0" * 64, 1080, 600))

    async with Harness.open(register, folder, FixedClock(START), {DrawChart: drawn}) as harness:
        month = Month(harness, count, seed)
        await month.play()
        return await month.judge(), month.faults


def _town(count: int, seed: int) -> tuple[dict[str, int], list[str]]:
    """Play one town, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(simulate(Path(folder), count, seed))


def main() -> int:
    """Play the full size, a town of equal size for each processor, and print one line."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    towns = int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count() or 1
    sizes = [count // towns + (number < count % towns) for number in range(towns)]
    began = time.perf_counter()
    with ProcessPoolExecutor(towns) as pool:
        played = list(pool.map(_town, sizes, range(7, 7 + towns)))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = Counter[str]()
    for numbers, _ in played:
        total.update(numbers)
    faults = [fault for _, found in played for fault in found]
    shown = ", ".join(f"{name} {number}" for name, number in total.items())
    took = f"{time.perf_counter() - began:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of processor"
    print(f"{shown}, {DAYS} days, {len(ZONES)} zones, {towns} towns, {took}")
    print(*faults[:20], sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
