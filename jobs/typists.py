"""Showing "typing..." in a chat while rows work for it: one of them does, whatever their number (rule TG-6)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bot.core.calls.channels import ShowTyping
from bot.core.clock import Clock
from bot.core.ports import Adapter, Attempt, Files

TYPING_AFTER, TYPING_EVERY = 1.0, 4.0
"""Seconds of work before "typing..." is shown, and how long until it is shown again."""


class Typists:
    """Which row shows "typing..." in which chat; without an adapter that can, nobody does."""

    def __init__(self, adapter: Adapter | None, clock: Clock, files: Files) -> None:
        self._adapter, self._clock, self._files = adapter, clock, files
        self._rows: dict[int, int] = {}
        self.sleep = asyncio.sleep

    @contextmanager
    def showing(self, chat: int | str | None, row: int) -> Iterator[None]:
        """Show it while the body works; no chat, no sign."""
        task = asyncio.create_task(self._type(self._adapter, int(chat), row)) if chat and self._adapter else None
        try:
            yield
        finally:
            if task:
                task.cancel()

    async def _type(self, adapter: Adapter, chat: int, row: int) -> None:
        try:
            await self.sleep(TYPING_AFTER)
            while True:
                if self._rows.setdefault(chat, row) == row:
                    now = self._clock.now()
                    await adapter.calls[ShowTyping](ShowTyping(chat), Attempt("", 1, now, now, self._files))
                await self.sleep(TYPING_EVERY)
        finally:
            if self._rows.get(chat) == row:
                del self._rows[chat]
