"""A person's phone as a test or a script holds it: what they say, tap and send, and what came back.

await phone.say("ticket in san francisco")
await phone.tap("Yes")
assert "which number" in phone.last.text
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.core.events import Event

if TYPE_CHECKING:
    from bot.engine.harness import Harness


@dataclass(slots=True)
class Message:
    """A message as the person sees it."""

    text: str
    buttons: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    file: int | None = None
    filename: str | None = None
    purpose: str = "reply"
    replaces: int | None = None
    pictures: list[str] = field(default_factory=list)


class Phone:
    """One address of a person: says things, and keeps what it was sent."""

    def __init__(self, harness: Harness, channel: str, handle: str) -> None:
        self._harness, self.channel, self.handle = harness, channel, handle
        self.messages: list[Message] = []
        self.seen = 0

    async def say(self, text: str, **extra: Any) -> list[Message]:
        """Send a text; return what came back, after the calls it caused."""
        return await self._send("text", {"text": text, **extra})

    async def tap(self, label: str) -> list[Message]:
        """Press the newest button of this label (or whose label starts with it)."""
        for message in reversed(self.messages):
            for words, data in message.buttons.items():
                if words == label or words.startswith(label):
                    return await self._send("button", {"data": data, "text": "", "message_id": 1, "callback_id": "1"})
        raise AssertionError(f"no button {label!r} on {self.screen}")

    async def press(self, data: str) -> list[Message]:
        """Press a button by its data, also one of an old message."""
        return await self._send("button", {"data": data, "text": "", "message_id": 1, "callback_id": "1"})

    async def photo(
        self, *pictures: bytes, caption: str = "", media_type: str = "image/jpeg", settles: bool = True
    ) -> list[Message]:
        """Send pictures as one album, and wait until they have settled."""
        media = [self._harness.upload(data, media_type, self.channel) for data in pictures]
        sent = await self._send("media", {"text": caption, "media": media})
        return sent + await self._harness.wait(timedelta(seconds=2), self) if settles else sent

    async def voice(self, clip: bytes = b"OggS voice", media_type: str = "audio/ogg") -> list[Message]:
        """Send a voice clip."""
        return await self.photo(clip, media_type=media_type)

    def event(self, kind: str, payload: dict[str, Any]) -> Event:
        """Return what arrives when this address sends something."""
        self._harness.counter += 1
        if self.channel == "telegram":
            payload["chat_id"] = int(self.handle.split(":")[-1])
        key = f"k{self._harness.counter}"
        return Event(self.channel, key, kind, payload, channel=self.channel, handle=self.handle)

    async def _send(self, kind: str, payload: dict[str, Any]) -> list[Message]:
        harness = self._harness
        event = self.event(kind, payload)
        start = len(self.messages)
        await harness.happen(event)
        if harness.redeliver:
            await harness.happen(event)
        return self.messages[start:]

    @property
    def last(self) -> Message:
        """The newest message."""
        return self.messages[-1]

    @property
    def screen(self) -> str:
        """What came since the last `expect`, as text with its buttons."""
        shown = []
        for m in self.messages[self.seen :] or self.messages[-1:]:
            buttons = " ".join(f"[{b}]" for b in [*m.links, *m.buttons])
            shown.append(f"{m.text}{' ' + buttons if buttons else ''}")
        return "\n".join(shown)

    def expect(self, *parts: str) -> None:
        """Check that what came since the last `expect` holds these parts."""
        screen = self.screen
        for part in parts:
            assert part in screen, f"{part!r} is not in:\n{screen}"  # noqa: S101
        self.seen = len(self.messages)
