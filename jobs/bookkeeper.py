"""Makes exports and takes in files of books, in child processes, so that nobody waits for a large ledger.

The child reads the database by itself and sends finished files through its pipe, one at a time; each is stored here, in
a commit of its own, with a date of deletion. What was made and never handed over goes with that date. A file that comes
in is read by a child too, and its entries are brought in some at a time, so that other people's turns go between.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from bot.core.calls.books import BooksRead, BooksSum, BooksTaken, ExportMade, MadeFile, MakeExport, ReadBooks, TakeBooks
from bot.core.calls.books import Weighed as WeighedBooks
from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.clock import Clock
from bot.core.ids import Ids
from bot.core.ports import Attempt, LookUp, Perform
from bot.core.seal import Seal, parse_keys
from integrations.child import Bounds, ChildFailed, Message
from integrations.streaming import stream
from storage.blobs import blob
from storage.database import Database, Writers
from storage.receipts.exports import LIFE
from storage.work import Work
from storage.writer import Hold, Request

MAKING, READING = "handlers.receipts.exports.making", "handlers.receipts.exports.incoming"
"""Modules that the children load; this room does not import them."""
BOUNDS = Bounds(memory=2_500_000_000, seconds=140)
AT_ONCE = 1
"""Children at the same time: one core is left for the bot."""

Take = Callable[[Work, int, dict[str, Any], list[bytes]], tuple[int, int]]
"""Brings some entries into a person's books; returns how many were added, and how many were there."""


class Bookkeeper:
    """The adapter for calls about books."""

    vendor = "books"

    def __init__(
        self,
        database: Database,
        writers: Writers,
        *,
        clock: Clock,
        ids: Ids,
        keys: str,
        take: Take,
        bounds: Bounds = BOUNDS,
    ) -> None:
        self._database, self._writers, self._clock, self._ids = database, writers, clock, ids
        self._keys, self._take, self._bounds = keys, take, bounds
        self._seal = Seal(parse_keys(keys))  # of its own: files are sealed in another thread
        self._room = asyncio.Semaphore(AT_ONCE)
        self.calls: Mapping[type, Perform] = {
            MakeExport: self._make, ReadBooks: self._read, TakeBooks: self._take_in,
        }  # fmt: skip
        self.look_ups: Mapping[type, LookUp] = {}

    async def close(self) -> None:
        """Hold nothing open."""

    async def _child(self, module: str, work: str, call: Any) -> AsyncGenerator[Message, None]:
        request = {"url": self._database.url, "keys": self._keys, "order": asdict(call)}
        async with self._room, aclosing(stream(module, work, (request, []), self._bounds)) as messages:
            async for message in messages:
                yield message

    async def _make(self, call: MakeExport, attempt: Attempt) -> Outcome:
        weighed, files, mark = WeighedBooks(0), list[MadeFile](), None
        try:
            async with aclosing(self._child(MAKING, "serve", call)) as messages:
                async for head, contents in messages:
                    if "trouble" in head:
                        return Refused(head["trouble"])
                    if "weighed" in head:
                        weighed = weighed_from(head["weighed"])
                        if head["asks"]:
                            return Done(ExportMade(weighed, asks=True))
                    elif "mark" in head:
                        mark = await self._keep(call.person_id, contents[0], "application/octet-stream")
                    else:
                        kept = await self._keep(call.person_id, contents[0], head["media_type"])
                        files.append(MadeFile(kept, head["name"], head["media_type"], len(contents[0])))
        except ChildFailed as failure:
            return _failed(failure)
        return Done(ExportMade(weighed, files, mark))

    async def _keep(self, person_id: int, data: bytes, media_type: str) -> int:
        blob_id, sealed = self._ids.next(), await asyncio.to_thread(self._seal.seal, data)

        def keep(work: Work) -> None:
            row = {"id": blob_id, "person_id": person_id, "media_type": media_type, "size": len(data)}
            work.write(blob.insert(), {**row, "data": sealed, "at": work.now, "delete_after": work.now + LIFE})

        await self._writers.run(keep, key=person_id)
        return blob_id

    async def _read(self, call: ReadBooks, attempt: Attempt) -> Outcome:
        try:
            async with aclosing(self._child(READING, "read", call)) as messages:
                async for head, _ in messages:
                    return read_from(head)
        except ChildFailed as failure:
            return _failed(failure)
        return Refused("damaged")

    async def _take_in(self, call: TakeBooks, attempt: Attempt) -> Outcome:
        added = known = 0
        try:
            async with aclosing(self._child(READING, "entries", call)) as messages:
                async for head, contents in messages:
                    if "trouble" in head:
                        return Refused(head["trouble"])
                    more = await self._writers.run(self._taking(call.person_id, head, contents), key=call.person_id)
                    added, known = added + more[0], known + more[1]
        except ChildFailed as failure:
            return _failed(failure)
        return Done(BooksTaken(added, known))

    def _taking(self, person_id: int, head: dict[str, Any], contents: list[bytes]) -> Callable[[Work], Any]:
        def job(work: Work) -> Generator[Request, bool, tuple[int, int]]:
            yield Hold(person_id)
            return self._take(work, person_id, head, contents)

        return job


def weighed_from(raw: dict[str, Any]) -> WeighedBooks:
    """Return what a child said of a file's content."""
    sums = [BooksSum(**one) for one in raw["sums"]]
    return WeighedBooks(**{**raw, "sums": sums, "notices": [str(one) for one in raw["notices"]]})


def read_from(head: dict[str, Any]) -> Outcome:
    """Return what a child said of a file that came in."""
    if "trouble" in head:
        return Refused(head["trouble"])
    return Done(BooksRead(**{**head, "weighed": weighed_from(head["weighed"])}))


def _failed(failure: ChildFailed) -> Outcome:
    if failure.code in ("memory", "timeout"):
        return Refused("too_large", failure.code)
    return Again(f"child: {failure}", whole_vendor=False)
