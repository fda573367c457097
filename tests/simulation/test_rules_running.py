"""What holds while it runs: a vendor without a key, a clock that jumps, an opt-out in the middle (FAKE-6, SMS-23)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from storage.alerts import alert
from tests.conftest import FRIDAY
from tests.crash.orders import register
from tests.databases import prepared_database
from tests.simulation.ending import DELIVERED, ending
from tests.simulation.world import LINK, World


@asynccontextmanager
async def town(folder: Path, **settings: Any) -> AsyncIterator[World]:
    """Open a town whose server has other settings."""
    with prepared_database("sqlite", folder) as url:

        class Other(World):
            def settings(self) -> Any:
                return super().settings().model_copy(update=settings)

        async with Other.open(register, url, FixedClock(FRIDAY), folder) as world:
            yield world


async def alerts(world: World) -> list[str]:
    rows = await world.app.database.read(lambda c: list(c.execute(sa.select(alert.c.kind))))
    return [row.kind for row in rows]


async def test_fake_6_without_stripe_a_person_is_told_and_the_rest_runs(tmp_path: Path) -> None:
    async with town(tmp_path, stripe_secret_key="") as world:
        for who in (world.phone(), world.person()):
            for words in ("order ann", "one", "go"):
                await who.say(words)
                await world.rest()
        for texts in (world.phone().texts, world.person().chat.texts):
            assert any("noted one as 1" in text for text in texts)
            assert any("Nothing was charged" in text for text in texts)
            assert not any(LINK.search(text) for text in texts)
        assert "checkout_refused" in await alerts(world)


async def test_fake_6_without_lob_what_was_paid_is_told_and_given_back(tmp_path: Path) -> None:
    async with town(tmp_path, lob_api_key="") as world:
        for words in ("order ann", "go"):
            await world.phone().say(words)
            await world.rest()
        assert world.pay_all() == 1
        await world.advance(timedelta(minutes=5))
        assert any("full refund" in text and "not mailed" in text for text in world.phone().texts)
        await world.advance(timedelta(days=3))
        assert len(world.vendors.stripe.payments.refunds) == 1


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_fake_6_a_channel_without_its_key_refuses_and_the_other_runs(channel: str, tmp_path: Path) -> None:
    off = {"sms": {"twilio_auth_token": "", "twilio_account_sid": ""}, "telegram": {"telegram_webhook_secret": ""}}
    async with town(tmp_path, **off[channel]) as world:
        for who in (world.phone(), world.person()):
            await who.say("order ann")
            await world.rest()
        heard = {"sms": world.phone().texts, "telegram": world.person().chat.texts}
        assert heard.pop(channel) == []
        assert len(next(iter(heard.values()))) == 1


async def test_sms_23_an_opt_out_ends_texts_and_no_contract(tmp_path: Path) -> None:
    async with town(tmp_path, twilio_keyword_mode="self") as world:
        phone = world.phone()
        for words in ("order ann", "go"):
            await phone.say(words)
            await world.rest()
        assert world.pay_all() == 1
        await phone.say("stop texting me")
        await world.rest()
        before = len(phone.texts)
        await world.advance(timedelta(days=21))
        assert await ending(world) == DELIVERED
        assert len(phone.texts) == before


async def test_a_clock_that_is_moved_by_a_week_makes_no_work_late(tmp_path: Path) -> None:
    async with town(tmp_path) as world:
        for step in (timedelta(hours=1), timedelta(days=1), timedelta(days=7)):
            await world.advance(step)
        assert "job_late" not in await alerts(world)


async def test_sms_45_a_reply_that_could_not_leave_in_time_is_dropped_and_never_sent_late(tmp_path: Path) -> None:
    async with town(tmp_path) as world:
        await world.phone().say("order ann")
        await world.rest()
        world.vendors.twilio.faults.add("status_before", "CreateMessage", times=None, status=503)
        await world.phone().say("one")
        await world.advance(timedelta(minutes=30))
        world.vendors.twilio.faults.clear()
        await world.advance(timedelta(minutes=30))
        assert not any("noted one" in text for text in world.phone().texts)
        await world.phone().say("two")
        await world.rest()
        assert world.phone().texts[-1].startswith("noted two as 2"), "and the conversation is where it was"
