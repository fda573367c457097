"""A person's phone as the terminal plays it: what can be done with it on a channel, and what it shows.

A thin layer over the fakes' phones, so that a conversation in the terminal goes the same way as one in the simulator:
through the vendors' formats, the real routes and the real adapters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bot.assembly.demo import Demo

Channel = Literal["sms", "telegram"]
NUMBER, USER, NAME = "+14155550123", 500_000_101, "Dana"


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the person sees it; links are (label, address), `file` is (name, bytes)."""

    text: str
    buttons: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    file: tuple[str, bytes] | None = None


class Handset(Protocol):
    """One phone."""

    channel: Channel

    async def say(self, text: str) -> None:
        """Send a text."""

    async def tap(self, button: str) -> None:
        """Press a button by its label; raise LookupError when there is none."""

    async def photos(self, pictures: Sequence[tuple[bytes, str]], caption: str) -> None:
        """Send pictures or files, each with its media type, as one message or album."""

    async def voice(self, clip: bytes) -> None:
        """Send a voice clip."""

    def news(self) -> list[Shown]:
        """Return what came in since the last question."""
        ...


class SmsHandset:
    """A handset with text and pictures: no buttons, choices are numbered lines."""

    channel: Channel = "sms"

    def __init__(self, demo: Demo) -> None:
        fake: Any = demo.fakes["twilio"]
        self._phone = fake.phone(NUMBER)
        self._seen: set[str] = {text.sid for text in self._phone.messages}

    async def say(self, text: str) -> None:
        """Send a text."""
        await self._phone.say(text)

    async def tap(self, button: str) -> None:
        """Refuse: there are no buttons on SMS."""
        raise LookupError("SMS has no buttons; answer with the number or the word")

    async def photos(self, pictures: Sequence[tuple[bytes, str]], caption: str) -> None:
        """Send one MMS."""
        await self._phone.mms(list(pictures), caption)

    async def voice(self, clip: bytes) -> None:
        """Send a clip by MMS."""
        await self._phone.mms([(clip, "audio/ogg")])

    def news(self) -> list[Shown]:
        """Return what came in since the last question."""
        fresh = [text for text in self._phone.messages if text.sid not in self._seen]
        self._seen |= {text.sid for text in fresh}
        return [
            Shown(text.body, links=tuple(("picture", url) for url in text.media_urls))
            for text in fresh
            if not text.outgoing
        ]


class TelegramHandset:
    """A phone with buttons, formatted text, albums and voice."""

    channel: Channel = "telegram"

    def __init__(self, demo: Demo) -> None:
        fake: Any = demo.fakes["telegram"]
        self._fake, self._person = fake, fake.person(USER, NAME)
        self._seen: dict[int, str] = {message.id: message.text for message in self._person.chat.messages}

    async def say(self, text: str) -> None:
        """Write a message."""
        await self._person.say(text)

    async def tap(self, button: str) -> None:
        """Press the newest button of this label."""
        await self._person.tap(button)

    async def photos(self, pictures: Sequence[tuple[bytes, str]], caption: str) -> None:
        """Send photos as one album, or files as they are."""
        if all(kind.startswith("image/") for _, kind in pictures):
            first, *others = [data for data, _ in pictures]
            await self._person.photo(first, caption, album=others)
            return
        for data, kind in pictures:
            await self._person.document(data, f"file.{kind.rpartition('/')[2]}", kind, caption)

    async def voice(self, clip: bytes) -> None:
        """Send a voice message."""
        await self._person.voice(clip)

    def news(self) -> list[Shown]:
        """Return what came in since the last question, and messages whose words were changed meanwhile."""
        messages = self._person.chat.messages
        fresh = [message for message in messages if self._seen.get(message.id) != message.text]
        self._seen = {message.id: message.text for message in messages}
        return [self._shown(message) for message in fresh if message.from_bot]

    def _shown(self, message: Any) -> Shown:
        keys = [button for row in message.buttons for button in row]
        labels = [label for row in message.keyboard for label in row]
        data = self._fake.files.data(message.file_id) if message.file_id else None
        return Shown(
            text=message.text,
            buttons=(*(key.label for key in keys if not key.url), *labels),
            links=tuple((key.label, key.url) for key in keys if key.url),
            file=(message.file_name or "picture.png", data) if data is not None else None,
        )


def open_handset(demo: Demo, channel: Channel) -> Handset:
    """Return the phone of a channel."""
    return SmsHandset(demo) if channel == "sms" else TelegramHandset(demo)
