"""The whole order at vendors that share no line with our fakes (rule FAKE-3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.core.clock import FixedClock
from tests.conftest import FRIDAY
from tests.crash.orders import register
from tests.databases import prepared_database
from tests.simulation.strangers import Strangers
from tests.simulation.world import LINK, World

SMS, TELEGRAM = ("sms", "+14155550123"), ("telegram", "500000001")


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[tuple[World, Strangers]]:
    """Open our server with strangers at every base."""
    clock = FixedClock(FRIDAY)
    async with Strangers.open(clock) as strangers:
        with prepared_database("sqlite", folder) as url:

            class Elsewhere(World):
                def settings(self) -> Any:
                    return super().settings().model_copy(update=strangers.settings())

            async with Elsewhere.open(register, url, clock, folder) as world:
                strangers.ours = world.url
                yield world, strangers


async def follow(link: str) -> str:
    """Go to the checkout as a browser would; return its address."""
    async with aiohttp.ClientSession() as session, session.post(link, allow_redirects=False) as answer:
        assert answer.status == 303
        return answer.headers["Location"]


def link_in(texts: list[str]) -> str:
    """Return the pay link that a person was sent."""
    return next(found[0] for text in texts if (found := LINK.search(text)))


@pytest.mark.parametrize("who", [SMS, TELEGRAM], ids=["sms", "telegram"])
async def test_fake_3_an_order_at_strangers_ends_in_a_delivered_letter(who: tuple[str, str], tmp_path: Path) -> None:
    async with town(tmp_path) as (world, strangers):
        for words in ("order ann", "one", "two", "go"):
            assert await strangers.say(who, words) == 200
            await world.rest()
        checkout = await follow(link_in(strangers.texts(who)))
        (session,) = strangers.sessions
        assert checkout == f"{strangers.urls['stripe']}/pay/{session}"
        assert await strangers.pay(session) == 200
        await world.advance(timedelta(minutes=1))
        (letter,) = strangers.letters
        for name in ("in_transit", "delivered", "created", "delivered"):
            assert await strangers.post_event(letter, name) == 200
        await world.advance(timedelta(minutes=5))
        texts = strangers.texts(who)
        assert sum("noted two as 2" in text for text in texts) == 1
        assert sum("receipt R-" in text for text in texts) == 1
        assert sum("at the printer" in text for text in texts) == 1
        assert sum("delivered" in text.lower() for text in texts) == 1
        assert len(strangers.letters) == len(strangers.sessions) == 1


async def test_fake_3_events_twice_and_again_change_nothing_at_strangers_either(tmp_path: Path) -> None:
    async with town(tmp_path) as (world, strangers):
        for words in ("order ann", "go"):
            await strangers.say(SMS, words)
            await world.rest()
        (session,) = strangers.sessions
        for _ in range(3):
            assert await strangers.pay(session) == 200
            await world.rest()
        await world.advance(timedelta(days=2))
        assert len(strangers.letters) == 1
        assert sum("receipt R-" in text for text in strangers.texts(SMS)) == 1
