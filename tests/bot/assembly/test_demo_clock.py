"""The demo's clock: forward only, kept, and everything due in its order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.assembly.demo import Demo
from bot.assembly.demo_clock import FURTHEST, DemoClock
from tests.bot.assembly.printed import print_letter

TELEGRAM = "/demo/phone/telegram/500000101"


def moment(row: Any) -> datetime:
    return datetime.fromisoformat(row["at"])


def test_the_offset_is_kept_over_restarts(tmp_path: Path) -> None:
    clock = DemoClock(tmp_path / "clock.json")
    clock.advance(timedelta(days=40))
    assert DemoClock(tmp_path / "clock.json").now() - datetime.now(UTC) > timedelta(days=39)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(timedelta(seconds=-1))


async def test_a_reminder_comes_at_its_moment_and_not_at_the_end_of_the_jump(
    demo: Demo, http: aiohttp.ClientSession
) -> None:
    await http.post(f"{TELEGRAM}/say", json={"text": "ticket"})
    asked = demo.clock.now()
    await http.post(f"{TELEGRAM}/tap", json={"button": "San Francisco"})
    async with http.post("/demo/clock", json={"advance_seconds": 30 * 86400}) as answer:
        assert answer.status == 200
        told = datetime.fromisoformat((await answer.json())["now"])
    assert told - asked >= timedelta(days=30)
    sent = [row for row in demo.fakes["telegram"].book.of("message.sent") if "A day has gone by" in str(row)]
    assert len(sent) == 1
    assert timedelta(days=1) <= moment(sent[0]) - asked < timedelta(days=2)


async def test_the_post_goes_its_way_in_order(demo: Demo) -> None:
    await print_letter(demo)
    start = demo.clock.now()
    await demo.time.advance(timedelta(days=14))
    told = [row for row in demo.fakes["lob"].book.of("hook.delivered") if row["status"] == 200]
    kinds = [row["event_kind"].rpartition(".")[2] for row in told]
    assert kinds[0] == "created"
    assert kinds[-1] == "delivered"
    assert kinds.index("in_transit") < kinds.index("processed_for_delivery")
    moments = [moment(row) for row in told]
    assert moments == sorted(moments)
    assert moments[-1] - start < timedelta(days=7)


@pytest.mark.parametrize("seconds", [-1, FURTHEST.total_seconds() + 1, "soon", None, float("1e400")])
async def test_a_jump_that_makes_no_sense_is_refused(http: aiohttp.ClientSession, demo: Demo, seconds: Any) -> None:
    before = demo.clock.now()
    async with http.post("/demo/clock", data=f'{{"advance_seconds": {seconds!r}}}'.replace("'", '"')) as answer:
        assert answer.status == 400
        assert "advance_seconds" in (await answer.json())["error"]
    assert demo.clock.now() - before < timedelta(minutes=1)


async def test_nothing_at_all_may_be_waited_for(http: aiohttp.ClientSession) -> None:
    async with http.post("/demo/clock", json={"advance_seconds": 0}) as answer:
        assert answer.status == 200
