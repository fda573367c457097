"""The instants at which a process may die: before and after every commit and every call to a vendor.

A gate counts the instants and dies at a chosen one. Whoever is dead commits nothing and calls nobody: what it had
under way stays as it was, exactly as after a SIGKILL at that instant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bot.assembly.app import App
from bot.core.ports import Attempt
from storage.session import Session


class Died(Exception):
    """The process is dead."""


class Gate:
    """Counts the instants; at those in `deaths` one process after the other dies, each counted from its birth."""

    def __init__(self, *deaths: int) -> None:
        self._planned, self.trail = list(deaths), list[str]()
        self.where_all: list[str] = []
        self.armed = False
        self.died = asyncio.Event()
        self._dead, self._passed = False, 0
        self._loop = asyncio.get_running_loop()

    @property
    def deaths(self) -> int:
        """How many died so far."""
        return len(self.where_all)

    def rise(self) -> None:
        """Let the next process live until the next planned instant."""
        self._dead, self._passed = False, 0
        self.died.clear()

    def install(self, app: App) -> None:
        """Watch a process; its periodic upkeep is left out, so that every instant belongs to the story."""
        app.periodic._jobs.clear()
        for writer in app.writers._writers:
            self._watch_session(writer._session)
        for adapter in app.adapters:
            name = adapter.vendor
            adapter.calls = {call: self._watched(f"{name} {call.__name__}", do) for call, do in adapter.calls.items()}
            adapter.look_ups = {
                call: self._watched(f"{name} look for {call.__name__}", do) for call, do in adapter.look_ups.items()
            }

    def _pass(self, name: str) -> None:
        if self._dead:
            raise Died
        if not self.armed:
            return
        self.trail.append(name)
        self._passed += 1
        if self._planned and self._passed > self._planned[0]:
            self._planned.pop(0)
            self.where_all.append(name)
            self._dead = True
            self._loop.call_soon_threadsafe(self.died.set)
            raise Died(name)

    def _watch_session(self, session: Session) -> None:
        begin, commit = session.begin, session.commit

        def watched_begin() -> None:
            if self._dead:
                raise Died
            begin()

        def watched_commit() -> None:
            self._pass("before commit")
            commit()
            self._pass("after commit")

        session.begin, session.commit = watched_begin, watched_commit  # type: ignore[method-assign]

    def _watched(self, name: str, perform: Callable[..., Any]) -> Callable[..., Any]:
        async def watched(call: Any, attempt: Attempt) -> Any:
            try:
                self._pass(f"before {name}")
                outcome = await perform(call, attempt)
                self._pass(f"after {name}")
            except Died:
                await asyncio.Event().wait()
            return outcome

        return watched
