"""Turns: one commit, one reply, in order, once; a poison event blocks nobody (rules 2, 4, 7 of the design)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from storage.alerts import alert
from storage.audit import audit
from storage.conversation import conversation
from storage.inbox import inbox
from storage.outbox import outbox
from storage.people import address, person
from tests.bot.engine import talk
from tests.bot.engine.talk import Desk


@pytest.fixture(autouse=True)
def _no_poison() -> Iterator[None]:
    talk.poison.clear()
    yield
    talk.poison.clear()


async def test_intake_and_turn_are_one_commit(database: str, clock: FixedClock) -> None:
    async with Desk.open(database, clock, slices=1) as desk:
        writer = desk.writers._writers[0]
        await desk.say("talk")
        before = writer.batches
        await desk.say("one")
        assert writer.batches == before + 1
        assert [await desk.count(t) for t in (inbox, outbox, audit, person, conversation)] == [2, 2, 1, 1, 1]


async def test_a_turn_that_raises_has_written_nothing_but_its_event(database: str, clock: FixedClock) -> None:
    talk.poison.add("boom")
    async with Desk.open(database, clock) as desk:
        await desk.say("talk")
        sent = await desk.say("boom")
        assert (sent.state, sent.answer, sent.rows) == ("waiting", None, [])
        assert [await desk.count(t) for t in (inbox, outbox, audit)] == [2, 1, 0]
        assert await desk.states() == [("done", 0), ("waiting", 1)]


async def test_a_first_message_that_raises_keeps_the_person(database: str, clock: FixedClock) -> None:
    async with Desk.open(database, clock) as desk:
        run = desk.dispatcher.run
        desk.dispatcher.run = lambda *a, **k: 1 / 0  # type: ignore[assignment, method-assign]
        await desk.say("talk")
        desk.dispatcher.run = run  # type: ignore[method-assign]
        assert [await desk.count(t) for t in (inbox, person, address)] == [1, 1, 1]
        assert await desk.retry() == 1
        assert await desk.messages() == ["next?"]


async def test_messages_behind_a_failed_one_wait_and_keep_their_order(database: str, clock: FixedClock) -> None:
    talk.poison.add("boom")
    async with Desk.open(database, clock) as desk:
        for text in ("talk", "boom", "two", "three"):
            await desk.say(text)
        assert [state for state, _ in await desk.states()] == ["done", "waiting", "waiting", "waiting"]
        talk.poison.clear()
        clock.advance(timedelta(minutes=1))
        while await desk.retry():
            pass
        assert await desk.messages() == ["next?", "count 1\n\nnext?", "count 2\n\nnext?", "count 3\n\nnext?"]


async def test_a_poison_event_dies_after_five_tries_and_the_next_message_proceeds(
    database: str, clock: FixedClock
) -> None:
    talk.poison.add("boom")
    async with Desk.open(database, clock) as desk:
        for text in ("talk", "boom", "two"):
            await desk.say(text)
        for _ in range(12):
            clock.advance(timedelta(minutes=2))
            await desk.retry()
        assert await desk.states() == [("done", 0), ("dead", 5), ("done", 1)]
        messages = await desk.messages()
        assert "Your place is kept" in messages[1]
        assert messages[2] == "count 1\n\nnext?"
        assert [row.kind for row in await desk.rows(sa.select(alert.c.kind))] == ["dead_letter"]


async def test_an_event_that_the_database_refuses_dies_too_and_the_person_is_told(
    database: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Desk.open(database, clock) as desk:
        await desk.say("talk")
        save = desk.dispatcher._save

        def spoil(turn: object) -> None:
            save(turn)  # type: ignore[arg-type]
            turn.work.write(person.insert(), {"id": None})  # type: ignore[attr-defined]

        monkeypatch.setattr(desk.dispatcher, "_save", spoil)
        await desk.say("boom")
        for _ in range(8):
            clock.advance(timedelta(minutes=2))
            await desk.retry()
        monkeypatch.undo()
        assert (await desk.states())[1] == ("dead", 5)
        assert "Your place is kept" in (await desk.messages())[1]
        await desk.say("two")
        assert (await desk.messages())[-1] == "count 1\n\nnext?"


async def test_a_poison_event_of_one_person_holds_up_nobody_else(database: str, clock: FixedClock) -> None:
    talk.poison.add("boom")
    async with Desk.open(database, clock) as desk:
        for who in ("7:1", "7:2"):
            await desk.say("talk", who)
        await desk.say("boom", "7:1")
        sent = await desk.say("one", "7:2")
        assert sent.answer.text == "count 1\n\nnext?"


async def test_a_batch_with_a_bad_turn_takes_the_good_ones(database: str, clock: FixedClock) -> None:
    talk.poison.add("boom")
    async with Desk.open(database, clock) as desk:
        people = [f"7:{n}" for n in range(1, 9)]
        await asyncio.gather(*(desk.say("talk", who) for who in people))
        sent = await asyncio.gather(*(desk.say("boom" if who == "7:3" else "one", who) for who in people))
        assert [s.state for s in sent] == ["done"] * 2 + ["waiting"] + ["done"] * 5


async def test_messages_of_one_person_at_once_are_taken_in_order(database: str, clock: FixedClock) -> None:
    async with Desk.open(database, clock) as desk:
        await desk.say("talk")
        await asyncio.gather(*(desk.say(f"word {n}") for n in range(10)))
        assert await desk.messages() == ["next?", *(f"count {n}\n\nnext?" for n in range(1, 11))]


async def test_messages_of_one_person_on_two_writers_count_each_once(database: str, clock: FixedClock) -> None:
    async with Desk.open(database, clock) as desk:
        await desk.say("talk")
        await asyncio.gather(*(desk.say(f"word {n}", slice_key=n) for n in range(12)))
        assert sorted(await desk.messages()) == sorted(["next?", *(f"count {n}\n\nnext?" for n in range(1, 13))])


async def test_a_duplicate_is_answered_again_and_done_once(database: str, clock: FixedClock) -> None:
    async with Desk.open(database, clock) as desk:
        await desk.say("talk")
        first = await desk.say("one", key="u9")
        again = await desk.say("one", key="u9")
        assert again.duplicate
        assert again.answer == first.answer
        assert await desk.count(outbox) == 2
        assert await desk.count(audit) == 1


async def test_duplicates_at_once_on_two_writers_are_done_once(database: str, clock: FixedClock) -> None:
    async with Desk.open(database, clock) as desk:
        await desk.say("talk")
        sent = await asyncio.gather(*(desk.say("one", key="u9", slice_key=n) for n in range(6)))
        assert sum(not s.duplicate for s in sent) == 1
        assert await desk.count(audit) == 1


async def test_first_messages_at_once_make_one_person(database: str, clock: FixedClock) -> None:
    async with Desk.open(database, clock) as desk:
        await asyncio.gather(*(desk.say("talk" if n == 0 else f"w{n}", slice_key=n) for n in range(6)))
        assert [await desk.count(t) for t in (person, address, conversation)] == [1, 1, 1]
        assert await desk.count(inbox) == 6


@pytest.mark.parametrize("database_kind", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_first_messages_at_once_in_two_processes_make_one_person(database: str, clock: FixedClock) -> None:
    async with Desk.open(database, clock, process=1) as one, Desk.open(database, clock, process=2) as two:
        for n in range(20):
            who = f"7:{n + 100}"
            await asyncio.gather(one.say("talk", who, key=f"a{n}"), two.say("hello", who, key=f"b{n}"))
        assert [await one.count(t) for t in (person, address)] == [20, 20]
        assert [state for state, _ in await one.states()] == ["done"] * 40


@pytest.mark.parametrize("database_kind", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_two_processes_take_one_person_in_turn(database: str, clock: FixedClock) -> None:
    async with Desk.open(database, clock, process=1) as one, Desk.open(database, clock, process=2) as two:
        await one.say("talk")
        await asyncio.gather(*(desk.say(f"w{n}", key=f"{n}") for n, desk in enumerate([one, two] * 10)))
        assert await one.messages() == ["next?", *(f"count {n}\n\nnext?" for n in range(1, 21))]


async def test_ids_follow_those_of_a_process_whose_clock_is_ahead(database: str, clock: FixedClock) -> None:
    ahead = FixedClock(clock.now() + timedelta(seconds=3))
    async with Desk.open(database, ahead, process=1) as fast, Desk.open(database, clock, process=2) as slow:
        await fast.say("talk", key="1")
        await slow.say("one", key="2")
        await fast.say("two", key="3")
        await slow.say("three", key="4")
        assert await slow.messages() == ["next?", *(f"count {n}\n\nnext?" for n in (1, 2, 3))]
        rows = await slow.rows(sa.select(inbox.c.key).order_by(inbox.c.id))
        assert [row.key for row in rows] == ["1", "2", "3", "4"]
