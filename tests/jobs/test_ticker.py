"""The ticker: timers in their order, events tried again, and what a slow job holds up (nothing)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.events import Event
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from jobs.periodic import PeriodicJob
from tests.jobs.plant import notices, notify, plant, sms

MINUTE = timedelta(minutes=1)


async def test_timers_fire_once_in_the_order_of_their_moments(tmp_path: Path) -> None:
    fired: list[int] = []

    def register(registry: Registry) -> None:
        registry.on("timer:n")(lambda turn: fired.append(turn.event.payload["n"]))

        @registry.on("stripe:set")
        def set_them(turn: Turn) -> None:
            for n in (3, 1, 2):
                turn.timer("n", f"n:{n}", turn.now + n * MINUTE, n=n)
            turn.timer("n", "n:4", turn.now + MINUTE, n=4)
            turn.cancel_timers("n:4")

    async with plant(tmp_path, register=register) as made:
        await made.event(Event("stripe", "e", "set", {}))
        await made.wait(10 * MINUTE)
        assert fired == [1, 2, 3]


async def test_a_failed_turn_is_tried_again_and_then_dies_with_an_alert(tmp_path: Path) -> None:
    tries: list[int] = []

    def register(registry: Registry) -> None:
        @registry.on("stripe:bad")
        def bad(turn: Turn) -> None:
            tries.append(1)
            raise RuntimeError("bug")

    async with plant(tmp_path, register=register) as made:
        await made.event(Event("stripe", "e", "bad", {}))
        for _ in range(6):
            made.clock.advance(2 * MINUTE)
            await made.settle()
        assert len(tries) == 5
        assert "dead_letter" in await made.alerts()


async def test_slow_periodic_work_holds_no_message_up(tmp_path: Path) -> None:
    vendor, release, begun = sms(), asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        await release.wait()

    async with plant(tmp_path, vendor, register=notices) as made:
        await made.text("hi")
        await made.settle()
        person = (await made.rows())[0].person_id
        made.periodic.add(PeriodicJob("slow", MINUTE, slow))
        job = asyncio.create_task(made.periodic.run_due())
        await begun.wait()
        await notify(made, person, "through")
        await made.ticker.serve()
        await made.delivery.drain()
        assert any("through" in call.body for call in vendor.asked)
        release.set()
        await job


async def test_next_due_is_not_hidden_by_a_row_that_must_wait_its_turn(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        await made.text("hi")
        await made.settle()
        await notify(made, (await made.rows())[0].person_id, "one", "two")
        from storage.outbox import outbox

        first, later = (await made.rows("ready"))[0].id, made.clock.now() + 5 * MINUTE
        at = int(later.timestamp() * 1_000_000)
        await made.writers.run(lambda work: work.write(outbox.update().where(outbox.c.id == first).values(due_at=at)))
        assert await made.ticker.next_due() == later


async def test_a_stop_in_the_middle_of_work_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    begun = asyncio.Event()

    async def endless() -> None:
        begun.set()
        await asyncio.Event().wait()

    async with plant(tmp_path, sms(), register=notices) as made:
        made.periodic.add(PeriodicJob("endless", MINUTE, endless))
        await made.ticker.take_over()
        made.ticker.start()
        await asyncio.wait_for(begun.wait(), 20)
        await made.ticker.stop()
        await asyncio.sleep(0)
        assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
