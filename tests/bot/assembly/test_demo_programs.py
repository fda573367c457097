"""Books sent to the demo's own Firefly III and Actual, asleep until the first connection (EXP-9, EXP-10, demo mode)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest_asyncio

from bot.assembly.demo import Demo
from bot.assembly.demo_programs import Sleeper
from bot.core.clock import SystemClock
from integrations.fakes.__main__ import make_fake
from integrations.fakes.kit import FakeServer
from tests.bot.assembly.conftest import settings_for

PHONE = "/demo/phone/telegram/500000301"


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with Demo.open(settings_for(tmp_path, appeals_enabled=False)) as running:
        yield running


class Talk:
    """A newcomer's phone."""

    def __init__(self, demo: Demo, http: aiohttp.ClientSession) -> None:
        self.demo, self.http = demo, http

    async def say(self, text: str) -> None:
        async with self.http.post(f"{PHONE}/say", json={"text": text}) as answer:
            assert answer.status == 200
        await self.demo.app.ticker.settle()

    async def heard(self, words: str) -> str:
        for _ in range(200):
            await self.demo.app.ticker.settle()
            async with self.http.get(f"{PHONE}/chat?after=0") as answer:
                told = "\n".join(str(one["text"]) for one in (await answer.json())["messages"] if one["from"] == "bot")
            if words in told:
                return told
        raise AssertionError(f"{words!r} was not said:\n{told}")


def given(told: str) -> str:
    return str(re.findall(r"This demo has one\. Send: (\S+)", told)[-1])


async def test_a_newcomer_sends_books_to_both_programs_by_what_the_chat_says(demo: Demo) -> None:
    async with aiohttp.ClientSession(demo.url) as http:
        talk = Talk(demo, http)
        await talk.say("12.50 lunch joe's")
        await talk.say("ok")
        await talk.say("EXPORT FIREFLY")
        await talk.say(given(await talk.heard("Where is your Firefly III?")))
        await talk.say(given(await talk.heard("Your personal access token")))
        await talk.heard("EXPORT FIREFLY sends your books")
        await talk.say("EXPORT FIREFLY")
        await talk.heard("Sent: 1 new")
        await talk.say("CONNECT ACTUAL")
        await talk.say(given(await talk.heard("Where is your Actual?")))
        await talk.say(given(await talk.heard("The API key of your Actual")))
        await talk.say(given(await talk.heard("The sync id of your budget?")))
        await talk.heard("EXPORT ACTUAL sends your books")
        await talk.say("EXPORT ACTUAL")
        for _ in range(2):
            told = await talk.heard("Sent: 1 new")
        assert told.count("Sent: 1 new") == 2
        await talk.say("CLOUD")
        await talk.heard("Google Cloud Vision")


async def test_a_program_is_made_with_the_first_connection_only() -> None:
    made: list[FakeServer] = []

    def make() -> FakeServer:
        made.append(make_fake("actual", SystemClock(), None, 0, key="k"))
        return made[-1]

    sleeper = Sleeper(make)
    sleeper.listen(0)
    try:
        assert (made, sleeper.port > 0) == ([], True)
        async with aiohttp.ClientSession() as http:
            for _ in range(2):
                async with http.get(f"{sleeper.url}/v1/budgets/b/accounts") as answer:
                    assert answer.status == 403
        assert len(made) == 1
    finally:
        await sleeper.stop()
    idle = Sleeper(make)
    idle.listen(sleeper.port)
    assert idle.port == sleeper.port
    await idle.stop()
    assert len(made) == 1
