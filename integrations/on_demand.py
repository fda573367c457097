"""Adapters that come into being with their first call.

Most installations never ask most vendors: until one is asked, neither its adapter nor what it imports is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any

from bot.core.calls.outcome import Outcome
from bot.core.ports import Adapter, Attempt, LookUp, Perform


class OnDemand:
    """Stands for an adapter of a vendor, with the calls that it performs and those that it can look up."""

    def __init__(
        self,
        vendor: str,
        calls: Collection[type],
        make: Callable[[], Adapter],
        *,
        look_ups: Collection[type] = (),
    ) -> None:
        self.vendor = vendor
        self._make = make
        self.calls: Mapping[type, Perform] = dict.fromkeys(calls, self._perform)
        self.look_ups: Mapping[type, LookUp] = dict.fromkeys(look_ups, self._look_up)

    @cached_property
    def adapter(self) -> Adapter:
        """The adapter itself; asking for it makes it."""
        return self._make()

    async def _perform(self, call: Any, attempt: Attempt) -> Outcome:
        return await self.adapter.calls[type(call)](call, attempt)

    async def _look_up(self, call: Any, attempt: Attempt) -> Outcome | None:
        return await self.adapter.look_ups[type(call)](call, attempt)

    async def close(self) -> None:
        """Release what was opened, if anything was."""
        if "adapter" in self.__dict__:
            await self.adapter.close()


class UrgentOnDemand(OnDemand):
    """Stands for an adapter that is asked while somebody waits (`bot.core.ports.Urgent`)."""

    def __init__(
        self, vendor: str, calls: Collection[type], make: Callable[[], Adapter], *, window: timedelta, pause: timedelta
    ) -> None:
        super().__init__(vendor, calls, make)
        self.window, self.pause = window, pause


class NarrowOnDemand(OnDemand):
    """Stands for an adapter that serves only so many calls at once (`bot.core.ports.Narrow`)."""

    def __init__(self, vendor: str, calls: Collection[type], make: Callable[[], Adapter], *, places: int) -> None:
        super().__init__(vendor, calls, make)
        self.places = places
