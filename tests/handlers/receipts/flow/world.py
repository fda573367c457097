"""A world for the conversation of receipts: pictures that hold their own print, and a day in March.

A picture is the UTF-8 text that stands on it; `photo(*lines)` makes one.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import bot.engine
from bot.core.calls import Done, Outcome
from bot.core.calls.reading import PrintRead, ReadPrint
from bot.core.clock import FixedClock
from bot.engine import slow, stray
from bot.engine.harness import Harness, World
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from handlers import receipts as service
from handlers.receipts.reading import page_of_text
from storage.receipts import receipts, transactions
from storage.receipts.transactions import Entry
from storage.work import Work

WEDNESDAY = datetime(2026, 3, 18, 18, 0, tzinfo=UTC)
"""2026-03-18, 11:00 in Los Angeles."""
TODAY = date(2026, 3, 18)

TRADER_JOES = (
    "TRADER JOE'S #123",
    "03-15-2026",
    "SUBTOTAL 25.10",
    "TAX 1.13",
    "TOTAL $26.23",
    "CASH 40.00",
    "CHANGE 13.77",
)
UNSURE = ("KEDAI MAJU", "GST No 123456", "15/03/2026", "TOTAL RM48.90", "TOTAL RM48.90", "TOTAL RM48.92")


def photo(*lines: str) -> bytes:
    """Return a picture on which these lines stand."""
    return "\n".join(lines).encode()


def read(call: ReadPrint, harness: Harness) -> Outcome:
    """Read a picture as the local reader would."""
    data = harness.blob(call.blobs[0])
    text = data.decode(errors="replace")
    if text.startswith("!"):
        return Done(PrintRead([], "local_ocr", 5, {str(call.blobs[0]): text[1:]}))
    return Done(PrintRead([page_of_text(text)], "local_ocr", 5))


WORLD: World = {ReadPrint: read}


def register(registry: Registry) -> None:
    """Register the engine's texts and receipts, without the introduction that would stand before each transcript."""
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.introduces = False
    stray.register(registry)
    slow.register(registry)
    service.register(registry)


@asynccontextmanager
async def open_world(
    where: Path | str, clock: FixedClock | None = None, world: World | None = None
) -> AsyncIterator[Harness]:
    """Open a harness with receipts on that Wednesday."""
    async with Harness.open(register, where, clock or FixedClock(WEDNESDAY), {**WORLD, **(world or {})}) as harness:
        yield harness


async def met(harness: Harness, channel: str, handle: str | None = None) -> Phone:
    """Return the phone of a person who was greeted before, so that no brand stands before the first answer."""
    phone = harness.phone(channel, handle or ("+14155550123" if channel == "sms" else None))
    await phone.say("menu")
    phone.messages.clear()
    phone.seen = 0
    return phone


async def spent_before(harness: Harness, phone: Phone, amount_minor: int, currency: str = "USD") -> None:
    """Put what the month came to before into the books."""

    def book(work: Work) -> None:
        transactions.add(work, _person(work), Entry(date(2026, 3, 2), amount_minor, currency, merchant="Rent"))

    await harness.writers.run(book)


def _person(work: Work) -> int:
    from storage import people

    row = work.row(people.person.select().order_by(people.person.c.id))
    assert row is not None
    return int(row.id)


async def rows(harness: Harness, table: Any) -> list[Any]:
    """Return all rows of a table."""
    return await harness.database.read(lambda c: list(c.execute(table.select().order_by(*table.primary_key.columns))))


async def receipt_states(harness: Harness) -> list[str]:
    """Return the states of all receipts, oldest first."""
    return [row.state for row in await rows(harness, receipts.receipt)]


def uncoded(text: str) -> str:
    """Return a text with every receipt code replaced by R7K2."""
    return re.sub(r"\b(?=[2-9A-HJ-KM-NP-Z]*[0-9])[2-9A-HJ-KM-NP-Z]{4}\b(?!\.\d)", "R7K2", text)


def screens(messages: Sequence[Any]) -> list[str]:
    """Return what messages say, codes replaced."""
    return [uncoded(message.text) for message in messages]
