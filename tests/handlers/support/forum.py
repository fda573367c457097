"""The staff's forum group as the harness plays it: topics that can be deleted, messages, and what staff do there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.channels import EditTelegram
from bot.core.calls.groups import OpenTopic, PinMessage, PostedInTopic, PostInTopic, React, RenameTopic, TopicOpened
from bot.core.events import Event
from tests.handlers.support.counter import Counter

GROUP = -1001234567890


@dataclass
class Shown:
    """One message in a topic."""

    number: int
    thread: int
    text: str
    buttons: dict[str, str] = field(default_factory=dict)
    files: int = 0
    reply_to: int | None = None
    reaction: str = ""


class Forum:
    """A forum supergroup."""

    def __init__(self, counter: Counter) -> None:
        self._counter, self._next = counter, 100
        self.topics: dict[int, str] = {}
        self.chats: dict[int, int] = {}
        self.messages: list[Shown] = []
        self.pinned: list[int] = []
        self.opened = 0
        self.edited: list[EditTelegram] = []
        self.broken = ""
        counter.world.update(
            {
                OpenTopic: self._open, RenameTopic: self._rename, PostInTopic: self._post, PinMessage: self._pin,
                React: self._react, EditTelegram: self._edit,
            }
        )  # fmt: skip

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _open(self, call: OpenTopic, _: Any) -> Outcome:
        if self.broken:
            return Refused(self.broken)
        self.opened += 1
        thread = self._number()
        self.topics[thread], self.chats[thread] = call.name, call.chat_id
        return Done(TopicOpened(thread))

    def _rename(self, call: RenameTopic, _: Any) -> Outcome:
        self.topics[call.thread_id] = call.name
        return Done()

    def _post(self, call: PostInTopic, _: Any) -> Outcome:
        if call.thread_id not in self.topics:
            return Refused("thread_gone")
        if call.files and self.broken == "too_large":
            return Refused("too_large")
        buttons = {one.label: str(one.data) for row in call.buttons for one in row}
        numbers = [self._number() for _ in range(max(1, len(call.files)))]
        self.messages.append(Shown(numbers[0], call.thread_id, call.text, buttons, len(call.files), call.reply_to))
        return Done(PostedInTopic(numbers))

    def _pin(self, call: PinMessage, _: Any) -> Outcome:
        self.pinned.append(call.message_id)
        return Done()

    def _react(self, call: React, _: Any) -> Outcome:
        for one in self.messages:
            if one.number == call.message_id:
                one.reaction = call.emoji
        return Done()

    def _edit(self, call: EditTelegram, _: Any) -> Outcome:
        self.edited.append(call)
        for one in self.messages:
            if one.number == call.message_id and call.chat_id == self.chats.get(one.thread, GROUP):
                one.text = call.text or one.text
                one.buttons = {b.label: str(b.data) for row in call.buttons for b in row}
        return Done()

    # -- what staff do -------------------------------------------------------------------------------------------------

    async def say(
        self,
        text: str,
        *,
        by: str = "7:5001",
        reply_to: str | int | None = None,
        thread: int | None = None,
        **more: Any,
    ) -> Shown:
        """Write into the topic, perhaps as a reply to the newest message that holds some words."""
        thread = thread or max(self.topics)
        answered = self.find(reply_to).number if isinstance(reply_to, str) else reply_to or thread
        shown = Shown(self._number(), thread, text, reply_to=answered)
        self.messages.append(shown)
        await self._happen("message", by, shown, text=text, reply_to=answered, **more)
        return shown

    async def edit(self, shown: Shown, text: str, *, by: str = "7:5001") -> None:
        """Change an own message."""
        shown.text = text
        await self._happen("edited", by, shown, text=text)

    async def press(self, label: str, *, by: str = "7:5001") -> None:
        """Press the newest button of a label."""
        shown = next(one for one in reversed(self.messages) if label in one.buttons)
        await self._happen("button", by, shown, data=shown.buttons[label])

    async def _happen(self, kind: str, by: str, shown: Shown, **more: Any) -> None:
        self._counter.counter += 1
        chat = self.chats.get(shown.thread, GROUP)
        payload = {"handle": by, "chat_id": chat, "message_id": shown.number, "thread_id": shown.thread, **more}
        await self._counter.happen(Event("staff_group", f"g{self._counter.counter}", kind, payload))

    def find(self, words: str) -> Shown:
        """Return the newest message that holds some words."""
        found = [one for one in self.messages if words in one.text]
        assert found, f"{words!r} is in none of {[one.text for one in self.messages]}"
        return found[-1]

    @property
    def texts(self) -> list[str]:
        """Return what stands in topics that are there, in order."""
        return [one.text for one in self.messages if one.thread in self.topics]


@asynccontextmanager
async def staffed_forum(folder: Path) -> AsyncIterator[tuple[Counter, Forum]]:
    """Open a counter with a forum."""
    async with Counter.staffed(folder, group=GROUP) as counter:
        yield counter, Forum(counter)
