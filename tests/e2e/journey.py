"""A demo with two people in it, and the words with which they take a ticket from hello to a delivered letter."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image

from bot.assembly.demo import Demo
from bot.core.clock import FixedClock
from bot.core.settings import Settings, with_business

START = datetime(2026, 11, 16, 20, 0, tzinfo=UTC)
LINK = re.compile(r"https?://\S+/p/\S+")
PATIENCE_SECONDS = 20.0


def picture(shade: int = 120) -> bytes:
    """Return a JPEG as a phone would send it."""
    data = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 90, 60)).save(data, "JPEG")
    return data.getvalue()


@asynccontextmanager
async def demo(folder: Path, moment: datetime = START) -> AsyncIterator[Demo]:
    """Open a demo on a clock that stands still until it is moved."""
    settings = Settings(_env_file=None, parley_mode="demo", data_dir=folder, port=0, log_level="ERROR")
    settings = with_business(settings)
    async with Demo.open(settings, clock=FixedClock(moment)) as running:
        yield running


class Screen:
    """What one person does and sees; every act waits until everything it caused has come to rest."""

    def __init__(self, running: Demo) -> None:
        self.demo = running
        self.seen: list[str] = []

    async def rest(self) -> None:
        """Let two seconds pass, so that pictures settle and replies arrive."""
        await self.demo.time.advance(timedelta(seconds=2))

    async def expect(self, *parts: str) -> str:
        """Check that the newest messages hold these parts, and return the newest."""
        await self.rest()
        shown = "\n".join(self.texts()[-3:])
        for part in parts:
            assert part in shown, f"{part!r} is not in:\n{shown}"
        return self.texts()[-1]

    def texts(self) -> list[str]:
        """Return all messages from us, oldest first."""
        raise NotImplementedError


class SmsPerson(Screen):
    """Somebody who texts."""

    def __init__(self, running: Demo, number: str = "+14155550142") -> None:
        super().__init__(running)
        fake: Any = running.fakes["twilio"]
        self.phone = fake.phone(number)

    def texts(self) -> list[str]:
        return ["\n".join([m.body, *m.media_urls]) for m in self.phone.messages if not m.outgoing]

    async def say(self, text: str, *parts: str) -> str:
        """Text something, and expect parts of the answer."""
        await self.phone.say(text)
        return await self.expect(*parts)

    async def send(self, *pictures: bytes, expect: str) -> str:
        """Send pictures in one MMS."""
        await self.phone.mms(list(pictures))
        return await self.expect(expect)


class TelegramPerson(Screen):
    """Somebody who chats."""

    def __init__(self, running: Demo) -> None:
        super().__init__(running)
        fake: Any = running.fakes["telegram"]
        self.person = fake.person(first_name="Lee")

    def texts(self) -> list[str]:
        return [m.text or m.file_name or "" for m in self.person.chat.messages if m.from_bot]

    async def say(self, text: str, *parts: str) -> str:
        """Write something, and expect parts of the answer."""
        await self.person.say(text)
        return await self.expect(*parts)

    async def tap(self, label: str, *parts: str) -> str:
        """Press a button."""
        await self.person.tap(label)
        return await self.expect(*parts)


async def pay(running: Demo, link: str) -> None:
    """Open our pay page as a browser would, go on to the checkout, and pay there."""
    async with aiohttp.ClientSession() as browser:
        async with browser.get(link) as shown:
            page = await shown.text()
            assert shown.status == 200, page
            assert "$" in page
        async with browser.post(link, allow_redirects=False) as sent:
            assert sent.status == 303
            session = sent.headers["Location"].rstrip("/").rsplit("/", 1)[-1]
    stripe: Any = running.fakes["stripe"]
    session = re.sub(r"[?#].*", "", session)
    stripe.pay(session)
    await running.time.advance(timedelta(seconds=1))


async def until(condition: Any) -> None:
    """Wait, in real time, until something came true."""
    for _ in range(int(PATIENCE_SECONDS / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came true")


async def text_to_payment(dana: SmsPerson) -> None:
    """Tell of a broken meter in San Francisco, until a certified letter waits for its payment."""
    await dana.say("got a ticket in SF and the meter was broken", "San Francisco, CA ticket?")
    await dana.say("ok", "1 of 6")
    await dana.say("900000417", "issue date")
    await dana.say("11/16", "Mon Nov 16, 2026")
    await dana.say("1", "Mon Dec 7 (21 days", "Wed Nov 25")
    await dana.say("2", "What is it for?")
    await dana.say("1", "2 of 6")
    await dana.say("1", "What did the meter show")
    await dana.say("screen said FAIL, would not take coins or card")
    await dana.say("2 cards, quarters")
    await dana.say("skip")
    await dana.say("no", "3 of 6")
    await dana.send(picture(), expect="Exhibit A")
    await dana.say("meter screen nov 16 2:05pm", "the ticket, front and back")
    await dana.send(picture(40), picture(60), expect="Exhibits B and C")
    await dana.say("done", "4 of 6")
    await dana.say("I got to the meter around 2 and the screen said FAIL. I had to leave, and then there was a ticket.")
    await dana.say("1", "5 of 6")
    for answer in ("ok", "ok", "500 Castro St", "8ABC123 CA", "ok", "ok", "ok", "ok"):
        await dana.say(answer)
    await dana.say("1", "full name")
    await dana.say("Dana Reyes", "Where should the city answer")
    await dana.say("1 example way apt 4 sf ca 94110", "Post office form")
    await dana.say("ok", "6 of 6")
    await dana.say("2", "$9.00", "$19.95")
    await dana.say("2", "sign")
    await dana.say("Dana Reyes", "11 South Van Ness Avenue", "approve")
    await dana.say("ok", "total $19.95", "Full refund if we do not mail it")


def link_in(texts: list[str]) -> str:
    """Return the first pay link in messages."""
    found = LINK.search("\n".join(texts))
    assert found
    return found[0]
