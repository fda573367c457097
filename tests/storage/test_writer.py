"""Group commit: one commit for what waits, one error for the one who failed, never two jobs of a person in a batch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.errors import Permanent
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage import people
from storage.conversation import BY_PERSON
from storage.database import Database, Writers
from storage.hot import Hot, Params
from storage.processes import periodic
from storage.switches import switch, turn_switch
from storage.work import Work
from storage.writer import BATCH, Batch, Fetch, Hold, Later, Writer, _Waiting

SEAL = Seal([b"k" * 32])


@asynccontextmanager
async def writing(url: str, clock: FixedClock, slices: int = 1) -> AsyncIterator[Writers]:
    """Open writers on a database."""
    database = Database(url)
    writers = Writers(database, clock=clock, ids=Ids(clock), seal=SEAL, slices=slices)
    writers.start()
    try:
        yield writers
    finally:
        await writers.stop()
        await database.close()


def only(writers: Writers) -> Writer:
    """Return the single writer."""
    return writers._writers[0]


def names(url: str) -> list[str]:
    """Return what the switches hold, read from outside."""
    engine = Database(url).engine()
    with engine.connect() as connection:
        found = [row.name for row in connection.execute(sa.select(switch.c.name).order_by(switch.c.name))]
    engine.dispose()
    return found


def note(name: str) -> Any:
    """Return a job that turns a switch."""
    return lambda work: turn_switch(work, name, "on", actor="test")


async def test_what_waits_is_committed_once(database: str, clock: FixedClock) -> None:
    async with writing(database, clock) as writers:
        await asyncio.gather(*(writers.submit(note(f"s{n:03}")) for n in range(100)))
        assert only(writers).jobs == 100
        assert only(writers).batches < 10
    assert len(names(database)) == 100


async def test_a_batch_has_a_limit(database: str, clock: FixedClock) -> None:
    async with writing(database, clock) as writers:
        await asyncio.gather(*(writers.submit(lambda work: None) for _ in range(BATCH + 1)))
        assert only(writers).batches >= 2


async def test_those_who_are_answered_together_are_heard_together(database: str, clock: FixedClock) -> None:
    """Senders write again some rounds of the loop after their answers; the first of them do not get a batch alone."""
    senders, messages = 40, 5

    async def talk(writers: Writers, number: int) -> None:
        for _ in range(messages):
            await writers.submit(lambda work: None)
            for _ in range(1 + number % 4):  # the way of an answer out and of the next request in
                await asyncio.sleep(0)

    async with writing(database, clock) as writers:
        await asyncio.gather(*(talk(writers, number) for number in range(senders)))
        assert only(writers).jobs == senders * messages
        assert only(writers).batches <= messages + 1


async def test_nobody_waits_for_those_who_do_not_write_again(database: str, clock: FixedClock) -> None:
    async with writing(database, clock) as writers:
        await asyncio.gather(*(writers.submit(lambda work: None) for _ in range(40)))
        await asyncio.wait_for(writers.submit(lambda work: None), timeout=5)
        assert only(writers).jobs == 41


async def test_an_answer_comes_after_the_commit(database: str, clock: FixedClock) -> None:
    async with writing(database, clock) as writers:
        await writers.submit(note("seen"))
        assert names(database) == ["seen"]


async def test_a_failing_job_alone_gets_the_error(database: str, clock: FixedClock) -> None:
    def broken(work: Work) -> None:
        turn_switch(work, "broken", "on", actor="test")
        raise RuntimeError("no")

    async with writing(database, clock) as writers:
        jobs = [writers.submit(note("a")), writers.submit(broken), writers.submit(note("b"))]
        results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(r) for r in results] == [type(None), RuntimeError, type(None)]
    assert names(database) == ["a", "b"]


async def test_a_job_whose_writes_are_refused_alone_gets_the_error(database: str, clock: FixedClock) -> None:
    def refused(work: Work) -> None:
        work.write(switch.insert(), {"name": None, "value": "on", "actor": "x", "at": work.now})

    async with writing(database, clock) as writers:
        jobs = [writers.submit(note("a")), writers.submit(refused), writers.submit(note("b"))]
        results = await asyncio.gather(*jobs, return_exceptions=True)
    assert isinstance(results[1], sa.exc.IntegrityError)
    assert names(database) == ["a", "b"]


async def test_a_guarded_write_that_changes_nothing_fails_its_turn(database: str, clock: FixedClock) -> None:
    def guarded(work: Work) -> None:
        turn_switch(work, "with it", "on", actor="test")
        work.write_one(switch.update().where(switch.c.name == "nobody").values(value="off"))

    async with writing(database, clock) as writers:
        with pytest.raises(Permanent):
            await writers.submit(guarded)
    assert names(database) == []


async def test_a_refused_job_may_record_its_failure(database: str, clock: FixedClock) -> None:
    class Careful:
        def __call__(self, work: Work) -> None:
            work.write(switch.insert(), {"name": None, "value": "on", "actor": "x", "at": work.now})

        def recover(self, error: Exception) -> Any:
            return note(f"recovered from {type(error).__name__}")

    async with writing(database, clock) as writers:
        await writers.submit(Careful())
    assert names(database) == ["recovered from IntegrityError"]


def _person(work: Work, person_id: int) -> None:
    blank = dict.fromkeys(("zone", "place", "staffed_until"))
    work.put(people.ADD_PERSON, {"id": person_id, "locale": "en", "created_at": 0, **blank})


async def test_two_jobs_of_one_person_never_share_a_batch(database: str, clock: FixedClock) -> None:
    batches: list[int] = []

    async with writing(database, clock) as writers:
        writer = only(writers)
        await writers.submit(lambda work: _person(work, 7))

        def touch(work: Work) -> Iterator[Any]:
            yield Hold(7)
            batches.append(writer.batches)

        await asyncio.gather(*(writers.submit(touch) for _ in range(4)))
    assert len(set(batches)) == 4


async def test_jobs_of_one_person_keep_their_order(database: str, clock: FixedClock) -> None:
    order: list[int] = []

    def touch(number: int) -> Any:
        def job(work: Work) -> Iterator[Any]:
            yield Hold(7)
            order.append(number)

        return job

    async with writing(database, clock) as writers:
        await writers.submit(lambda work: _person(work, 7))
        await asyncio.gather(*(writers.submit(touch(n)) for n in range(6)))
    assert order == list(range(6))


async def test_a_postponed_job_writes_once(database: str, clock: FixedClock) -> None:
    tries: list[int] = []

    def twice(work: Work) -> Iterator[Any]:
        tries.append(1)
        turn_switch(work, f"try {len(tries)}", "on", actor="test")
        if len(tries) == 1:
            yield Later()

    async with writing(database, clock) as writers:
        await writers.submit(twice)
    assert names(database) == ["try 2"]


async def test_a_turn_does_not_see_what_it_buffered(database: str, clock: FixedClock) -> None:
    def job(work: Work) -> int:
        turn_switch(work, "later", "on", actor="test")
        return len(work.rows(sa.select(switch.c.name)))

    async with writing(database, clock) as writers:
        assert await writers.submit(job) == 0
    assert names(database) == ["later"]


async def test_a_claim_is_seen_at_once_and_undone_with_its_turn(database: str, clock: FixedClock) -> None:
    def claim(work: Work) -> None:
        work.claim(periodic.insert().values(kind="x", period=1, worker=1, at=0))
        assert work.row(sa.select(periodic.c.kind)) is not None

    def claim_and_fail(work: Work) -> None:
        claim(work)
        raise RuntimeError("no")

    async with writing(database, clock) as writers:
        with pytest.raises(RuntimeError):
            await writers.submit(claim_and_fail)
        await writers.submit(claim)
        count = sa.select(sa.func.count()).select_from(periodic)
        assert await writers.run(lambda work: work.row(count)[0]) == 1


async def test_a_person_who_gave_up_waiting_takes_nobody_down(database: str, clock: FixedClock) -> None:
    async with writing(database, clock) as writers:
        impatient, patient = writers.submit(note("gone")), writers.submit(note("here"))
        impatient.cancel()
        await patient
    assert names(database) == ["here"]


async def test_a_stopping_writer_finishes_and_then_refuses(database: str, clock: FixedClock) -> None:
    async with writing(database, clock) as writers:
        future = writers.submit(note("last"))
    await future
    assert names(database) == ["last"]
    with pytest.raises(Permanent):
        writers.submit(note("too late"))


@pytest.mark.parametrize("database_kind", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_a_postgres_session_that_was_cut_off_comes_back(database: str, clock: FixedClock) -> None:
    async with writing(database, clock) as writers:
        await writers.submit(note("before"))
        engine = Database(database).engine()
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"  # noqa: S608 - no input in it
        with engine.connect() as connection:
            connection.execute(sa.text(cut))
        engine.dispose()
        for n in range(3):
            await asyncio.gather(writers.submit(note(f"after {n}")), return_exceptions=True)
        await writers.submit(note("at last"))
    assert "at last" in names(database)


async def test_fetches_of_many_jobs_get_their_own_rows(database: str, clock: FixedClock) -> None:
    def claim(n: int) -> Any:
        def job(work: Work) -> Generator[Any, Any, Any]:
            params = {
                "id": n, "person_id": n, "channel": "sms", "hash": bytes([n % 5]), "handle": b"h",
                "state": "active", "created_at": 0,
            }  # fmt: skip
            rows = yield Fetch(people.CLAIM_ADDRESS, params)
            if rows:
                _person(work, n)
            return n if rows else None

        return job

    async with writing(database, clock) as writers:
        got = await asyncio.gather(*(writers.submit(claim(n)) for n in range(1, 11)))
    assert got == [1, 2, 3, 4, 5, None, None, None, None, None]


class _Moved:
    """A session on which another process merged the person away between the look and the lock."""

    concurrent_writers = True

    def __init__(self) -> None:
        self.looks = 0
        self.held: list[int] = []

    def query_many(self, hot: Hot, params: list[Params]) -> list[list[tuple[int, ...]]]:
        self.looks += 1
        return [[(1 if self.looks == 1 else 2,)] for _ in params]

    def hold(self, person_ids: list[int]) -> None:
        self.held += person_ids


def test_a06_who_is_somebody_else_after_the_lock_is_looked_up_anew_in_the_next_batch(clock: FixedClock) -> None:
    ran: list[int] = []

    def job(work: Work) -> Any:
        rows = yield Fetch(BY_PERSON, {"person_id": 1}, holds=True)
        ran.append(rows[0][0])

    session: Any = _Moved()
    batch = Batch(session, clock, Ids(clock), SEAL)
    waiting = _Waiting(job, None)  # type: ignore[arg-type]
    (first,) = batch.run([waiting])
    assert (first.later, ran) == (True, [])
    (second,) = batch.run([waiting])
    assert (second.later, ran, session.held) == (False, [2], [1, 2])
