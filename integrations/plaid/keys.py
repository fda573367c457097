"""The keys of Plaid's webhooks: fetched by their id once, kept for a day, and never asked for at a stranger's rate.

A token names its key before anything about it is proven, so anybody can make us ask. Hence: ids that look like the
vendor's only, an unknown one is not asked for again within the minute, and at most so many are asked for in a minute.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from bot.core.calls.plaid import BankKey

KEEP_SECONDS, MISS_SECONDS = 86_400.0, 60.0
MOST_A_MINUTE = 10
_ID = re.compile(r"[0-9A-Za-z-]{8,64}")

Fetch = Callable[[str], Awaitable[BankKey | None]]
"""Asks the vendor for a key; None when there is none, or no answer."""


class KeyRing:
    """The keys known so far."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._keys: dict[str, tuple[BankKey, float]] = {}
        self._misses: dict[str, float] = {}
        self._asked: list[float] = []

    async def get(self, key_id: str | None, now: float) -> BankKey | None:
        """Return the key of an id, from memory or from the vendor; None when it is not to be had."""
        if key_id is None or not _ID.fullmatch(key_id):
            return None
        known = self._keys.get(key_id)
        if known is not None and now - known[1] < KEEP_SECONDS:
            return known[0]
        if not self._may_ask(key_id, now):
            return None
        key = await self._fetch(key_id)
        if key is None:
            self._misses[key_id] = now
        else:
            self._keys[key_id] = (key, now)
        return key

    def _may_ask(self, key_id: str, now: float) -> bool:
        self._misses = {one: at for one, at in self._misses.items() if now - at < MISS_SECONDS}
        self._asked = [at for at in self._asked if now - at < MISS_SECONDS]
        if key_id in self._misses or len(self._asked) >= MOST_A_MINUTE:
            return False
        self._asked.append(now)
        return True
