"""Readings of a person on the free plan: counted, kept unread beyond it, and open again when the plan grows (PL-1)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from handlers import billing
from storage.billing import overrides
from storage.billing.ledger import operation
from storage.billing.overrides import Override
from storage.people import person
from storage.work import Work
from tests.handlers.receipts.flow import world
from tests.handlers.receipts.flow.world import TRADER_JOES, WEDNESDAY, met, photo, screens


def register(registry: Registry) -> None:
    """Register billing before receipts."""
    billing.register(registry)
    world.register(registry)
    billing.register_last(registry)


def allow(work: Work, amount: int) -> None:
    (row,) = work.rows(sa.select(person.c.id))
    made = Override(work.new_id(), "receipts.read", "set", work.now, work.now + timedelta(days=3), amount)
    overrides.give(work, row.id, made, kind="quota_increase", reason="a test of limits", actor="operator:1")


async def test_pl_1_beyond_the_quota_the_picture_waits_and_nothing_is_lost(tmp_path: Path) -> None:
    async with Harness.open(register, tmp_path, FixedClock(WEDNESDAY), world.WORLD) as harness:
        harness.redeliver = True
        ann = await met(harness, "telegram")
        await harness.writers.run(lambda work: allow(work, 1))
        shown = screens(await ann.photo(photo(*TRADER_JOES)))
        assert any("Trader Joe's $26.23" in one for one in shown)
        assert any("1 of 1 receipts read, resets 1 Apr. Basic gives 150, see PLANS." in one for one in shown)
        await ann.say("ok")
        (asked,) = screens(await ann.photo(photo("SHELL", "03-16-2026", "TOTAL $41.77")))
        assert asked.startswith("I keep the picture unread for now. Free plan: 1 of 1 receipts read")
        harness.clock.advance(timedelta(seconds=1))
        await harness.writers.run(lambda work: allow(work, 2))
        assert any("Shell $41.77" in one for one in screens(await ann.say("again")))
        states = await harness.writers.run(lambda work: work.rows(sa.select(operation.c.state, operation.c.used)))
        assert [tuple(one) for one in states] == [("committed", 1)] * 2
