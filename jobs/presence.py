"""What a person sees of a call that is still at work: "typing...", and the text as far as it grew (rules TG-6, CH-1).

None of it is a message: it is no row, is never tried again, and whatever becomes of it, the call and the message that
follows do not notice. One of the calls that work for a chat shows it, whatever their number.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.core.calls.channels import ShowDraft, ShowTyping
from bot.core.clock import Clock
from bot.core.model_text import clean
from bot.core.ports import Adapter, Attempt, Files

TYPING_AFTER, TYPING_EVERY = 1.0, 4.0
"""Seconds of work before "typing..." is shown, and how long until it is shown again."""
DRAFT_EVERY, DRAFT_REFRESHED = 1.0, 20.0
"""Seconds between two drafts, and after how long one that did not grow is shown again (it lives for thirty)."""
Sleep = Callable[[float], Awaitable[Any]]


class Presence:
    """Shows that this process works for somebody."""

    def __init__(
        self, adapters: Mapping[type, Adapter], clock: Clock, files: Callable[[], Files], own_host: str = ""
    ) -> None:
        self._adapters, self._clock, self._files, self._own_host = adapters, clock, files, own_host
        self._typists: dict[int, int] = {}
        self.sleep: Sleep = asyncio.sleep

    async def type(self, chat: int, row: int) -> None:
        """Show "typing..." in a chat until cancelled."""
        if ShowTyping not in self._adapters:
            return
        try:
            await self.sleep(TYPING_AFTER)
            while True:
                if self._typists.setdefault(chat, row) == row:
                    await self._perform(ShowTyping(chat))
                await self.sleep(TYPING_EVERY)
        finally:
            if self._typists.get(chat) == row:
                del self._typists[chat]

    def growing(self, chat: int, draft_id: int) -> Growing:
        """Return what takes a model's growing text for a private chat; it is shown as clean as the message will be."""

        async def show(text: str) -> None:
            if cleaned := clean(text, self._own_host):
                await self._perform(ShowDraft(chat, draft_id, cleaned))

        return Growing(show, lambda wait: self.sleep(wait))

    async def _perform(self, call: ShowTyping | ShowDraft) -> None:
        adapter = self._adapters.get(type(call))
        if adapter is not None:
            attempt = Attempt("", 1, self._clock.now(), self._clock.now(), self._files())
            await adapter.calls[type(call)](call, attempt)


class Growing:
    """A text that grows: `grow` takes all of it so far and never waits; `run` shows it until cancelled."""

    def __init__(self, show: Callable[[str], Awaitable[None]], sleep: Sleep) -> None:
        self._show, self._sleep = show, sleep
        self._text = self._shown = ""
        self._grew = asyncio.Event()

    def grow(self, text: str) -> None:
        """Take the text so far; one that did not grow is not taken."""
        if len(text) > len(self._text):
            self._text = text
            self._grew.set()

    async def run(self) -> None:
        """Show the text when it grew, at most once a second, and again before what is shown would vanish."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DRAFT_REFRESHED if self._shown else None):
                    await self._grew.wait()
            self._grew.clear()
            self._shown = self._text
            await self._show(self._shown)
            await self._sleep(DRAFT_EVERY)
