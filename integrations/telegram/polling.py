"""Long polling: the way in when there is no public address (rule TG-11).

Telegram forgets an update as soon as a later offset is asked for, so the offset moves only after `accept` has returned,
which is after the commit. What `accept` could not take is offered again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from integrations.http import Lost, Reply, seconds_or_none
from integrations.telegram.adapter import TelegramAdapter
from integrations.telegram.replies import ALLOWED_UPDATES
from integrations.telegram.updates import Malformed, TelegramUpdate, read_update

log = logging.getLogger(__name__)

AT_LEAST = 0.5
"""Seconds between two questions to a server that does not wait for updates when it has none."""

CONFLICT = (
    "Telegram answers 409: another process polls with this bot's token, or a webhook is set. "
    "Stop the other process, or run `python main.py connect` to choose one way in."
)

Accept = Callable[[TelegramUpdate], Awaitable[None]]


class Poller:
    """Asks one bot's updates again and again and hands them to `accept`, one at a time and in order."""

    def __init__(
        self,
        telegram: TelegramAdapter,
        accept: Accept,
        *,
        bot_username: Callable[[], str] = str,
        wait_seconds: int = 30,
        pause_seconds: float = 3.0,
        on_conflict: Callable[[str], None] = log.error,
    ) -> None:
        self._telegram, self._accept, self._username = telegram, accept, bot_username
        self._wait, self._pause, self._on_conflict = wait_seconds, pause_seconds, on_conflict
        self._offset: int | None = None
        self._in_conflict = False

    async def run(self) -> None:
        """Poll until cancelled. Trouble of any kind is followed by a pause, never by an end."""
        while True:
            pause = await self.round()
            if pause:
                await asyncio.sleep(pause)

    async def round(self) -> float:
        """Ask once and take in what came; return how many seconds to pause before the next round."""
        fields: dict[str, Any] = {"timeout": self._wait, "allowed_updates": ALLOWED_UPDATES}
        if self._offset is not None:
            fields["offset"] = self._offset
        asked = time.monotonic()
        answer = await self._telegram.ask("getUpdates", fields, seconds=self._wait + 10)
        if isinstance(answer, Lost) or answer.status != 200:
            return self._trouble(answer)
        self._in_conflict = False
        updates = answer.record().get("result")
        if not updates and isinstance(updates, list):
            return AT_LEAST if time.monotonic() - asked < AT_LEAST and self._wait else 0
        return await self._take(updates) if isinstance(updates, list) else self._pause

    async def _take(self, updates: list[Any]) -> float:
        for raw in updates:
            update = read_update(raw, self._username())
            if isinstance(update, TelegramUpdate):
                try:
                    await self._accept(update)
                except Exception:
                    log.exception("update %d was not taken and will be asked for again", update.update_id)
                    return self._pause
            self._confirm(raw, update)
        return 0

    def _confirm(self, raw: Any, update: TelegramUpdate | Malformed) -> None:
        if isinstance(update, Malformed):
            log.error("an update was skipped: %s", update.reason)
        number = raw.get("update_id") if isinstance(raw, dict) else None
        if type(number) is int:
            self._offset = number + 1

    def _trouble(self, answer: Reply | Lost) -> float:
        if isinstance(answer, Lost):
            return self._pause
        if answer.status == 409 and not self._in_conflict:
            self._in_conflict = True
            self._on_conflict(CONFLICT)
        parameters = answer.record().get("parameters")
        wish = seconds_or_none(parameters.get("retry_after")) if isinstance(parameters, dict) else None
        return max(self._pause, wish.total_seconds() if wish else 0)
