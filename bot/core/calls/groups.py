"""What Parley asks of Telegram in the staff's group: topics, messages in them, reactions."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.calls.channels import Button
from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class OpenTopic:
    """Open a topic in a forum."""

    chat_id: int
    name: str


@wire
@dataclass(frozen=True, slots=True)
class TopicOpened:
    """The topic as Telegram numbered it."""

    thread_id: int


@wire
@dataclass(frozen=True, slots=True)
class RenameTopic:
    """Give a topic another name."""

    chat_id: int
    thread_id: int
    name: str


@wire
@dataclass(frozen=True, slots=True)
class PostInTopic:
    """Post one message; with several `files` (blob ids) one album, whose caption is the text.

    What does not arrive in the topic that was asked for is taken back and refused as `thread_gone` (rule TB-3).
    """

    chat_id: int
    thread_id: int
    text: str
    buttons: list[list[Button]] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    reply_to: int | None = None


@wire
@dataclass(frozen=True, slots=True)
class PostedInTopic:
    """The messages as Telegram numbered them."""

    message_ids: list[int]


@wire
@dataclass(frozen=True, slots=True)
class PinMessage:
    """Pin a message without a notification."""

    chat_id: int
    message_id: int


@wire
@dataclass(frozen=True, slots=True)
class React:
    """Set our one reaction to a message."""

    chat_id: int
    message_id: int
    emoji: str
