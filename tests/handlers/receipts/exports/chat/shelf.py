"""Books of two persons in a database, phones for both, and a world that makes exports at once, without a child."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any

import msgspec
import sqlalchemy as sa

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.books import BooksTaken, ExportMade, MadeFile, MakeExport, ReadBooks, TakeBooks
from bot.core.clock import FixedClock
from bot.engine import own_data
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from handlers.receipts.exports import incoming, making, taking, words
from handlers.receipts.exports.ledger import Ledger
from handlers.receipts.exports.ledger_file import ledger_file
from handlers.receipts.exports.stored import stored_books
from handlers.receipts.fields import Fields, told
from jobs.bookkeeper import read_from, weighed_from
from storage.people import address
from storage.receipts import accounts, categories, history, line_items, receipts, transactions
from storage.receipts.categories import Seed
from storage.receipts.line_items import Line
from storage.receipts.transactions import Entry, Part
from storage.snapshot import snapshot
from storage.work import Work

NOW = datetime(2026, 3, 18, 19, 0, tzinfo=UTC)
TREE = (Seed("groceries", None, "Groceries"), Seed("groceries.supermarket", "groceries", "Supermarket"),
    Seed("food", None, "Food"), Seed("income", None, "Income", "income"))  # fmt: skip


def register(registry: Registry) -> None:
    """Register the services under test."""
    from pathlib import Path

    import bot.engine

    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.introduces = False
    own_data.register(registry)
    words.register(registry)


class Books:
    """A harness with the books of the persons behind its phones."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness

    async def person(self, phone: Phone) -> int:
        """Return who is behind a phone."""
        digest = self.harness.seal.digest("address", f"{phone.channel}:{phone.handle}")
        search = sa.select(address.c.person_id).where(address.c.hash == digest)
        return int(await self.harness.database.read(lambda c: c.execute(search).scalar_one()))

    async def run(self, job: Any) -> Any:
        """Run a job and commit it."""
        return await self.harness.writers.run(job)

    async def fill(self, phone: Phone) -> int:
        """Give a person books: a receipt with lines, a split, a refund, yen, income, a draft; return the person."""
        await phone.say("menu")
        phone.seen = len(phone.messages)
        person_id = await self.person(phone)
        await self.run(lambda work: fill(work, person_id))
        return person_id

    async def ledger(self, phone: Phone) -> Ledger:
        """Return what is stored."""
        person_id = await self.person(phone)
        with self._look() as work:
            return stored_books(work, person_id).ledger

    def _look(self) -> Any:
        return snapshot(self.harness.database, self.harness.seal, self.harness.clock)

    async def file(self, blob_id: int | None) -> bytes:
        """Return the bytes of a blob."""
        from storage import blobs

        row = await self.harness.database.read(lambda c: blobs.load(c, blob_id or 0))
        assert row is not None
        return self.harness.seal.open(row.data)


def fill(work: Work, person_id: int) -> None:
    """Write the books."""
    categories.plant(work, person_id, TREE)
    places = {one.key: one.id for one in categories.of_person(work, person_id)}
    card = accounts.find_or_add(work, person_id, kind="card", last4="4421", name="Visa")
    fields = Fields(
        currency=told("USD"), total=told(2623), merchant=told("Trader Joe's"), date=told(date(2026, 3, 15)),
        time=told(time(18, 5)), receipt_number=told("0042"), warranty=told("2 years"), tendered=told(3000),
    )  # fmt: skip
    row = receipts.add(work, person_id, fields.as_draft())
    line_items.replace(work, person_id, row.id, [
        Line("item", 2510, places["groceries.supermarket"], "=Milk", "1.250", 240),
        Line("tax", 113, None, "Sales tax", rate_basis_points=450, base_minor=2510),
    ])  # fmt: skip
    shop = Entry(
        date(2026, 3, 15), 2623, "USD", merchant="Trader Joe's", merchant_key="traderjoes", minute=18 * 60 + 5,
        description="weekly shop", tags=("work",), category_id=places["groceries.supermarket"], account_id=card,
    )  # fmt: skip
    history.confirm(work, person_id, row.id, shop)
    split = (Part(places["food"], 700), Part(places["groceries"], 300))
    transactions.add_all(work, person_id, [
        Entry(date(2026, 3, 1), 1000, "USD", merchant="Corner", merchant_key="corner", parts=split, note="two\nlines"),
        Entry(date(2026, 2, 3), -500, "USD", kind="refund", merchant="Shoes", merchant_key="shoes"),
        Entry(date(2026, 2, 4), 2400, "JPY", 0, merchant="寿司", merchant_key="寿司", account_id=card),
        Entry(date(2026, 1, 31), -200_000, "USD", kind="income", merchant="Work", category_id=places["income"]),
        Entry(date(2026, 1, 30), 900, "USD", state="void", merchant="Void"),
    ])  # fmt: skip
    waiting = Fields(
        currency=told("USD"), total=told(450), merchant=told("Cafe"), date=told(date(2026, 3, 17)), tags=("out",),
        category_id=places["food"],
    )  # fmt: skip
    receipts.add(work, person_id, waiting.as_draft(), state="needs_review")


