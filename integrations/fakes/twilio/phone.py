"""A person's handset: what it sends, and what its screen shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from integrations.fakes.twilio.server import TwilioFake

_ARRIVED = {"sent", "delivered", "received"}
_MAGIC = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"GIF8": "image/gif",
    b"%PDF": "application/pdf",
    b"BEGIN:VCARD": "text/vcard",
    b"OggS": "audio/ogg",
    b"RIFF": "image/webp",
}


@dataclass(frozen=True, slots=True)
class Text:
    """One message on the screen."""

    sid: str
    outgoing: bool
    """True when this person wrote it."""
    body: str
    media_urls: tuple[str, ...]
    segments: int
    status: str


class Phone:
    """The handset with one number, talking to one of our numbers."""

    def __init__(self, fake: TwilioFake, number: str, to: str) -> None:
        self._fake, self.number, self.to = fake, number, to

    async def say(self, text: str) -> str:
        """Send a text; return its sid once the backend took it or Twilio gave up."""
        return await self._fake.receive(self.number, self.to, text, [])

    async def mms(self, pictures: Sequence[bytes | tuple[bytes, str]], text: str = "") -> str:
        """Send pictures or other files, each as bytes or with its content type."""
        media = [item if isinstance(item, tuple) else (item, _type_of(item)) for item in pictures]
        return await self._fake.receive(self.number, self.to, text, media)

    @property
    def messages(self) -> list[Text]:
        """Return the conversation, oldest first; what is still queued at Twilio has not arrived."""
        self._fake.carrier.due()
        rows = self._fake.messages.of_number(self.number)
        return [_text(row, self.number) for row in rows if row["status"] in _ARRIVED]

    @property
    def texts(self) -> list[str]:
        """Return the bodies of what came in on this handset."""
        return [message.body for message in self.messages if not message.outgoing]

    @property
    def opted_out(self) -> bool:
        """Tell whether Twilio blocks messages to this handset."""
        return self._fake.messages.opted_out(self.to, self.number)

    def trouble(self, code: int | None) -> None:
        """Let messages to this handset fail with a carrier's code (30003, 30005, ...), or not any more."""
        self._fake.handsets.put(self.number, {"trouble": code}, kind="handset.trouble")


def _text(row: dict[str, Any], number: str) -> Text:
    return Text(
        sid=row["sid"],
        outgoing=row["from"] == number,
        body=row["body"],
        media_urls=tuple(row["_media_urls"]),
        segments=int(row["num_segments"]),
        status=row["status"],
    )


def _type_of(data: bytes) -> str:
    if data[4:12] in (b"ftypheic", b"ftypmif1", b"ftypheix"):
        return "image/heic"
    return next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), "application/octet-stream")
