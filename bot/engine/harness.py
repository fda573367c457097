"""The test harness: plays persons against the real engine on a real database, with the world's answers by function.

    async with Harness.open(register, tmp_path, clock) as h:
        dana = h.phone("sms")
        await dana.say("got a ticket in SF")
        dana.expect("San Francisco")

Calls to vendors are answered by functions given per call class. With `redeliver`, every event arrives twice; with
`restart`, the process is replaced after every turn: the transcript must come out the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.calls import Again, Done, Outcome, Refused, pack, unpack
from bot.core.calls.channels import (
    DeleteTelegram,
    EditTelegram,
    FetchedMedia,
    FetchMedia,
    SendSms,
    SendTelegram,
    SentSms,
    SentTelegram,
    StoredMedia,
)
from bot.core.clock import FixedClock
from bot.core.events import Event
from bot.core.ids import Ids
from bot.core.seal import Seal
from bot.engine.dispatch import Dispatcher, Sent
from bot.engine.phone import Message, Phone
from bot.engine.registry import Registry
from storage import blobs, inbox, outbox, timers
from storage.database import Database, Writers
from storage.schema import micros
from storage.tables import metadata
from storage.work import Work

World = Mapping[type, Callable[[Any, "Harness"], Outcome]]
PROCESS = 1


def _make_tables(url: str) -> None:
    engine = Database(url).engine()
    metadata.create_all(engine)
    engine.dispose()


@cache
def _empty_file(tables: frozenset[str]) -> bytes:
    """Return a SQLite file with all tables; to make one takes as long as twenty turns, and every test wants its own."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        _make_tables(f"sqlite:///{path}")
        return path.read_bytes()


