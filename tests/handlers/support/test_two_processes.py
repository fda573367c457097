"""Two processes on one PostgreSQL, and two of the staff who do the same at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from handlers.support.settings import SupportSettings
from storage.support.history import assignment
from tests.databases import prepared_database
from tests.handlers.support.counter import MONDAY, Counter, register_with
from tests.handlers.support.forum import GROUP

pytestmark = pytest.mark.postgres
ROUNDS = 3


def _register(registry: Registry) -> None:
    register_with(registry, SupportSettings(GROUP, "7", False))


@asynccontextmanager
async def _two(folder: Path) -> AsyncIterator[tuple[Counter, Harness]]:
    """Open a counter with ann and bob, and a second process that knows the same."""
    clock = FixedClock(MONDAY)
    with prepared_database("postgres", folder) as url:
        async with Counter.open(_register, url, clock) as one, Harness.open(_register, url, clock) as other:
            assert isinstance(one, Counter)
            for name, telegram in (("ann", "5001"), ("bob", "5002")):
                await one._enroll(name, telegram)
                await one.login(telegram)
            await one.profile(available=False)
            other.counter = 1_000  # its events have keys of their own
            yield one, other


async def test_as_1_two_workers_that_take_the_same_ticket_at_once_lose_no_change(tmp_path: Path) -> None:
    """One has it, or the second took it from the first; each change is one row and one version."""
    async with _two(tmp_path) as (one, other):
        clerk = other.phone("telegram", "7:5002")
        for number in range(1001, 1001 + ROUNDS):
            await one.phone("telegram", f"7:{number}").say("/support the app is broken")
            takes = [phone.event("text", {"text": f"/take T-{number}"}) for phone in (one.ann, clerk)]
            sent = await asyncio.gather(
                one.writers.run(one.dispatcher.intake(takes[0])), other.writers.run(other.dispatcher.intake(takes[1]))
            )
            assert [done.error for done in sent] == [None, None]
            row = await one.row(number)
            asked = sa.select(assignment).where(assignment.c.ticket_id == row.id).order_by(assignment.c.id)
            given = await one.database.read(lambda c, asked=asked: list(c.execute(asked)))  # type: ignore[misc]
            assert row.assignee in {given[0].operator_id, given[-1].operator_id}
            assert (row.state, row.version) == ("open", 2 + len(given))
            one.clock.advance(timedelta(seconds=31))
