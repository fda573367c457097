"""Exports and imports in real child processes, and the page that hands files out (EXP-4, MED-8, SEC-R7)."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web

from bot.assembly.vendors import make_bookkeeper
from bot.core.calls.books import BooksRead, BooksTaken, ExportMade, MakeExport, ReadBooks, TakeBooks
from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.ports import Adapter, Attempt
from bot.core.seal import Seal
from bot.web.pages.documents import DocumentPage
from bot.web.pages.exports import ExportPage
from integrations.child import Bounds
from jobs.bookkeeper import Bookkeeper
from jobs.retention import Retention
from storage import blobs, people
from storage.blobs import blob
from storage.database import Database, Writers
from storage.links import make_link
from storage.receipts import exports
from storage.receipts.exports import LIFE, File, Wanted
from storage.work import Work
from tests.handlers.receipts.exports.chat.shelf import NOW, fill
from tests.integrations.door import attempt

KEYS = base64.urlsafe_b64encode(bytes(32)).decode()
OTHER_KEYS = base64.urlsafe_b64encode(bytes(range(32))).decode()
ANN, BOB = 11, 12


class Desk:
    """A bookkeeper with a database and two persons, one with books."""

    def __init__(self, url: str) -> None:
        self.clock = FixedClock(NOW)
        self.ids, self.seal, self.database = Ids(self.clock), Seal([bytes(32)]), Database(url)
        self.writers = Writers(self.database, clock=self.clock, ids=self.ids, seal=self.seal)
        self.keeper = make_bookkeeper(self.database, self.writers, clock=self.clock, ids=self.ids, keys=KEYS)
        self.writers.start()

    async def perform(self, call: object, keeper: Adapter | None = None) -> Outcome:
        """Perform a call as the delivery worker does."""
        adapter = keeper or self.keeper
        circumstances: Attempt = attempt()
        return await adapter.calls[type(call)](call, circumstances)

    async def content(self, blob_id: int) -> bytes:
        """Return the bytes of a blob."""
        row = await self.database.read(lambda c: blobs.load(c, blob_id))
        assert row is not None
        return self.seal.open(row.data)


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    opened = Desk(database)

    def persons(work: Work) -> None:
        for one in (ANN, BOB):
            work.claim(people.person.insert().values(id=one, locale="en", created_at=0))
        fill(work, ANN)

    await opened.writers.run(persons)
    yield opened
    await opened.writers.stop()
    await opened.database.close()


async def test_exp_4_a_child_writes_and_a_child_reads(desk: Desk) -> None:
    """The whole way on SQLite, where another process reads the file; the first half on PostgreSQL."""
    made = await desk.perform(MakeExport(1, ANN, "json"))
    assert isinstance(made, Done)
    result: ExportMade = made.result
    (file,) = result.files
    assert (result.weighed.count, file.name, file.media_type) == (7, "ledger.json", "application/json")
    content = await desk.content(file.blob)
    if not desk.database.is_sqlite:
        return
    blob_id = desk.ids.next()
    await desk.writers.run(
        lambda work: blobs.keep(work, blob_id=blob_id, data=content, media_type="application/json", person_id=BOB)
    )
    read = await desk.perform(ReadBooks(BOB, blob_id, "USD"))
    assert isinstance(read, Done)
    found: BooksRead = read.result
    assert (found.ours, found.weighed.count, found.known) == (True, 7, 0)
    assert await desk.perform(TakeBooks(BOB, blob_id, "USD")) == Done(BooksTaken(7, 0))
    again = await desk.perform(MakeExport(2, BOB, "json"))
    assert isinstance(again, Done)
    assert await desk.content(again.result.files[0].blob) == content


async def test_trouble_of_a_child_is_an_outcome(desk: Desk) -> None:
    options: dict[str, Any] = {"clock": desk.clock, "ids": desk.ids, "take": lambda *_: (0, 0)}
    broken = Bookkeeper(desk.database, desk.writers, keys=OTHER_KEYS, **options)
    hurried = Bookkeeper(desk.database, desk.writers, keys=KEYS, bounds=Bounds(2_500_000_000, 0.01), **options)
    first, second = await asyncio.gather(
        desk.perform(MakeExport(1, ANN, "csv"), broken), desk.perform(MakeExport(1, ANN, "csv"), hurried)
    )
    assert isinstance(first, Again)
    assert second == Refused("too_large", "timeout")


async def _export(desk: Desk) -> tuple[int, str]:
    """Make an export of two files with the code 123456 and return its id and token."""
    token = ""
    export_id = 0

    def made(work: Work) -> None:
        nonlocal token, export_id
        for one in (901, 902):
            blobs.keep(
                work, blob_id=one, data=b"id,date\r\n", media_type="text/csv; charset=utf-8",
                person_id=ANN, delete_after=NOW + LIFE,
            )  # fmt: skip
        export_id = exports.begin(work, ANN, Wanted("csv")) or 0
        files = [File(901, "transactions.csv", "text/csv; charset=utf-8", 9), File(902, "café.zip", "text/html", 9)]
        exports.made(work, ANN, export_id, files, mark_blob=None)
        exports.lock(work, ANN, export_id, "123456")
        token = make_link(work, kind="d", target=export_id, name="export", expires=NOW + LIFE, person_id=ANN)

    await desk.writers.run(made)
    return export_id, token


class Site:
    """The pages on a port of their own."""

    def __init__(self, desk: Desk) -> None:
        page = ExportPage(desk.database, desk.writers, desk.seal, desk.clock, demo=False)
        documents = DocumentPage(desk.database, desk.seal, desk.clock, exports=page, demo=False)
        self.app = web.Application()
        self.app.router.add_get("/d/{token}", documents.show)
        self.app.router.add_post("/d/{token}", page.take)


@pytest.fixture
async def site(desk: Desk) -> AsyncIterator[str]:
    runner = web.AppRunner(Site(desk).app)
    await runner.setup()
    tcp = web.TCPSite(runner, "127.0.0.1", 0)
    await tcp.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_med_8_the_page_asks_for_the_code_and_gives_each_file_once(desk: Desk, site: str) -> None:
    _, token = await _export(desk)
    async with aiohttp.ClientSession() as browser:
        async with browser.get(f"{site}/d/{token}") as shown:
            text = await shown.text()
            assert shown.status == 200
            assert "Take transactions.csv" in text
        async with browser.post(f"{site}/d/{token}", data={"code": "000000", "file": "0"}) as wrong:
            assert wrong.status == 403
        async with browser.post(f"{site}/d/{token}", data={"code": " 123 456", "file": "0"}) as right:
            assert right.headers["Content-Disposition"] == "attachment; filename*=UTF-8''transactions.csv"
            assert right.content_type == "text/csv"
            assert right.headers["X-Content-Type-Options"] == "nosniff"
            assert await right.read() == b"id,date\r\n"
        async with browser.post(f"{site}/d/{token}", data={"code": "123456", "file": "0"}) as twice:
            assert twice.status == 404
        async with browser.post(f"{site}/d/{token}", data={"code": "123456", "file": "1"}) as other:
            assert other.content_type == "application/octet-stream"
            assert re.fullmatch(r"attachment; filename\*=UTF-8''caf%C3%A9\.zip", other.headers["Content-Disposition"])
        async with browser.get(f"{site}/d/{token}") as empty:
            assert empty.status == 404


async def test_five_wrong_codes_close_the_page(desk: Desk, site: str) -> None:
    _, token = await _export(desk)
    async with aiohttp.ClientSession() as browser:
        codes = ["1", "", "999999", "abc", "123457", "123456"]
        statuses = []
        for code in codes:
            async with browser.post(f"{site}/d/{token}", data={"code": code, "file": "0"}) as answer:
                statuses.append(answer.status)
    assert statuses == [403, 403, 403, 403, 404, 404]


async def test_sec_r7_after_a_day_link_and_file_are_gone(desk: Desk, site: str) -> None:
    _, token = await _export(desk)
    desk.clock.advance(timedelta(hours=24, seconds=1))
    await Retention(desk.database, desk.writers, desk.clock).run()
    async with aiohttp.ClientSession() as browser, browser.get(f"{site}/d/{token}") as shown:
        assert shown.status == 404
    assert await desk.database.read(lambda c: c.execute(sa.select(blob.c.id)).all()) == []
