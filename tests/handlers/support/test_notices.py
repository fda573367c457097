"""What staff hear of clocks, each thing once, also when a change lets it fall due at that very moment (SLA-2)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from storage.alerts import alert
from tests.handlers.support.counter import Counter

HOUR = timedelta(hours=1)


async def _heard(counter: Counter, clock: str) -> list[str]:
    """Return what staff heard of a clock, oldest first."""
    rows = await counter.database.read(lambda c: list(c.execute(sa.select(alert.c.details).order_by(alert.c.id))))
    return [row.details.split('"told": "')[1].split('"')[0] for row in rows if f'"clock": "{clock}"' in row.details]


async def test_sla_2_a_raise_that_uses_up_a_clock_is_told_at_once_and_once(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support hello there")
        await counter.act("ticket reply", "T-1001 --open We look.")
        await counter.wait(timedelta(days=4, hours=1))  # 33 of 48 working hours, of which none was told yet
        assert await _heard(counter, "resolution") == []
        await counter.act("ticket prio", "T-1001 urgent")
        assert await _heard(counter, "resolution") == ["warning"]
        await counter.act("ticket note", "T-1001 on it")
        await counter.act("ticket reply", "T-1001 --open Still looking.")
        await counter.wait(timedelta(minutes=5))
        assert await _heard(counter, "resolution") == ["warning"]


async def test_sla_2_a_priority_that_was_too_high_for_a_while_leaves_a_breach_that_is_told(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support hello there")
        await counter.wait(5 * HOUR)
        assert await _heard(counter, "first") == []
        await counter.act("ticket prio", "T-1001 urgent")
        assert await _heard(counter, "first") == []
        await counter.act("ticket prio", "T-1001 medium")
        assert await _heard(counter, "first") == ["warning", "critical", "breach"]
        assert (await counter.row()).level == 1


async def test_sla_4_a_reopened_ticket_with_less_than_a_quarter_left_is_told_at_once(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        await counter.act("ticket reply", "T-1001 --open We look.")
        await counter.wait(timedelta(days=2, hours=7, minutes=50))
        before = await _heard(counter, "resolution")
        await counter.act("ticket resolve", "T-1001")
        await counter.act("ticket reopen", "T-1001")
        assert await _heard(counter, "resolution") == [*before, "warning"]
        await counter.wait(21 * HOUR)
        assert (await _heard(counter, "resolution"))[-2:] == ["escalation", "critical"]
