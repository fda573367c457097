"""Where one person's conversation stands, as it is kept between turns.

`frames` is a stack: the top one owns the next answer. `parked` are flows left with their drafts, kept for 30 days.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import field


class Frame(msgspec.Struct, omit_defaults=True):
    """A flow under way: its step, its draft as JSON, and the call it waits for."""

    flow: str
    step: str
    draft: dict[str, Any] = field(default_factory=dict)
    version: int = 1
    call: int | None = None
    then: str | None = None
    trail: list[str] = field(default_factory=list)
    told_slow: bool = False


class Parked(msgspec.Struct, omit_defaults=True):
    """A flow that was left, with when."""

    frame: Frame
    at: int


class Prompt(msgspec.Struct, omit_defaults=True):
    """The open question: where it was shown, and which answers its digits and buttons mean."""

    id: str
    address_id: int
    choices: list[list[Any]]
    many: bool = False
    message_id: int | None = None
    at: int = 0
    in_place: bool = False


class Album(msgspec.Struct, omit_defaults=True):
    """Pictures that arrived and have not settled yet."""

    items: list[dict[str, Any]]
    address_id: int
    caption: str = ""
    call: int | None = None


class Conversation(msgspec.Struct, omit_defaults=True):
    """All of it. `unaccepted` are times of messages that answered nothing (loop guard, rule SMS-47)."""

    frames: list[Frame] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    prompt: Prompt | None = None
    album: Album | None = None
    counter: int = 0
    misses: int = 0
    greeted: list[int] = field(default_factory=list)
    unaccepted: list[int] = field(default_factory=list)
    repeats: int = 0
    last_hash: str = ""
    muted_until: int = 0
    asked: str = ""
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def top(self) -> Frame | None:
        """The flow that owns the next answer."""
        return self.frames[-1] if self.frames else None

    def dump(self) -> bytes:
        """Return the state as JSON, without what stands at its default."""
        return _ENCODER.encode(self)

    @staticmethod
    def load(data: bytes) -> Conversation:
        """Read what `dump` wrote; unknown keys of a newer release are ignored, so old code survives a rollback."""
        return _DECODER.decode(data)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Conversation)
