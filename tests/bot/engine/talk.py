"""A small service for the engine's tests: it counts, asks with buttons, takes pictures, and can be told to fail."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import BaseModel

import bot.engine
from bot.core.calls import unpack
from bot.core.clock import FixedClock
from bot.core.errors import Mistake
from bot.core.events import Event
from bot.core.ids import Ids
from bot.core.prompts import Answer, Ask, Choice
from bot.core.seal import Seal
from bot.engine.dispatch import Dispatcher, Sent
from bot.engine.flow import End, Flow, Goto, Next, Stay
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from storage import inbox, outbox
from storage.database import Database, Writers

TEXTS = {
    "talk.count": "count {n}",
    "talk.ask": "next?",
    "talk.pick": "red or blue?",
    "talk.red": "Red",
    "talk.blue": "Blue",
    "talk.picked": "picked {value}",
    "talk.pictures": "got {n} pictures: {caption}",
    "talk.more": "a picture?",
    "talk.bad": "that will not do",
}
SECRET = hashlib.sha256(b"harness").digest()


class Draft(BaseModel):
    """What was counted."""

    n: int = 0


flow = Flow("talk", Draft, version=1, first="count", entry=("talk",))
poison: set[str] = set()
"""Words at which the turn raises; tests put them in and take them out."""


@flow.ask("count")
def ask_count(turn: Turn) -> Ask:
    """Ask."""
    return Ask("talk.ask")


@flow.take("count")
def take_count(turn: Turn, answer: Answer) -> Next:
    """Count, or go to the choice, the picture, the end."""
    turn.draft.n += 1
    turn.say("talk.count", n=turn.draft.n)
    turn.audit("talk.counted", f"n:{turn.draft.n}")
    if answer.text in poison:
        raise RuntimeError(answer.text)
    if answer.text == "bad":
        raise Mistake("talk.bad")
    ways: dict[str, Next] = {"choose": Goto("pick"), "picture": Goto("picture"), "finish": End()}
    return ways.get(answer.text, Stay())


@flow.ask("pick")
def ask_pick(turn: Turn) -> Ask:
    """Ask for a colour."""
    return Ask("talk.pick", choices=(Choice("red", "talk.red"), Choice("blue", "talk.blue")), expects=("choice",))


@flow.take("pick")
def take_pick(turn: Turn, answer: Answer) -> Next:
    """Take a colour."""
    turn.say("talk.picked", value=answer.choice)
    return Goto("count")


@flow.ask("picture")
def ask_picture(turn: Turn) -> Ask:
    """Ask for pictures."""
    return Ask("talk.more", expects=("picture", "text"))


@flow.take("picture")
def take_picture(turn: Turn, answer: Answer) -> Next:
    """Count pictures."""
    if not answer.pictures:
        raise Mistake("talk.bad")
    turn.say("talk.pictures", n=len(answer.pictures), caption=answer.text)
    return Goto("count")


def register(registry: Registry) -> None:
    """Register the talk without an introduction."""
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.catalogue.add("en", TEXTS)
    registry.introduces = False
    registry.add_flow(flow)
    registry.menu.append(("talk", "talk.ask", "talk"))


class Desk:
    """Dispatcher and writers on a database, and what lies in its tables."""

    def __init__(self, url: str, clock: FixedClock, *, process: int = 1, slices: int = 2) -> None:
        self.clock, self.seal = clock, Seal([SECRET])
        self.database = Database(url)
        ids = Ids(clock)
        self.writers = Writers(self.database, clock=clock, ids=ids, seal=self.seal, slices=slices)
        registry = Registry()
        register(registry)
        self.dispatcher = Dispatcher(registry, process_id=process)
        self._count = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, clock: FixedClock, **options: Any) -> AsyncIterator[Desk]:
        """Open a desk on a prepared database."""
        desk = cls(url, clock, **options)
        desk.writers.start()
        try:
            yield desk
        finally:
            await desk.writers.stop()
            await desk.database.close()

    def event(self, text: str, who: str = "7:1", *, key: str | None = None, **payload: Any) -> Event:
        """Return a Telegram message."""
        self._count += 1
        chat = int(who.split(":")[-1])
        return Event(
            "telegram", key or f"u{id(self)}:{self._count}", "text", {"text": text, "chat_id": chat, **payload},
            channel="telegram", handle=who,
        )  # fmt: skip

    async def say(self, text: str, who: str = "7:1", *, key: str | None = None, slice_key: int = 0) -> Sent:
        """Let a message arrive; the reply may leave in the response."""
        job = self.dispatcher.intake(self.event(text, who, key=key), answers=True)
        sent: Sent = await self.writers.run(job, key=slice_key)
        return sent

    async def retry(self) -> int:
        """Try every waiting event that is due once; return how many there were."""
        from storage.schema import micros

        now = micros(self.clock.now())
        ids = await self.database.read(lambda c: inbox.due(c, now))
        for one in ids:
            await self.writers.run(self.dispatcher.retry(one))
        return len(ids)

    async def rows(self, statement: Any) -> list[sa.Row[Any]]:
        """Read."""
        return await self.database.read(lambda c: list(c.execute(statement)))

    async def count(self, table: sa.Table) -> int:
        """Count the rows of a table."""
        return int((await self.rows(sa.select(sa.func.count()).select_from(table)))[0][0])

    async def messages(self) -> list[str]:
        """Return the texts of all messages, in the order of their rows."""
        table = outbox.outbox
        rows = await self.rows(sa.select(table.c.body).where(table.c.kind == "message").order_by(table.c.id))
        return [unpack(orjson.loads(self.seal.open(row.body))["call"]).text for row in rows]

    async def states(self) -> list[tuple[str, int]]:
        """Return state and attempts of all events, in their order."""
        table = inbox.inbox
        return [(row.state, row.attempts) for row in await self.rows(sa.select(table).order_by(table.c.id))]