class Harness:
    """The engine over a database, with a movable clock and a world that answers."""

    def __init__(self, register: Callable[[Registry], None], url: str, clock: FixedClock, world: World) -> None:
        self._register, self._url, self.clock, self.world = register, url, clock, dict(world)
        self.ids = Ids(clock)
        self.seal = Seal([hashlib.sha256(b"harness").digest()])
        self.phones: dict[tuple[str, str], Phone] = {}
        self.uploads: dict[str, tuple[bytes, str]] = {}
        self.calls: list[Any] = []
        self.files: dict[int, bytes] = {}
        self._kept: dict[int, bytes] = {}
        self.counter = 0
        self.redeliver = self.restart = False

    @classmethod
    @asynccontextmanager
    async def open(
        cls, register: Callable[[Registry], None], where: Path | str, clock: FixedClock, world: World | None = None
    ) -> AsyncIterator[Harness]:
        """Open a harness on a folder (SQLite) or a database URL, with its schema made."""
        url = where if isinstance(where, str) else f"sqlite:///{where}/harness-{os.getpid()}.db"
        harness = cls(register, url, clock, world or {})
        if isinstance(where, str):
            _make_tables(url)
        elif not Database(url).path.exists():
            Database(url).path.write_bytes(_empty_file(frozenset(metadata.tables)))
        harness._boot()
        try:
            yield harness
        finally:
            await harness._shut()

    def _boot(self) -> None:
        self.database = Database(self._url)
        # Its own connection: a person's word is followed by six looks, and each would wait for a reader's thread.
        self._reader = self.database.engine().connect().execution_options(isolation_level="AUTOCOMMIT")
        self.registry = Registry()
        self._register(self.registry)
        self.writers = Writers(self.database, clock=self.clock, ids=self.ids, seal=self.seal)
        self.writers.start()
        self.dispatcher = Dispatcher(self.registry, process_id=PROCESS)

    async def _shut(self) -> None:
        self._reader.close()
        await self.writers.stop()
        await self.database.close()

    def phone(self, channel: str, handle: str | None = None) -> Phone:
        """Return the phone of an address."""
        handle = handle or ("+14155550123" if channel == "sms" else "7:5001")
        return self.phones.setdefault((channel, handle), Phone(self, channel, handle))

    def upload(self, data: bytes, media_type: str, channel: str) -> dict[str, Any]:
        """Keep a file as the channel would, and return its reference."""
        ref = f"file{len(self.uploads)}"
        self.uploads[ref] = (data, media_type)
        return {"channel": channel, "ref": ref, "media_type": media_type, "size": len(data)}

    async def happen(self, event: Event) -> Sent:
        """Let an event arrive and do all that follows at once."""
        sent: Sent = await self.writers.run(self.dispatcher.intake(event))
        if sent.error:
            raise AssertionError(f"the turn of {event.kind} failed: {sent.error}")
        await self.rest()
        if self.restart:
            await self._shut()
            self._boot()
        return sent

    async def say_together(self, said: Iterable[tuple[Phone, str]]) -> None:
        """Let many persons write at one moment: their turns share commits, as those of a crowd do."""
        events = [phone.event("text", {"text": text}) for phone, text in said]
        for sent in await asyncio.gather(*(self.writers.run(self.dispatcher.intake(event)) for event in events)):
            if sent.error:
                raise AssertionError(f"a turn failed: {sent.error}")
        await self.rest()

    async def vendor(self, source: str, kind: str, thing: dict[str, Any], key: str | None = None, **more: Any) -> Sent:
        """Let a vendor's event arrive."""
        self.counter += 1
        return await self.happen(Event(source, key or f"evt{self.counter}", kind, {"object": thing, **more}))

    async def wait(self, step: timedelta, phone: Phone | None = None) -> list[Message]:
        """Move the clock forward and let everything that falls due happen in order."""
        start, target = len(phone.messages) if phone else 0, self.clock.now() + step
        while True:
            due = [x for x in (timers.next_due(self._reader), outbox.next_due(self._reader)) if x is not None]
            if not due or min(due) > micros(target):
                break
            ahead = max(min(due) - micros(self.clock.now()), 0)
            self.clock.advance(timedelta(microseconds=ahead))
            await self.rest()
        self.clock.advance(max(target - self.clock.now(), timedelta()))
        await self.rest()
        return phone.messages[start:] if phone else []

    async def rest(self) -> None:
        """Deliver, answer calls and fire timers until nothing is due."""
        for _ in range(500):
            if not (await self._deliver() + await self.fire() + await self._retry()):
                return
        raise AssertionError("the world never came to rest")

    async def fire(self) -> int:
        """Fire the timers that are due, and deliver nothing of what they say."""
        rows = timers.due(self._reader, micros(self.clock.now()))
        await asyncio.gather(*(self._fire_one(row) for row in rows))
        return len(rows)

    async def _fire_one(self, row: Any) -> None:
        payload = orjson.loads(row.body) if row.body else {}
        event = Event("timer", str(row.id), row.kind, payload, person_id=row.person_id)
        mark = {"timer_id": row.id, "state": "fired"}
        sent: Sent = await self.writers.run(
            self.dispatcher.intake(event, before=lambda work: work.put(timers.FIRED, mark))
        )
        if sent.error:
            raise AssertionError(f"timer {row.kind} failed: {sent.error}")

    async def _retry(self) -> int:
        ids = inbox.due(self._reader, micros(self.clock.now()))
        for one in ids:
            await self.writers.run(self.dispatcher.retry(one))
        return len(ids)

    async def _deliver(self) -> int:
        table, now = outbox.outbox, micros(self.clock.now())
        due = (
            sa.select(table).where(table.c.state.in_(["ready", "sending"]), table.c.due_at <= now).order_by(table.c.id)
        )
        rows, shown, told = self._reader.execute(due).all(), [], []
        for row in rows:
            body = orjson.loads(self.seal.open(row.body))
            call = unpack(body["call"])
            if isinstance(call, (SendTelegram, SendSms)) and type(call) in self.world:
                await self._judge(row, call, body)
            elif isinstance(call, (SendTelegram, SendSms)):
                self._show(call, row.purpose)
                shown.append(row.id)
                told += [(row, body, call)] if body.get("then") else []
            else:
                await self._perform(row, call, body)
        if shown:
            await self._set(shown, {"state": "sent"})
        for row, body, call in told:
            self.calls.append(call)
            is_telegram = isinstance(call, SendTelegram)
            sent = SentTelegram(1000 + len(self.calls)) if is_telegram else SentSms(f"SM{row.id}", "sent")
            await self._ended(row, body, Done(sent), lambda work: None)
        return len(rows)

    async def _judge(self, row: Any, call: SendTelegram | SendSms, body: dict[str, Any]) -> None:
        """Send a message as the world says; a refusal is told as delivery tells it."""
        outcome = self.world[type(call)](call, self)
        if not isinstance(outcome, Refused):
            self._show(call, row.purpose)
            await self._set([row.id], {"state": "sent"})
            return
        await self._set([row.id], {"state": "dead"})
        payload = {"code": outcome.code, "address": row.address_id, "state": "dead", "outcome": "refused"}
        payload |= {"call_id": row.id, "then": body.get("then") or "", "context": body.get("context") or {}}
        await self.happen(Event("delivery", str(row.id), "refused", payload, person_id=row.person_id))

    async def _set(self, row_ids: list[int], values: dict[str, Any]) -> None:
        table = outbox.outbox
        await self.writers.run(lambda work: work.write(table.update().where(table.c.id.in_(row_ids)).values(values)))

    def _show(self, call: SendTelegram | SendSms, purpose: str) -> None:
        if isinstance(call, SendSms):
            self.phone("sms", call.to).messages.append(Message(call.body, purpose=purpose, pictures=call.media_urls))
            return
        phone = self._of_chat(call.chat_id)
        buttons = {b.label: b.data for row in call.buttons for b in row if b.data}
        links = {b.label: b.url for row in call.buttons for b in row if b.url}
        file = call.document or call.photo
        phone.messages.append(
            Message(call.text, buttons, links, file, call.filename, purpose=purpose, replaces=call.replaces)
        )

    def _of_chat(self, chat_id: int) -> Phone:
        """Return the phone of a chat; the handles of Telegram are `sender:chat`."""
        usual = self.phones.get(("telegram", f"7:{chat_id}"))
        ends = f":{chat_id}"
        known = usual or next((p for (c, h), p in self.phones.items() if c == "telegram" and h.endswith(ends)), None)
        return known or self.phone("telegram", f"7:{chat_id}")

    async def _perform(self, row: Any, call: Any, body: dict[str, Any]) -> None:
        self.calls.append(call)
        outcome = self._answer(call)
        if isinstance(outcome, Again):
            due = micros(self.clock.now() + (outcome.retry_after or timedelta(seconds=30)))
            await self._set([row.id], {"state": "ready", "due_at": due, "attempts": row.attempts + 1})
            return
        fresh, self.files = self.files, {}

        def before(work: Work) -> None:
            work.write(outbox.outbox.update().where(outbox.outbox.c.id == row.id).values(state="sent"))
            for blob_id, data in fresh.items():
                blobs.keep(
                    work, blob_id=blob_id, data=data, media_type="application/octet-stream", person_id=row.person_id
                )

        if not body.get("then"):
            await self.writers.run(before)
            return
        await self._ended(row, body, outcome, before)

    async def _ended(self, row: Any, body: dict[str, Any], outcome: Outcome, before: Callable[[Work], None]) -> None:
        """Tell who asked what became of a call."""
        payload: dict[str, Any] = {"call_id": row.id, "then": body["then"], "context": body.get("context") or {}}
        if isinstance(outcome, Done):
            payload |= {"outcome": "done", "result": pack(outcome.result) if outcome.result is not None else None}
        elif isinstance(outcome, Refused):
            told = {"code": outcome.code, "reason": outcome.reason, "details": outcome.details}
            payload |= {"outcome": "refused", **told}
        event = Event("call", str(row.id), "ended", payload, person_id=row.person_id)
        sent: Sent = await self.writers.run(self.dispatcher.intake(event, before=before))
        if sent.error:
            raise AssertionError(f"the result of {body['call']['type']} failed: {sent.error}")

    def _answer(self, call: Any) -> Outcome:
        if type(call) in self.world:
            return self.world[type(call)](call, self)
        if isinstance(call, FetchMedia):
            return Done(FetchedMedia([self._stored(item) for item in call.items]))
        if isinstance(call, (EditTelegram, DeleteTelegram)):
            return Done()
        if isinstance(call, SendTelegram):
            return Done(SentTelegram(1000 + len(self.calls)))
        return Refused("not_configured")

    def _stored(self, item: Any) -> StoredMedia:
        data, media_type = self.uploads[item.ref]
        return StoredMedia(item, self.keep(data), media_type, hashlib.sha256(data).hexdigest(), len(data))

    def keep(self, data: bytes) -> int:
        """Store bytes with the commit of the call under way, and return their blob id."""
        blob_id = self.ids.next()
        self.files[blob_id] = self._kept[blob_id] = data
        return blob_id

    def blob(self, blob_id: int) -> bytes:
        """Return bytes that were kept in this harness."""
        return self._kept[blob_id]
