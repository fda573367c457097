"""Places at a vendor that serves few at once, and who gets the next one (RA-5)."""

from __future__ import annotations

import asyncio

import pytest

from jobs.room import Room


class Queue:
    """Calls that hold their place until they are let go."""

    def __init__(self, places: int = 1) -> None:
        self.room, self.served = Room(places), list[str]()
        self.go: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str) -> None:
        for name in names:
            self.go[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._call(name))
        await self._settle()

    async def _call(self, name: str) -> None:
        async with self.room.place(ord(name[0])):
            self.served.append(name)
            await self.go[name].wait()

    async def _settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def end(self) -> list[str]:
        """Let everybody through, one after the other; return who was served in which order."""
        for _ in self.tasks:
            for name in self.served:
                self.go[name].set()
            await self._settle()
        return self.served


async def test_ra_5_persons_take_turns_and_each_keeps_its_order() -> None:
    queue = Queue()
    await queue.come("a1", "a2", "a3", "a4", "b1", "b2", "c1")
    assert await queue.end() == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_ra_5_who_comes_later_waits_for_one_of_each_person_only() -> None:
    queue = Queue()
    await queue.come(*(f"a{n}" for n in range(1, 10)))
    await queue.come("b1")
    assert (await queue.end()).index("b1") == 2


@pytest.mark.parametrize("places", [1, 3])
async def test_no_more_are_served_at_once_than_there_are_places(places: int) -> None:
    queue = Queue(places)
    await queue.come(*(f"{person}{n}" for person in "abc" for n in range(3)))
    assert len(queue.served) == places
    assert queue.room.waiting == 9 - places
    assert len(await queue.end()) == 9


async def test_a_cancelled_call_passes_its_place_on() -> None:
    queue = Queue()
    await queue.come("a1", "b1", "c1")
    queue.tasks["b1"].cancel()
    queue.go["a1"].set()
    await queue._settle()
    assert queue.served == ["a1", "c1"]
    queue.tasks["c1"].cancel()
    await queue._settle()
    await queue.come("d1")
    assert queue.served == ["a1", "c1", "d1"]
    await queue.end()


async def test_a_place_given_in_the_moment_of_a_cancellation_goes_on() -> None:
    queue = Queue()
    await queue.come("a1", "b1", "c1")
    queue.go["a1"].set()
    await asyncio.sleep(0)
    queue.room._leave()  # the place is b1's from here on
    queue.tasks["b1"].cancel()
    await queue._settle()
    assert "c1" in queue.served
    await queue.end()
