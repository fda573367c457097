"""What two processes are told at one moment happens once: two starts, two presses of Save (PJ-1, PP-3, C01, C15).

Each process is a thread with its own loop, its own writers and its own connections to one database; a barrier lets
both go at the same time. Who comes second meets what the first one did, whichever it is.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from storage.coaching.decisions import decision
from storage.coaching.projects import project
from storage.coaching.proposals import proposal
from storage.coaching.tasks import task
from tests.handlers.coaching.flow.world import MONDAY, begun, open_world, rows

PROCESSES, HANDLE = 2, "7:5001"


def _at_once(url: str, handle: str, kind: str, payload: dict[str, Any]) -> None:
    """Let each process take the same words as an event of its own, all at one moment."""
    together = threading.Barrier(PROCESSES)

    async def take(process: int) -> str:
        async with open_world(url, FixedClock(MONDAY)) as harness:
            harness.counter = 1_000 * (1 + process)  # another event, not the same one twice
            event = harness.phone("telegram", handle).event(kind, dict(payload))
            together.wait(timeout=30)
            sent: Any = await harness.writers.run(harness.dispatcher.intake(event))
            return str(sent.error or "")

    with ThreadPoolExecutor(PROCESSES) as pool:
        assert list(pool.map(lambda process: asyncio.run(take(process)), range(PROCESSES))) == [""] * PROCESSES


async def _rest(harness: Harness) -> None:
    def pause(work: Any) -> None:
        work.write(project.update().where(project.c.status == "active").values(status="paused"))

    await harness.writers.run(pause)


async def test_c01_of_two_starts_in_two_processes_one_makes_a_project(database: str) -> None:
    async with open_world(database) as harness:
        await begun(harness, "telegram", HANDLE)
        await _rest(harness)
        await asyncio.to_thread(_at_once, database, HANDLE, "text", {"text": "new project"})
        assert [row.status for row in await rows(harness, project)] == ["paused", "active"]
        assert len(await rows(harness, task)) == 2 * 22


async def test_c15_of_two_presses_of_save_in_two_processes_one_decides(database: str) -> None:
    async with open_world(database) as harness:
        ann = await begun(harness, "telegram", HANDLE)
        (asked,) = await ann.say("I'll charge $29 a month")
        press = {"data": asked.buttons["Save"], "text": "", "message_id": 1, "callback_id": "1"}
        await asyncio.to_thread(_at_once, database, HANDLE, "button", press)
        assert [row.state for row in await rows(harness, decision)] == ["current"]
        assert [row.state for row in await rows(harness, proposal) if row.kind == "decision"] == ["saved"]
        await harness.rest()
        told = [message.text for message in ann.messages[1:]]
        assert sum(text.startswith("Saved: $29.00 a month.") for text in told) == 1, told
        assert "That is saved already." in told
