"""A vendor is down for two hours while people order: nothing is lost, they are told, and it drains soon (FAKE-5)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.clock import FixedClock
from tests.conftest import FRIDAY
from tests.crash.judge import Judge, Said
from tests.crash.orders import register
from tests.databases import prepared_database
from tests.effort import short
from tests.simulation.ending import ending
from tests.simulation.world import LINK, World

PEOPLE = short(2, whole=3)
DOWN = timedelta(hours=2)
NUMBERS = [f"+1415555{n:04d}" for n in range(200, 200 + PEOPLE)]


async def _order(world: World) -> list[Said]:
    said = []
    for number in NUMBERS:
        for words in ("order ann", "go"):
            await world.phone(number).say(words)
            said.append(Said(("sms", number), words, True))
        await world.advance(timedelta(seconds=10))
    return said


async def _links(world: World) -> int:
    return sum(any(LINK.search(text) for text in world.phone(number).texts) for number in NUMBERS)


async def _finish(world: World, said: list[Said]) -> None:
    """Let everybody pay and wait; judge by the books."""
    world.pay_all()
    await world.advance(timedelta(days=13))
    verdict = Judge(world.vendors, kills=0).judge(said, [("sms", number) for number in NUMBERS])
    assert not verdict.problems
    assert verdict.letters == PEOPLE
    end = await ending(world)
    assert end["stages"] == ["submitted"] * PEOPLE
    assert end["letters"] == ["delivered"] * PEOPLE
    assert not end["waiting"]
    assert not end["in flight"]


async def test_fake_5_ven_5_stripe_down_for_two_hours(tmp_path: Path) -> None:
    """Nothing is lost, and while the circuit is open hardly anything is asked."""
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            world.vendors.stripe.faults.add("status_before", "*", times=None, status=503)
            said = await _order(world)
            await world.advance(timedelta(minutes=10))
            told = [sum("delayed, not lost" in t for t in world.phone(n).texts) for n in NUMBERS]
            assert told == [1] * PEOPLE
            before = world.vendors.stripe.calls["checkout.sessions.create"]
            await world.advance(timedelta(minutes=30))
            probes = world.vendors.stripe.calls["checkout.sessions.create"] - before
            assert 1 <= probes <= 61
            await world.advance(DOWN - timedelta(minutes=40))
            assert await _links(world) == 0
            world.vendors.stripe.faults.clear()
            await world.advance(timedelta(minutes=10))
            assert await _links(world) == PEOPLE
            assert len(world.vendors.stripe.checkout.shelf) == PEOPLE
            await _finish(world, said)


@pytest.mark.parametrize(("how", "status"), [("status_before", 503), ("status_after", 500), ("rate_limit", 500)])
async def test_ac_70_fake_5_lob_in_trouble_for_two_hours(how: str, status: int, tmp_path: Path) -> None:
    """Everybody is told once; what certainly was not posted is within ten minutes of Lob's return."""
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            said = await _order(world)
            await world.advance(timedelta(minutes=1))
            world.vendors.lob.faults.add(how, "*", times=None, status=status)
            world.pay_all()
            await world.advance(DOWN)
            told = [sum("delayed, not lost" in t for t in world.phone(n).texts) for n in NUMBERS]
            assert told == [1] * PEOPLE
            tried = world.vendors.lob.calls["letter_create"]
            world.vendors.lob.faults.clear()
            if how == "status_after":
                await world.advance(timedelta(hours=8))
            else:
                await world.advance(timedelta(minutes=10))
                assert world.vendors.lob.calls["letter_create"] <= tried + PEOPLE
                assert set(await _letters(world)) <= {"accepted", "rendered"}
            assert len(world.vendors.lob.letters.shelf) == PEOPLE
            await _finish(world, said)


async def test_fake_5_a_letter_without_an_answer_is_posted_within_ten_minutes_of_lobs_return(tmp_path: Path) -> None:
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            await _order(world)
            await world.advance(timedelta(minutes=1))
            world.vendors.lob.faults.add("timeout_after", "*", times=None, status=503)
            world.pay_all(most=1)
            await world.advance(DOWN)
            tried = world.vendors.lob.calls["letter_create"]
            world.vendors.lob.faults.clear()
            await world.advance(timedelta(minutes=10))
            assert len(world.vendors.lob.letters.shelf) == 1
            assert world.vendors.lob.calls["letter_create"] <= tried + 1
            assert set(await _letters(world)) <= {"accepted", "rendered"}


async def _letters(world: World) -> list[str]:
    return list((await ending(world))["letters"])


async def test_ful_8_a_letter_that_alone_fails_keeps_to_its_schedule(tmp_path: Path) -> None:
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            await _order(world)
            await world.advance(timedelta(minutes=1))
            world.vendors.lob.faults.add("status_before", "letter_create", times=None, status=500)
            world.pay_all(most=1)
            tries = []
            for minutes in (0, 1, 5, 15, 60, 120, 240, 480):
                await world.advance(timedelta(minutes=minutes, seconds=5))
                tries.append(world.vendors.lob.calls["letter_create"])
            assert tries == [1, 2, 3, 4, 5, 6, 7, 8]
            await world.advance(timedelta(days=1))
            assert world.vendors.lob.calls["letter_create"] == 8


async def test_fake_5_twilio_down_for_two_hours_loses_no_order(tmp_path: Path) -> None:
    """Replies older than their time are dropped (SMS-45); what was paid is posted, and nothing comes twice."""
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            said = await _order(world)
            await world.advance(timedelta(minutes=1))
            assert await _links(world) == PEOPLE
            world.vendors.twilio.faults.add("status_before", "CreateMessage", times=None, status=503)
            world.pay_all()
            await world.advance(DOWN)
            assert len(world.vendors.lob.letters.shelf) == PEOPLE
            world.vendors.twilio.faults.clear()
            await world.advance(timedelta(minutes=10))
            await _finish(world, said)
