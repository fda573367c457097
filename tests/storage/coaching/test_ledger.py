"""What a turn takes and gives back, on both databases: messages, a person's money, the house's (LI-1 to LI-6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls.coach import ModelTry
from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage import people
from storage.alerts import alert
from storage.coaching import ledger, usage
from storage.coaching.ledger import Booked, Caps
from storage.coaching.turns import spend, turn
from storage.database import Database, Writers
from storage.work import Work

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
ANN = 1
WORST = 31_000_000
CAPS = Caps(messages=50, nano_usd=2_000_000_000)
USD = 1_000_000_000
THRESHOLDS = (10 * USD, 40 * USD, 50 * USD)


class House:
    """Writers on a database with one person."""

    def __init__(self, writers: Writers, clock: FixedClock) -> None:
        self.writers, self.clock, self.counter = writers, clock, 0

    async def do(self, job: Any) -> Any:
        return await self.writers.run(job, key=ANN)

    async def reserve(self, caps: Caps = CAPS, day: date = DAY, nano_usd: int = WORST, operation: str = "") -> Any:
        self.counter += 1
        name = operation or f"telegram:{self.counter}"

        def take(work: Work) -> Any:
            return ledger.reserve(
                work, person_id=ANN, project_id=7, operation=name, day=day, nano_usd=nano_usd, caps=caps
            )

        return await self.do(take)

    async def settle(self, turn_id: int, nano_usd: int, state: Any = "answered") -> None:
        def put(work: Work) -> None:
            of = ledger.booked(work, ANN, turn_id)
            assert of is not None
            ledger.settle(work, of, state=state, nano_usd=nano_usd, thresholds=THRESHOLDS)

        await self.do(put)

    async def answered(self, times: int) -> None:
        """Take and settle so many turns; one after the other, because only one of a person waits."""
        for _ in range(times):
            await self.settle(await self.reserve(), 9_000_000)

    async def read(self, statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.do(lambda work: work.rows(statement))]


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[House]:
    clock, database = FixedClock(NOW), Database(url)
    writers = Writers(database, clock=clock, ids=Ids(clock), seal=Seal([bytes(32)]))
    writers.start()
    house = House(writers, clock)
    person = people.person.insert().values(id=ANN, locale="en", created_at=0)
    await house.do(lambda work: work.write(person))
    try:
        yield house
    finally:
        await writers.stop()
        await database.close()


@pytest.fixture
async def house(database: str) -> AsyncIterator[House]:
    async with _opened(database) as opened:
        yield opened


async def test_c31_of_sixty_parallel_messages_at_forty_five_used_exactly_five_pass(house: House) -> None:
    await house.do(lambda work: [work.write(_counted(work, n)) for n in range(45)])

    async def one(number: int) -> Any:
        found = await house.reserve()
        if isinstance(found, int):
            await house.do(lambda work: work.write(turn.update().where(turn.c.id == found).values(state="answered")))
        return found

    taken: list[int | str] = []
    while len(taken) < 60:
        taken += await asyncio.gather(*(one(n) for n in range(60 - len(taken))), return_exceptions=True)
        taken = [found for found in taken if not isinstance(found, BaseException)]
    assert sum(isinstance(found, int) for found in taken) == 5
    assert {found for found in taken if isinstance(found, str)} == {"messages"}


def _counted(work: Work, number: int) -> sa.Insert:
    return turn.insert().values(
        id=work.new_id(), person_id=ANN, operation=f"old:{number}", day=DAY, utc_day=DAY, state="answered", counts=True,
        reserved_nano=0, spent_nano=0, at=work.now, settled_at=work.now,
    )  # fmt: skip


async def test_ct_6_the_same_operation_takes_nothing_twice(house: House) -> None:
    await house.settle(await house.reserve(operation="sms:SM1"), 5)
    with pytest.raises(sa.exc.IntegrityError):
        await house.reserve(operation="sms:SM1")
    assert await house.do(lambda work: ledger.used_today(work, ANN, DAY)) == 1


async def test_li_2_only_an_answered_turn_counts(house: House) -> None:
    for state in ("answered", "fallback", "released"):
        await house.settle(await house.reserve(), 100, state)
    assert await house.do(lambda work: ledger.used_today(work, ANN, DAY)) == 1
    assert await house.read(sa.select(sa.func.sum(turn.c.spent_nano), sa.func.sum(turn.c.reserved_nano))) == [(300, 0)]


async def test_c30_a_new_local_day_begins_at_nought(house: House) -> None:
    caps = Caps(messages=2, nano_usd=USD)
    for _ in range(2):
        await house.settle(await house.reserve(caps), 1)
    assert await house.reserve(caps) == "messages"
    assert isinstance(await house.reserve(caps, DAY + timedelta(days=1)), int)


async def test_a_persons_money_a_day_is_held_with_what_is_reserved(house: House) -> None:
    caps = Caps(messages=50, nano_usd=100_000_000)
    await house.settle(await house.reserve(caps), 70_000_000)
    assert await house.reserve(caps) == "money", "70 of 100 are spent, and a turn may take 31"
    assert isinstance(await house.reserve(caps, nano_usd=30_000_000), int)


async def test_li_1_what_is_reserved_is_put_back_whatever_the_turn_cost(house: House) -> None:
    turn_id = await house.reserve()
    assert await house.do(ledger.spent_today) == (0, WORST)
    await house.settle(turn_id, 8_900_000)
    assert await house.do(ledger.spent_today) == (8_900_000, 0)


async def test_li_3_c51_each_threshold_of_the_house_raises_its_alert_once_from_the_booking(house: House) -> None:
    spent_usd, told = 0, []
    for usd in (9, 2, 1, 27, 5, 5, 9):
        await house.settle(await house.reserve(Caps(99, 99 * USD)), usd * USD)
        spent_usd += usd
        kinds = [kind for (kind,) in await house.read(sa.select(alert.c.kind).order_by(alert.c.id))]
        told.append((spent_usd, len(kinds)))
    assert told == [(9, 0), (11, 1), (12, 1), (39, 1), (44, 2), (49, 2), (58, 3)]
    assert sorted(kinds) == sorted(ledger.ALERTS.values())
    assert await house.read(sa.select(spend.c.level)) == [(3,)]


async def test_c51_the_next_utc_day_begins_at_nought_and_tells_again(house: House) -> None:
    await house.settle(await house.reserve(Caps(99, 99 * USD)), 11 * USD)
    house.clock.advance(timedelta(hours=10))
    assert await house.do(ledger.spent_today) == (0, 0)
    await house.settle(await house.reserve(Caps(99, 99 * USD), DAY + timedelta(days=1)), 12 * USD)
    assert len(await house.read(sa.select(alert.c.id))) == 2


async def test_li_1_a_turn_whose_result_never_came_is_found_after_its_deadline(house: House) -> None:
    turn_id = await house.reserve()

    def start(work: Work) -> None:
        of = ledger.open_turn(work, ANN, "waiting")
        assert isinstance(of, Booked)
        ledger.start(
            work, turn_id, reserve_nano=2 * WORST, before=of, deadline=NOW + timedelta(seconds=40), body=b"asked"
        )

    await house.do(start)
    assert await house.do(ledger.spent_today) == (0, 2 * WORST)
    assert await house.do(lambda work: ledger.overdue(work, ANN)) is None
    house.clock.advance(timedelta(seconds=41))
    found = await house.do(lambda work: ledger.overdue(work, ANN))
    assert (found.id, found.body, found.reserved_nano) == (turn_id, b"asked", 2 * WORST)


# -- the log of calls --------------------------------------------------------------------------------------------------


def tried(attempt: int = 1, day: date = DAY, **values: Any) -> ModelTry:
    at = round(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1_000_000)
    usual: dict[str, Any] = {"model": "claude-sonnet-5-5", "outcome": "answered", "latency_ms": 900}
    return ModelTry("reply", attempt, asked_at=at, **usual | values)


async def test_c52_the_days_asked_for_are_summed_exactly_and_others_are_not(house: House) -> None:
    def put(work: Work) -> None:
        for number in range(10):
            one = tried(day=DAY - timedelta(days=number), input_tokens=1000, output_tokens=3, cache_read_tokens=number)
            usage.log(work, [(one, "row", 10**9 + number)], person_id=ANN, project_id=None, turn_id=number,
                      reserved_nano=WORST)  # fmt: skip

    await house.do(put)
    first = DAY - timedelta(days=6)
    found = await house.do(lambda work: usage.by_day_and_model(work, first, DAY))
    assert [one.day for one in found] == [first + timedelta(days=n) for n in range(7)]
    assert sum(one.nano_usd for one in found) == 7 * 10**9 + sum(range(7))
    assert found[0].tokens == (1000, 3, 6, 0, 0)
    ((who, nano),) = await house.do(lambda work: usage.dearest(work, first, DAY))
    assert nano == 7 * 10**9 + sum(range(7))
    assert who == (await house.do(lambda work: usage.person_hash(work, ANN))).hex()[:12]


async def test_li_5_a_try_is_logged_once_and_what_is_estimated_is_flagged(house: House) -> None:
    def put(work: Work) -> None:
        tries = [(tried(1, outcome="cut", usage_known=False), "row", 5), (tried(2), "row", 7)]
        usage.log(work, tries, person_id=ANN, project_id=3, turn_id=9, reserved_nano=WORST)

    await house.do(put)
    await house.do(put)
    ((calls, nano, unknown),) = [
        (one.calls, one.nano_usd, one.unknown) for one in await house.do(lambda w: usage.by_day_and_model(w, DAY, DAY))
    ]
    assert (calls, nano, unknown) == (2, 12, 1)
