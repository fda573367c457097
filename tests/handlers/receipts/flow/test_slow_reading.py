"""A long silence while something is read, heard or drawn is told once by SMS (rule UX-24)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.calls import Again, Done, Outcome
from bot.core.calls.channels import FetchedMedia, FetchMedia
from bot.core.calls.charts import DrawChart
from bot.core.calls.reading import ReadPrint
from bot.core.calls.workshop import Transcribe, Transcript
from bot.engine.harness import Harness
from bot.engine.phone import Message
from tests.handlers.receipts.flow.books_world import Drawer, booked, entry
from tests.handlers.receipts.flow.world import TRADER_JOES, WEDNESDAY, met, open_world, photo, read

SECOND = timedelta(seconds=1)
WAIT = "Working on it, I will text you."


def late(seconds: float, answer: Callable[[Any, Harness], Outcome]) -> Callable[[Any, Harness], Outcome]:
    """Answer as somebody who is busy for the first seconds of that Wednesday would."""

    def ask(call: Any, harness: Harness) -> Outcome:
        busy: datetime = WEDNESDAY + seconds * SECOND
        return Again("busy", SECOND) if harness.clock.now() < busy else answer(call, harness)

    return ask


def waits(messages: list[Message]) -> int:
    """Count the notices that work goes on."""
    return sum(message.text == WAIT for message in messages)


async def test_ux_24_a_slow_reading_is_told_once_by_sms_and_never_after_the_answer(tmp_path: Path) -> None:
    async with open_world(tmp_path, world={ReadPrint: late(90, read)}) as harness:
        ann = await met(harness, "sms")
        assert await ann.photo(photo(*TRADER_JOES), photo("SHELL", "TOTAL $41.77")) == []
        assert await harness.wait(19 * SECOND, ann) == []
        (told,) = await harness.wait(10 * SECOND, ann)
        assert (told.text, told.purpose) == (WAIT, "reply")
        (answer,) = await harness.wait(120 * SECOND, ann)
        assert "2 receipts" in answer.text
        assert waits(await harness.wait(120 * SECOND, ann)) == 0


async def test_ux_24_an_answer_in_time_ends_the_watch(tmp_path: Path) -> None:
    async with open_world(tmp_path, world={ReadPrint: late(15, read)}) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        shown = await harness.wait(120 * SECOND, ann)
        assert waits(shown) == 0
        assert "Trader Joe's $26.23" in shown[0].text


async def test_ux_24_a_telegram_chat_shows_typing_and_no_words(tmp_path: Path) -> None:
    async with open_world(tmp_path, world={ReadPrint: late(60, read)}) as harness:
        ann = await met(harness, "telegram")
        await ann.photo(photo(*TRADER_JOES))
        assert waits(await harness.wait(120 * SECOND, ann)) == 0


async def test_ux_24_slow_fetching_and_slow_reading_are_one_silence(tmp_path: Path) -> None:
    def fetch(call: Any, harness: Harness) -> Outcome:
        return Done(FetchedMedia([harness._stored(one) for one in call.items]))

    world = {FetchMedia: late(40, fetch), ReadPrint: late(120, read)}
    async with open_world(tmp_path, world=world) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        assert waits(await harness.wait(200 * SECOND, ann)) == 1
        harness.world[ReadPrint] = late(300, read)
        await ann.photo(photo("SHELL", "TOTAL $41.77"))
        assert waits(await harness.wait(200 * SECOND, ann)) == 1


@pytest.mark.parametrize("kind", ["voice", "chart"])
async def test_ux_24_clips_and_charts_are_watched_too(tmp_path: Path, kind: str) -> None:
    heard = late(60, lambda call, harness: Done(Transcript("5.50 coffee")))
    async with open_world(tmp_path, world={Transcribe: heard, DrawChart: late(60, Drawer().draw)}) as harness:
        ann = await met(harness, "sms")
        await booked(harness, entry(900, "Joe's", category="food.restaurants"))
        await (ann.voice() if kind == "voice" else ann.say("chart"))
        shown = await harness.wait(120 * SECOND, ann)
        assert waits(shown) == 1
        assert shown[0].text == WAIT
        assert len(shown) == 2
