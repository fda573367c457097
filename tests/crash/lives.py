"""One person's whole life in a town whose process may die: from the first word to the letter at the printer.

The person behaves as people do: what was not taken is said again, in other words; what comes is waited for. The
process is followed by the next one as soon as it died.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from tests.crash.gate import Died, Gate
from tests.crash.judge import Judge, Said, Verdict, Who
from tests.simulation.world import LINK, World

PATIENCE = 12
HANDLES = {"sms": "+14155550123", "telegram": "500000001"}


class Life:
    """A person in a world with a gate."""

    def __init__(self, world: World, gate: Gate, channel: str) -> None:
        self.world, self.gate, self.channel = world, gate, channel
        self.who: Who = (channel, HANDLES[channel])
        self.said: list[Said] = []
        self.payers: list[Who] = []

    async def live(self, *, arm_at: str = "start") -> Verdict:
        """Play everything; `arm_at` says from when on the process may die: `start`, or when it is `paid`."""
        self.gate.armed = arm_at == "start"
        for words in ("order ann", "one", "two", "go"):
            await self._say(words)
        await self._until(lambda: self._link())
        self.gate.armed = True
        self.world.pay_all()
        self.payers.append(self.who)
        await self._through(lambda: self.world.rest())
        for step in (5, 65, 65, 600, 1200):
            await self._through(lambda step=step: self.world.advance(timedelta(seconds=step)))  # type: ignore[misc]
        self._note_taken()
        return Judge(self.world.vendors, kills=self.world.deaths).judge(self.said, self.payers)

    async def _through(self, act: Callable[[], Awaitable[Any]]) -> bool:
        """Do something; if the process dies of it, start the next one and return False."""
        task, died = asyncio.ensure_future(act()), asyncio.ensure_future(self.gate.died.wait())
        await asyncio.wait({task, died}, return_when=asyncio.FIRST_COMPLETED)
        alive = not self.gate.died.is_set()
        died.cancel()
        if alive:
            await task
            return True
        task.cancel()
        await asyncio.gather(task, died, return_exceptions=True)
        await self._be_born_again()
        return False

    async def _be_born_again(self) -> None:
        """Start processes until one of them survives its own start."""
        await self.world.bury()
        while True:
            self.world.deaths += 1
            self.gate.rise()
            try:
                await self.world.start()
            except Died:
                await self.world.bury()
            else:
                return

    async def _say(self, words: str) -> None:
        for attempt in range(PATIENCE):
            said = Said(self.who, words if attempt == 0 or words == "go" else f"{words} again{attempt}")
            self.said.append(said)
            before = len(self._taken())
            await self._through(lambda said=said: self._speak(said.words))  # type: ignore[misc]
            await self._through(lambda: self.world.rest())
            if self.channel == "telegram":
                await self._until(lambda: not self.world.vendors.telegram.updates.count())
                return
            said.acknowledged = len(self._taken()) > before
            if said.acknowledged or (words == "go" and self._link()):
                return
        raise AssertionError(f"{words!r} was never taken")

    async def _speak(self, words: str) -> None:
        if self.channel == "sms":
            await self.world.phone().say(words)
        else:
            await self.world.person().say(words)

    def _taken(self) -> list[Any]:
        return self.world.vendors.twilio.book.of("inbound.delivered")

    def _note_taken(self) -> None:
        if self.channel == "telegram":
            for said in self.said:
                said.acknowledged = True

    def _heard(self) -> list[str]:
        return self.world.phone().texts if self.channel == "sms" else self.world.person().chat.texts

    def _link(self) -> str | None:
        return next((found[0] for text in self._heard() if (found := LINK.search(text))), None)

    async def _until(self, true: Callable[[], Any]) -> None:
        for _ in range(PATIENCE):
            if true():
                return
            await self._through(lambda: self.world.rest())
            if not true():
                await self._through(lambda: self.world.advance(timedelta(seconds=10)))
        raise AssertionError(f"waited in vain; heard {self._heard()}")
