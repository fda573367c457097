"""A child that stays: served in order, bounded, replaced after death, ended when idle (rule MED-3)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from integrations.child import Bounds, ChildFailed
from integrations.resident import Resident

WORK = Path(__file__).with_name("resident_work.py")
MEMORY = 400_000_000


@contextlib.asynccontextmanager
async def resident(*, seconds: float = 20, idle: float = 600, queue: float = 100) -> AsyncIterator[Resident]:
    child = Resident(WORK, "obey", Bounds(MEMORY, seconds), idle_seconds=idle, queue_seconds=queue)
    try:
        yield child
    finally:
        await child.close()


async def ask(child: Resident, **request: Any) -> dict[str, Any]:
    return (await child.ask((request, [])))[0]


async def failure(child: Resident, **request: Any) -> ChildFailed:
    with pytest.raises(ChildFailed) as raised:
        await ask(child, **request)
    return raised.value


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(pid: int) -> None:
    async with asyncio.timeout(5):
        while alive(pid):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_one_child_serves_many_requests_and_starts_with_the_first() -> None:
    async with resident() as child:
        assert child.pid is None
        answers = [await ask(child) for _ in range(3)]
        assert {answer["pid"] for answer in answers} == {child.pid}


async def test_large_byte_strings_travel_both_ways() -> None:
    blob = os.urandom(9_000_000)
    async with resident() as child:
        _, blobs = await child.ask(({}, [blob, b"", b"ab"]))
    assert blobs == [blob[::-1], b"", b"ba"]


async def test_child_inherits_no_environment_and_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEYS", "not for children")
    async with resident() as child:
        answer = await ask(child)
    assert "SECRET_KEYS" not in answer["environment"]
    assert answer["as"] == MEMORY
    assert answer["cpu"] <= 25


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"do": "die"}, "crash"),
        ({"do": "raise"}, "crash"),
        ({"do": "hoard", "bytes": 2 * MEMORY}, "memory"),
        ({"do": "call out"}, "crash"),
    ],
)
async def test_med_3_next_request_works_after_trouble(request_: dict[str, Any], code: str) -> None:
    async with resident() as child:
        assert (await failure(child, **request_)).code == code
        assert (await ask(child))["pid"] == child.pid


async def test_message_of_an_exception_is_not_told() -> None:
    async with resident() as child:
        told = str(await failure(child, do="raise"))
    assert "ValueError" in told
    assert "person" not in told


async def test_med_3_stuck_child_is_killed_at_the_limit() -> None:
    async with resident(seconds=1) as child:
        await ask(child)
        first = child.pid
        assert (await failure(child, do="sleep", seconds=60)).code == "timeout"
        assert first is not None
        await gone(first)
        assert (await ask(child))["pid"] != first


async def test_med_3_processor_time_is_limited_for_each_request() -> None:
    async with resident(seconds=1) as child:
        assert (await failure(child, do="spin")).code == "timeout"
        assert await ask(child)


async def test_med_3_child_killed_in_the_middle_costs_one_request() -> None:
    async with resident() as child:
        await ask(child)
        asked = asyncio.create_task(failure(child, do="sleep", seconds=30))
        await asyncio.sleep(0.05)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        assert (await asked).code == "crash"
        assert await ask(child)


async def test_requests_are_served_one_at_a_time_in_order() -> None:
    async with resident() as child:
        done: list[int] = []

        async def one(number: int) -> None:
            await ask(child, do="sleep", seconds=0.02)
            done.append(number)

        await asyncio.gather(*(one(number) for number in range(5)))
        assert done == [0, 1, 2, 3, 4]


async def test_long_queue_is_told_and_not_waited_for() -> None:
    async with resident(queue=0.1) as child:
        long = asyncio.create_task(ask(child, do="sleep", seconds=0.6))
        await asyncio.sleep(0.05)
        assert (await failure(child)).code == "busy"
        await long


async def test_cancelled_request_does_not_leave_its_answer_to_the_next() -> None:
    async with resident() as child:
        first = (await ask(child))["pid"]
        asked = asyncio.create_task(ask(child, do="sleep", seconds=0.2))
        await asyncio.sleep(0.05)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert (await ask(child))["pid"] != first


async def test_idle_child_is_ended_and_started_again() -> None:
    async with resident(idle=0.05) as child:
        first = (await ask(child))["pid"]
        await gone(first)
        assert (await ask(child))["pid"] != first


async def test_a_request_at_the_moment_of_the_end_gets_a_new_child() -> None:
    async with resident() as child:
        first = (await ask(child))["pid"]
        child._kill()  # what the idle timer does; nobody has noticed the death yet
        assert (await ask(child))["pid"] != first


async def test_what_a_library_prints_does_not_mix_with_answers() -> None:
    async with resident() as child:
        assert (await ask(child, do="print"))["pid"] == child.pid


async def test_child_writes_no_file(tmp_path: Path) -> None:
    async with resident() as child:
        assert (await failure(child, do="write", path=str(tmp_path / "left"))).code == "crash"
    assert not (tmp_path / "left").exists() or (tmp_path / "left").stat().st_size == 0


async def test_closed_resident_has_no_child_and_says_so() -> None:
    async with resident() as child:
        first = (await ask(child))["pid"]
        await child.close()
        await gone(first)
        assert (await failure(child)).code == "closed"
