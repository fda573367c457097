"""Flood control: about 30 messages a second in all, 20 a minute to a group.

Off unless asked for (`strict_pace`), because most tests send more than a real bot would in a second of a frozen clock.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import datetime, timedelta
from typing import Any

from bot.core.clock import Clock
from integrations.fakes.telegram import limits
from integrations.fakes.telegram.refusals import too_many


class Pace:
    """Counts what was sent lately and answers 429 above the limits."""

    def __init__(self, clock: Clock, strict: bool) -> None:
        self._clock, self.strict = clock, strict
        self._sent: dict[str, deque[datetime]] = defaultdict(deque)

    def count(self, chat: dict[str, Any]) -> None:
        """Count a message to a chat, or refuse it with the seconds to wait."""
        if not self.strict:
            return
        self._check("all", limits.SEND_PER_SECOND, timedelta(seconds=1))
        if chat["type"] != "private":
            self._check(str(chat["id"]), limits.SEND_PER_GROUP_AND_MINUTE, timedelta(minutes=1))
        for name in ("all", str(chat["id"])):
            self._sent[name].append(self._clock.now())

    def _check(self, name: str, most: int, window: timedelta) -> None:
        sent, now = self._sent[name], self._clock.now()
        while sent and sent[0] <= now - window:
            sent.popleft()
        if len(sent) >= most:
            raise too_many(max(1, int((sent[0] + window - now).total_seconds())))