# -- the world -----------------------------------------------------------------------------------------------------


def make(call: MakeExport, harness: Harness) -> Outcome:
    """Make an export as the child does."""
    with snapshot(harness.database, harness.seal, harness.clock) as work:
        return gather(making.make(work, making.Order(**asdict(call))), harness)


def gather(messages: Iterator[making.Message], harness: Harness) -> Outcome:
    """Return the outcome of a child's messages, its files kept."""
    weighed, files, mark = weighed_from(asdict(_nothing())), [], None
    for head, contents in messages:
        if "trouble" in head:
            return Refused(head["trouble"])
        if "weighed" in head:
            weighed = weighed_from(msgspec.json.decode(msgspec.json.encode(head["weighed"])))
            if head["asks"]:
                return Done(ExportMade(weighed, asks=True))
        elif "mark" in head:
            mark = harness.keep(contents[0])
        else:
            files.append(MadeFile(harness.keep(contents[0]), head["name"], head["media_type"], len(contents[0])))
    return Done(ExportMade(weighed, files, mark))


def _nothing() -> Any:
    from bot.core.calls.books import Weighed

    return Weighed(0)


def read(call: ReadBooks, harness: Harness) -> Outcome:
    """Look into a file as the child does."""
    with snapshot(harness.database, harness.seal, harness.clock) as work:
        told = incoming.preview(work, incoming.Order(**asdict(call)))
    return read_from(msgspec.json.decode(msgspec.json.encode(told)))


def take_in(harness: Harness, call: TakeBooks, most: int = 10**9) -> tuple[Outcome, list[tuple[Any, list[bytes]]]]:
    """Return the pieces that a child gives; they are brought in by `bring`."""
    with snapshot(harness.database, harness.seal, harness.clock) as work:
        pieces = list(incoming.pieces(work, incoming.Order(**asdict(call))))
    if pieces and "trouble" in pieces[0][0]:
        return Refused(pieces[0][0]["trouble"]), []
    return Done(BooksTaken(0, 0)), pieces[:most]


@asynccontextmanager
async def open_shelf(url: str, **world: Any) -> AsyncIterator[Books]:
    """Open books on a database."""
    answers: dict[type, Any] = {MakeExport: make, ReadBooks: read}
    async with Harness.open(register, url, FixedClock(NOW), answers) as harness:
        yield Books(harness)


async def bring(books: Books, phone: Phone, content: bytes) -> tuple[int, int]:
    """Bring a file into a person's books, piece by piece as the bookkeeper does."""
    from storage import blobs

    person_id = await books.person(phone)
    blob_id = books.harness.ids.next()
    await books.run(
        lambda work: blobs.keep(work, blob_id=blob_id, data=content, media_type="application/json", person_id=person_id)
    )
    _, pieces = take_in(books.harness, TakeBooks(person_id, blob_id, "USD"))
    added = known = 0
    for head, contents in pieces:
        more = await books.run(lambda work, h=head, c=contents: taking.take(work, person_id, h, c))
        added, known = added + more[0], known + more[1]
    return added, known


def json_of(ledger: Ledger) -> bytes:
    """Return the JSON export of a ledger without pictures."""
    return ledger_file(ledger).content
