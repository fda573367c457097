"""Somebody who quotes, a till that takes orders, and a press that answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import bot.engine
from bot.core.calls import Done, Outcome
from bot.core.calls.workshop import TypesetPages, TypesetSheet
from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.orders import Opened, Paid, Wanted
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers import quotes
from storage.alerts import alert
from storage.quotes.quotes import quote
from storage.quotes.versions import version

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
FINANCE = Member("fay", "finance", frozenset({"quote.approve"}))
A, B, C = (
    "quote 300x200x150 mm 3ply B 1000",
    "quote 400x300x250 mm 5-ply CB 500 print 2.00 die 3000",
    "quote 600x400x80 mm 3 ply B qty 1000",
)


class Counter:
    """A till in memory, that charges as the real one does: lines, and the tax that was promised."""

    def __init__(self) -> None:
        self.orders: list[Wanted] = []

    def open(self, turn: Turn, wanted: Wanted) -> Opened:
        """Open an order."""
        self.orders.append(wanted)
        net = sum(line.amount_minor for line in wanted.lines)
        total = net + (net * (wanted.tax_bps or 0) + 5_000) // 10_000
        return Opened(len(self.orders), f"https://pay.test/p/{len(self.orders)}", total, wanted.currency)


def typeset(call: TypesetSheet, harness: Harness) -> Outcome:
    """Make a paper of one line."""
    return Done(TypesetPages(harness.keep(repr(call.document).encode()), "0" * 64, 1))


class World:
    """A harness, the owner's phone, and the till."""

    def __init__(self, harness: Harness, phone: Phone, till: Counter) -> None:
        self.harness, self.phone, self.till = harness, phone, till

    async def say(self, text: str) -> str:
        """Say something and return all that is answered."""
        return "\n".join(message.text for message in await self.phone.say(text))

    async def made(self, line: str = A) -> str:
        """Make a quote of a line that holds all."""
        await self.say(line)
        return await self.say("ok")

    async def sent(self, line: str = A) -> None:
        """Make a quote and send it."""
        await self.made(line)
        await self.say("quote 1001 send")

    async def row(self, number: int = 1001) -> Any:
        """Return a quote's row."""
        return (await self.rows(sa.select(quote).where(quote.c.number == number)))[0]

    async def rows(self, statement: sa.Select[Any]) -> list[Any]:
        """Return the rows of a read."""
        found: list[Any] = await self.harness.writers.run(lambda work: work.rows(statement))
        return found

    @property
    def papers(self) -> list[dict[str, Any]]:
        """The papers that were typeset."""
        return [call.document for call in self.harness.calls if isinstance(call, TypesetSheet)]

    async def totals(self) -> list[tuple[int, int]]:
        """Return every version with its total."""
        rows = await self.rows(sa.select(version).order_by(version.c.quote_id, version.c.number))
        return [(row.number, row.total_minor) for row in rows]

    async def alerts(self) -> list[str]:
        """Return the kinds of alerts."""
        return [row.kind for row in await self.rows(sa.select(alert))]

    async def pay(self, reference: str, total: int = 1_260_000) -> None:
        """Let an order be paid, as the till tells it."""
        await self.say(f"test-paid {reference} {total}")

    async def staff(self, name: str, argument: str) -> str:
        """Run a command of staff in a turn of another person."""
        other = self.harness.phone("telegram", "7:9009")
        return "\n".join(message.text for message in await other.say(f"test-staff {name}|{argument}"))


def _doing(till: Counter | None) -> Callable[[Registry], None]:
    def register(registry: Registry) -> None:
        registry.introduces = False
        registry.add_texts(Path(bot.engine.__file__).parent / "texts")
        registry.word("text")(_paid)
        registry.word("text")(_staff)
        quotes.register(registry, demo=True)
        registry.till = till

    return register


def _paid(turn: Turn, text: str) -> bool:
    if not text.startswith("test-paid "):
        return False
    _, reference, total = text.split()
    turn.registry.fulfilments["quote"](turn, Paid(1, "quote", reference, int(total), "INR"))
    return True


def _staff(turn: Turn, text: str) -> bool:
    if not text.startswith("test-staff "):
        return False
    name, _, argument = text.removeprefix("test-staff ").partition("|")
    turn.lines.append(turn.registry.staff[name].act(turn, argument, FINANCE))
    return True


@asynccontextmanager
async def open_world(
    where: Path | str, channel: str = "sms", *, till: bool = True, now: datetime = NOW
) -> AsyncIterator[World]:
    """Open a world."""
    counter = Counter()
    register = _doing(counter if till else None)
    async with Harness.open(register, where, FixedClock(now), {TypesetSheet: typeset}) as harness:
        yield World(harness, harness.phone(channel), counter)
