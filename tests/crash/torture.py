"""Kill real servers under load and judge by the vendors' books: `python -m tests.crash.torture --kills 200`.

On SQLite one server is killed and started again; on PostgreSQL two share the database and either is killed. People
write, pay and wait meanwhile. In the end everybody is given time, and the judge reads the books.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from storage import outbox
from storage.appeals.letters import letter
from storage.appeals.payments import payment
from storage.database import Database
from tests.crash.judge import Judge, Said, Verdict, Who
from tests.crash.mutations import MUTATIONS
from tests.crash.town import Server, Town
from tests.databases import database_url, make_schema
from tests.simulation.world import LINK

LIVELY, MOST = 10, 60
"""So many people write at any time; so many may be under way, the waiting ones included."""
IDLE_SECONDS = 3.0
JUMP = timedelta(seconds=61)
JUMP_EVERY_KILLS = 12
"""The clock moves with the kills, not with the wall: on a slow machine replies would become too old to be sent."""
ADOPTION_SECONDS = 27.0
"""After this a surviving worker has adopted the rows of a dead one: 15 s of silence and the next look."""
END_ROUNDS, END_STILL = 90, 12
"""In the end everybody is given rounds of five seconds, until all are served or nothing moved for so many of them."""
NEXT_LOOK, LONG_JUMP, LONG_JUMPS = timedelta(seconds=65), timedelta(minutes=31), 3
"""A payment whose event found a dead server three times hears of the fourth half an hour later, and our own look at
Stripe is hourly: the last still rounds jump so far."""


class Someone:
    """A person who orders a letter, one message after the other."""

    def __init__(self, town: Town, number: int) -> None:
        self._town, self.number = town, number
        self.channel = "sms" if number % 2 else "telegram"
        handle = f"+1415{5_550_000 + number:07d}" if self.channel == "sms" else str(500_000_001 + number)
        self.who: Who = (self.channel, handle)
        self.said: list[Said] = []
        self.paid = self.finished = False
        self.moved = time.monotonic()

    @property
    def is_lively(self) -> bool:
        """Whether something happened lately."""
        return not self.finished and time.monotonic() - self.moved < IDLE_SECONDS

    async def live(self) -> None:
        """Order, note, go, pay, wait for the printer."""
        name = f"p{self.number}"
        await self._say(f"order {name}", f"order {name}")
        for n in range(1, 4):
            await self._say(f"{name} note{n}", f"{name} note{n}")
        await self._say("go", "sent ")
        link = await self._hear("/p/")
        await self._pay(LINK.search(link))
        await self._hear("at the printer")
        self.finished = True

    async def _say(self, words: str, wanted: str) -> None:
        tries = 0
        while True:
            said = Said(self.who, words if tries == 0 or words == "go" else f"{words} again{tries}")
            self.said.append(said)
            if self.channel == "telegram":
                await self._town.vendors.telegram.person(int(self.who[1])).say(said.words)
                said.acknowledged = True  # at the end no update may still wait
                break
            sid = await self._town.vendors.twilio.phone(self.who[1]).say(said.words)
            said.acknowledged = any(
                row["sid"] == sid for row in reversed(self._town.vendors.twilio.book.of("inbound.delivered")[-60:])
            )
            if said.acknowledged or (words == "go" and self._heard("sent ")):
                break
            tries += 1
            await asyncio.sleep(0.2)
        self.moved = time.monotonic()
        await self._hear(wanted)

    def _heard(self, wanted: str) -> str | None:
        return next((text for text in self._town.heard[self.who] if wanted in text), None)

    async def _hear(self, wanted: str) -> str:
        while True:
            self._town.listen()
            found = self._heard(wanted)
            if found is not None:
                self.moved = time.monotonic()
                return found
            await asyncio.sleep(0.05)

    async def _pay(self, link: object) -> None:
        assert link is not None
        stripe = self._town.vendors.stripe
        await asyncio.sleep(random.random() * 0.2)
        reference = await self._session()
        stripe.pay(reference)
        self.paid = True
        await stripe.tick()

    async def _session(self) -> str:
        """Follow the link to the checkout."""
        import aiohttp

        link = await self._hear("/p/")
        found = LINK.search(link)
        assert found is not None
        while True:
            try:
                async with (
                    aiohttp.ClientSession() as session,
                    session.post(found[0], allow_redirects=False) as answer,
                ):
                    if answer.status == 303:
                        return answer.headers["Location"].rstrip("/").rsplit("/", 1)[-1]
            except (aiohttp.ClientError, OSError):
                pass
            await asyncio.sleep(0.2)


class Torture:
    """One run on one database."""

    def __init__(self, town: Town, *, kills: int, seed: int, lively: int = LIVELY) -> None:
        self._town, self._kills, self._lively = town, kills, lively
        self._random = random.Random(seed)
        self._people: list[Someone] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._ends = False

    async def run(self) -> Verdict:
        """Kill, wait, judge."""
        crowd = asyncio.create_task(self._crowd())
        try:
            for n in range(self._kills):
                await self._kill()
                if (n + 1) % JUMP_EVERY_KILLS == 0:
                    self._town.clock.jump(JUMP)
                if (n + 1) % 10 == 0:
                    done = sum(p.finished for p in self._people)
                    print(f"  {n + 1} kills, {len(self._people)} people, {done} letters heard of", flush=True)
            await self._end()
        finally:
            for task in (crowd, *self._tasks):
                task.cancel()
            await asyncio.gather(crowd, *self._tasks, return_exceptions=True)
        return self._judge()

    async def _kill(self) -> None:
        server: Server = self._random.choice(self._town.servers)
        await asyncio.sleep(self._random.uniform(0.1, 2.2))
        await server.kill()
        await server.start()
        if self._random.random() < 0.1:
            await asyncio.sleep(self._random.uniform(0.2, 1.5))
            await server.kill()
            await server.start()
        await server.wait_ready()

    async def _crowd(self) -> None:
        while not self._ends:
            if (
                sum(p.is_lively for p in self._people) < self._lively
                and sum(not p.finished for p in self._people) < MOST
            ):
                person = Someone(self._town, len(self._people))
                self._people.append(person)
                self._tasks.append(asyncio.create_task(person.live()))
            await asyncio.sleep(0.05)

    async def _end(self) -> None:
        """Give everybody time: the clock jumps only over rounds in which nothing moved."""
        self._ends = True
        if len(self._town.servers) > 1:
            await self._wait(ADOPTION_SECONDS)
        still = 0
        for _ in range(END_ROUNDS):
            before = self._progress()
            if await self._wait(5.0) or still == END_STILL:
                break
            if self._progress() != before:
                still = 0
                continue
            still += 1
            self._town.clock.jump(LONG_JUMP if still > END_STILL - LONG_JUMPS else NEXT_LOOK)
        await self._wait(3.0, at_least=True)

    def _progress(self) -> int:
        return sum(len(texts) for texts in self._town.heard.values())

    async def _wait(self, seconds: float, *, at_least: bool = False) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not at_least and self._is_quiet():
                return True
            await asyncio.sleep(0.1)
        return self._is_quiet()

    def _is_quiet(self) -> bool:
        return all(p.finished for p in self._people) and not self._town.vendors.telegram.updates.count()

    def _judge(self) -> Verdict:
        said = [one for person in self._people for one in person.said]
        payers = [person.who for person in self._people if person.paid]
        kills = sum(server.starts - 1 for server in self._town.servers)
        verdict = Judge(self._town.vendors, kills=kills).judge(said, payers)
        waiting = self._town.vendors.telegram.updates.count()
        if waiting:
            verdict.problems.append(f"{waiting} updates were never taken")
        verdict.problems += [
            f"{p.who}: never heard of the printer"
            for p in self._people
            if p.paid and not p.finished and p.channel == "sms"
        ]
        unpaid = [p.who for p in self._people if not p.paid]
        verdict.problems += [f"{who}: never got a pay link; heard {self._town.heard[who][-2:]}" for who in unpaid]
        return verdict


async def torture(kind: str, *, kills: int, seed: int = 1, mutation: str = "", lively: int = LIVELY) -> Verdict:
    """Torture one kind of database: `sqlite` with one server, `postgres` with two."""
    with tempfile.TemporaryDirectory() as name, database_url(kind, Path(name)) as url:
        make_schema(url)
        async with Town(Path(name), url, 1 if kind == "sqlite" else 2, mutation) as town:
            verdict = await Torture(town, kills=kills, seed=seed, lively=lively).run()
            if verdict.problems:
                verdict.problems += leftovers(url)
            return verdict


def leftovers(url: str) -> list[str]:
    """Return what the database still holds open, as a hint where to look; the judge does not ask it."""
    engine = Database(url).engine()
    row = outbox.outbox
    wanted = sa.select(row.c.id, row.c.purpose, row.c.state, row.c.attempts, row.c.due_at, row.c.error).where(
        row.c.state.not_in(["sent", "answered"])
    )
    unmailed = sa.select(payment.c.id, payment.c.status, payment.c.paid_at, letter.c.status, letter.c.error_code)
    unmailed = unmailed.outerjoin(letter, letter.c.payment_id == payment.c.id).where(letter.c.lob_id.is_(None))
    with engine.connect() as connection:
        found = [f"(not mailed: {tuple(one)})" for one in connection.execute(unmailed.limit(20))]
        found += [f"(left in the outbox: {tuple(one)})" for one in connection.execute(wanted.limit(20))]
    engine.dispose()
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.torture")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--people", type=int, default=LIVELY, help="how many write at any time")
    parser.add_argument("--mutation", choices=[*MUTATIONS, ""], default="", help="break the servers on purpose")
    options = parser.parse_args(arguments)
    problems = 0
    for kind in ["sqlite", "postgres"] if options.database == "both" else [options.database]:
        print(f"{kind}: {options.kills} kills, seed {options.seed}", flush=True)
        started = time.monotonic()
        verdict = asyncio.run(
            torture(kind, kills=options.kills, seed=options.seed, mutation=options.mutation, lively=options.people)
        )
        for problem in verdict.problems[:100]:
            print(f"  BROKEN {problem}")
        print(f"  {verdict.line()}; {len(verdict.problems)} broken promises; {time.monotonic() - started:.0f} s")
        if not verdict.problems and verdict.paid:
            print(
                f"  0 failures in {verdict.paid} letters: with 95 % confidence fewer than 1 in {verdict.paid // 3 or 1}"
            )
        problems += len(verdict.problems)
    return min(problems, 1)


if __name__ == "__main__":
    sys.exit(main())
