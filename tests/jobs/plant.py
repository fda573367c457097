"""The worker's parts over a real database, with vendors played by functions and a clock that stands still."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import bot.engine
from bot.core.calls import Done, Outcome
from bot.core.calls.channels import FindSms, SendSms, SendTelegram, SentSms, SentTelegram
from bot.core.clock import FixedClock
from bot.core.events import Event
from bot.core.ids import Ids
from bot.core.ports import Attempt
from bot.core.seal import Seal
from bot.engine import consent, deliverability
from bot.engine.dispatch import Dispatcher
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers import admin
from jobs.delivery import Delivery
from jobs.pace import Pace
from jobs.periodic import Periodic
from jobs.ticker import Ticker
from storage.alerts import alert
from storage.database import Database, Writers
from storage.outbox import outbox
from tests.databases import sqlite_template

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
"""A Friday, 13:00 in New York and 10:00 in San Francisco: every window is open."""

DATABASE = "plant.db"
Answer = Callable[[Any, Attempt], Outcome]


class Vendor:
    """One vendor whose answers are functions of the call."""

    def __init__(self, vendor: str, answers: dict[type, Answer], looks: dict[type, Answer] | None = None) -> None:
        self.vendor, self.asked, self.looked = vendor, list[Any](), list[Any]()
        self.calls = {call: self._perform(answer) for call, answer in answers.items()}
        self.look_ups = {call: self._look(answer) for call, answer in (looks or {}).items()}

    def _perform(self, answer: Answer) -> Any:
        async def perform(call: Any, attempt: Attempt) -> Outcome:
            self.asked.append(call)
            return answer(call, attempt)

        return perform

    def _look(self, answer: Answer) -> Any:
        async def look(call: Any, attempt: Attempt) -> Outcome | None:
            self.looked.append(call)
            return answer(call, attempt)

        return look

    async def close(self) -> None:
        """Nothing is open."""


def sms(answer: Answer | None = None, look: Answer | None = None) -> Vendor:
    """Return a Twilio that takes everything, unless told otherwise."""
    count = iter(range(10_000))
    usual: Answer = lambda call, attempt: Done(SentSms(f"SM{next(count)}", "queued"))  # noqa: E731
    return Vendor("twilio", {SendSms: answer or usual, FindSms: lambda c, a: Done()}, {SendSms: look} if look else None)


def telegram(answer: Answer | None = None) -> Vendor:
    """Return a Telegram that takes everything, unless told otherwise."""
    usual: Answer = lambda call, attempt: Done(SentTelegram(1))  # noqa: E731
    return Vendor("telegram", {SendTelegram: answer or usual})


class Plant:
    """Writers, dispatcher, delivery, periodic work and ticker of one process."""

    def __init__(
        self,
        folder: Path,
        vendors: list[Any],
        register: Callable[[Registry], None],
        *,
        pace: Pace | None,
        clock: FixedClock | None,
    ) -> None:
        self.folder, self.clock = folder, clock or FixedClock(NOW)
        self.ids, self.seal = Ids(self.clock), Seal([hashlib.sha256(b"plant").digest()])
        self.database = Database(f"sqlite:///{folder / DATABASE}")
        self.registry = Registry()
        self.registry.add_texts(Path(bot.engine.__file__).parent / "texts")
        deliverability.register(self.registry)
        consent.register(self.registry)
        admin.register(self.registry)
        register(self.registry)
        self.writers = Writers(self.database, clock=self.clock, ids=self.ids, seal=self.seal)
        self.dispatcher = Dispatcher(self.registry, process_id=self.ids.next())
        common: dict[str, Any] = {
            "database": self.database,
            "writers": self.writers,
            "dispatcher": self.dispatcher,
        }
        self.delivery = Delivery(**common, adapters=vendors, clock=self.clock, ids=self.ids, seal=self.seal, pace=pace)
        self.vendors = vendors
        self.periodic = Periodic([], writers=self.writers, clock=self.clock, process_id=self.dispatcher.process_id)
        self.ticker = Ticker(
            **common, delivery=self.delivery, periodic=self.periodic, clock=self.clock, real=self.clock
        )

    async def event(self, event: Event) -> Any:
        """Let an event arrive."""
        sent = await self.writers.run(self.dispatcher.intake(event))
        self.delivery.offer(sent)
        return sent

    async def text(self, body: str, handle: str = "+14155550123", channel: str = "sms") -> Any:
        """Let a person write."""
        payload: dict[str, Any] = {"text": body}
        if channel == "telegram":
            payload["chat_id"] = int(handle.rpartition(":")[2])
        return await self.event(Event(channel, str(self.ids.next()), "text", payload, channel=channel, handle=handle))

    async def settle(self) -> None:
        """Let everything that is due now happen."""
        await self.ticker.settle()

    async def wait(self, step: timedelta) -> None:
        """Move the clock, stopping at every moment at which something falls due."""
        target = self.clock.now() + step
        await self.settle()
        while (due := await self.ticker.next_due()) is not None and due <= target:
            self.clock.advance(max(due - self.clock.now(), timedelta(milliseconds=1)))
            await self.settle()
        self.clock.advance(max(target - self.clock.now(), timedelta()))
        await self.settle()

    async def rows(self, *states: str) -> list[Any]:
        """Return outbox rows, oldest first."""
        query = sa.select(outbox).order_by(outbox.c.id)
        query = query.where(outbox.c.state.in_(states)) if states else query
        return await self.database.read(lambda c: list(c.execute(query)))

    async def alerts(self) -> list[str]:
        """Return the kinds of alerts raised so far."""
        rows = await self.database.read(lambda c: list(c.execute(sa.select(alert.c.kind).order_by(alert.c.id))))
        return [row.kind for row in rows]


@asynccontextmanager
async def plant(
    folder: Path,
    *vendors: Any,
    register: Callable[[Registry], None] = lambda registry: None,
    pace: Pace | None = None,
    clock: FixedClock | None = None,
) -> AsyncIterator[Plant]:
    """Open one, with its schema made."""
    if not (path := folder / DATABASE).exists():
        path.write_bytes(sqlite_template())
    made = Plant(folder, list(vendors), register, pace=pace, clock=clock)
    made.writers.start()
    try:
        yield made
    finally:
        await made.delivery.drain(timedelta(seconds=1))
        await made.writers.stop()
        await made.database.close()


def notices(registry: Registry) -> None:
    """Register `stripe:notice` and `stripe:other`, which send their texts to the person of their payload."""
    registry.catalogue.add("en", {"test.text": "{text}"})
    registry.finders["stripe"] = lambda work, event: event.payload.get("person")

    @registry.on("stripe:other")
    @registry.on("stripe:notice")
    def notice(turn: Turn) -> None:
        for text in turn.event.payload["texts"]:
            turn.notify("test.text", purpose=turn.event.payload["purpose"], policy="ask_first", text=text)

    @registry.on("stripe:call")
    def call(turn: Turn) -> None:
        turn.call(FindSms("+14155550123", "x", 0), key="find", then="test.found", policy="ask_first")


async def notify(made: Plant, person: int, *texts: str, purpose: str = "notice", kind: str = "notice") -> None:
    """Send messages that the person did not ask for; the kind of their event is their subject."""
    payload = {"person": person, "texts": list(texts), "purpose": purpose}
    await made.event(Event("stripe", str(made.ids.next()), kind, payload))


__all__ = ["NOW", "Plant", "Vendor", "notices", "notify", "plant", "sms", "telegram"]
