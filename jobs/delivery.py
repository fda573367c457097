"""The delivery worker: claims outbox rows, makes the network call, commits what came of it.

A row that this process bore is claimed at its birth; the others are found by polling. A message that ends marks its
row; a call that ends writes its outcome as a new inbox event, in the commit that marks the row done. A row found in
flight after its process died is *unknown*: it is looked up at the vendor before it is tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.core.calls import Again, Done, Outcome, Refused, Unknown
from bot.core.calls.channels import SendSms
from bot.core.clock import Clock
from bot.core.events import Event
from bot.core.ids import Ids
from bot.core.ports import REQUEST_IDS, Adapter, Attempt, Narrow
from bot.core.seal import Seal
from bot.engine.dispatch import Dispatcher, Sent
from jobs import endings, leases
from jobs.admission import UNCOUNTED, Admission
from jobs.backoff import next_try
from jobs.delays import delayed
from jobs.files import StoredFiles
from jobs.leases import Lease
from jobs.pace import Pace, segments_of
from jobs.presence import Presence
from jobs.room import Room
from storage import blobs, outbox, segments
from storage.database import Database, Writers
from storage.schema import micros, moment
from storage.work import Work

LIMIT_SECONDS = 150.0
"""No call may take longer than this, whatever its adapter's own limit is (rule VEN-2)."""
NOT_FOUND_YET = "not_found_yet"
"""What a look-up says that saw everything and wants to look once more; a look that failed does not count as one."""
FAR = timedelta(minutes=10)
"""A next try nearer than this needs nobody to look whether its vendor is back (rule FAKE-5)."""
FIRST_LOOK = timedelta(seconds=2)
"""How long after an uncertain attempt it is first looked up."""
log = logging.getLogger("parley.delivery")


class Delivery:
    """Performs the calls of one process."""

    def __init__(
        self,
        *,
        database: Database,
        writers: Writers,
        dispatcher: Dispatcher,
        adapters: Iterable[Adapter],
        clock: Clock,
        ids: Ids,
        seal: Seal,
        pace: Pace | None = None,
        observe: Callable[[str, str, str, float], None] | None = None,
    ) -> None:
        self._database, self._writers, self._dispatcher = database, writers, dispatcher
        self._clock, self._ids, self._seal = clock, ids, seal
        self._adapters: dict[type, Adapter] = {call: a for a in adapters for call in a.calls}
        self._rooms = {a.vendor: Room(a.places) for a in self._adapters.values() if isinstance(a, Narrow)}
        own_host = urlsplit(dispatcher.registry.public_url).hostname or ""
        self.presence = Presence(self._adapters, clock, self._files, own_host)
        self._admission = Admission(self._adapters.values(), database=database, writers=writers, clock=clock, pace=pace)
        self.breakers = self._admission.breakers
        self._rng = random.Random(ids.next())
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._more: set[int] = set()
        self.stopped: set[int] = set()
        self._told_late: set[int] = set()
        self.wake = asyncio.Event()
        self._observe = observe
        self.performed = 0
        self.far: Callable[[Lease], Awaitable[None]] | None = None

    # -- taking work -----------------------------------------------------------------------------------------------

    def offer(self, sent: Sent) -> None:
        """Take the rows that a turn of this process bore."""
        for row in sent.rows:
            if row["state"] == "sending":
                self._start(leases.lease_of(row, row["body"]["call"], row["body"]))
            else:
                self._more.add(row["lane"])
                if row["due_at"] <= micros(self._clock.now()):
                    self.wake.set()

    def _start(self, lease: Lease) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(lease))
        self._tasks[lease.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(lease.id, None))

    @property
    def in_flight(self) -> int:
        """How many rows this process is working on."""
        return len(self._tasks)

    async def poll(self) -> int:
        """Claim what is due and start it; return how many rows were claimed."""
        now = micros(self._clock.now())
        found = await self._database.read(lambda c: outbox.ready(c, now))
        if not found:
            return 0
        mine = self._dispatcher.process_id
        claimed: list[Lease] = await self._writers.run(lambda work: leases.claim(work, found, mine))
        for lease in claimed:
            self._start(lease)
        return len(found)

    async def adopt_orphans(self, living: list[int]) -> int:
        """Take over rows in flight whose process died: their outcome is unknown."""
        count = await leases.adopt(self._database, self._writers, living, self._clock.now())
        if count:
            log.warning("adopted %d rows of a dead process", count)
            self.wake.set()
        return count

    async def reclaim(self) -> int:
        """Free rows that this process holds and no longer works on: marking them failed, so their fate is unknown."""
        working = frozenset(self._tasks)
        mine = self._dispatcher.process_id
        count = await leases.reclaim(self._database, self._writers, mine, working, self._clock.now())
        if count:
            self.wake.set()
        return count

    # -- one row ---------------------------------------------------------------------------------------------------

    async def _deliver(self, lease: Lease) -> None:
        try:
            await self._settle(lease, await self._outcome(lease))
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("delivery failed", extra={"outbox": lease.id})
            lease.error = "unknown:0"  # it may have left before our own trouble began
            await self._again(lease, Again("our own trouble", whole_vendor=False))
        if lease.lane in self._more:
            self._more.discard(lease.lane)
            self.wake.set()

    async def _outcome(self, lease: Lease) -> Outcome:
        now = self._clock.now()
        if lease.kind == "message" and lease.address_id in self.stopped and lease.body.get("call") is not None:
            return Refused("stopped")
        if lease.expires_at is not None and micros(now) > lease.expires_at:
            return Refused("timed_out" if lease.kind == "call" else "expired")
        adapter = self._adapters.get(type(lease.call))
        if adapter is None:
            return Refused("not_configured")
        held = await self._admission.held(lease, adapter)
        if held is not None:
            return held
        room = self._rooms.get(adapter.vendor)
        place = room.place(lease.person_id or 0) if room else contextlib.nullcontext()
        async with self._seen(lease) as show, place:
            return await self._attempt(lease, adapter, now if room is None else self._clock.now(), show)

    @contextlib.asynccontextmanager
    async def _seen(self, lease: Lease) -> AsyncIterator[Callable[[str], None] | None]:
        """Let the person see that a call is at work; give what takes the text of one that may be watched."""
        chat, draft = int(lease.body.get("typing") or 0), int(lease.body.get("draft") or 0)
        tasks = [asyncio.create_task(self.presence.type(chat, lease.id))] if chat else []
        growing = self.presence.growing(chat, draft) if chat > 0 and draft else None
        if growing is not None:
            tasks.append(asyncio.create_task(growing.run()))
        try:
            yield growing.grow if growing is not None else None
        finally:
            for task in tasks:
                task.cancel()

    def _files(self) -> StoredFiles:
        return StoredFiles(self._database, self._seal, self._ids)

    async def _attempt(
        self, lease: Lease, adapter: Adapter, now: datetime, show: Callable[[str], None] | None
    ) -> Outcome:
        files = self._files()
        attempt = Attempt(lease.key, lease.attempts, moment(lease.first_at), now, files, show=show)
        lease.request_ids = []
        started, asked = time.perf_counter(), REQUEST_IDS.set(lease.request_ids)
        try:
            if (lease.error or "").startswith("unknown"):
                looked = await self._look_up(lease, adapter, attempt)
                if looked is not None:
                    await self._note(adapter.vendor, lease, looked, time.perf_counter() - started)
                    return looked
            async with asyncio.timeout(LIMIT_SECONDS):  # wait_for of Python 3.11 may swallow a cancellation
                outcome = await adapter.calls[type(lease.call)](lease.call, attempt)
        except TimeoutError:
            outcome = Unknown("our time limit")
        finally:
            REQUEST_IDS.reset(asked)
        self.performed += 1
        await self._note(adapter.vendor, lease, outcome, time.perf_counter() - started)
        lease.body["files"] = files.fresh
        return outcome

    async def _note(self, vendor: str, lease: Lease, outcome: Outcome, seconds: float) -> None:
        await self._admission.noted(vendor, outcome)
        word, operation = type(outcome).__name__.lower(), type(lease.call).__name__
        if self._observe:
            self._observe(vendor, operation, word, seconds)
        log.info(
            "call",
            extra={
                "vendor": vendor,
                "operation": operation,
                "outcome": word,
                "ms": round(seconds * 1000, 1),
                "attempt": lease.attempts,
                "outbox": lease.id,
                "request": ",".join(lease.request_ids),
            },
        )

    async def _look_up(self, lease: Lease, adapter: Adapter, attempt: Attempt) -> Outcome | None:
        """Find out whether an uncertain attempt happened; None lets the call be made (again)."""
        look = adapter.look_ups.get(type(lease.call))
        if look is None:
            if lease.policy == "ask_first":
                return Refused("unknown")
            return None
        looks = int((lease.error or "").partition(":")[2] or 0)
        attempt = replace(attempt, looks=looks, known=await self._known(lease))
        async with asyncio.timeout(LIMIT_SECONDS):
            found = await look(lease.call, attempt)
        if isinstance(found, Again):
            seen = looks + (found.reason == NOT_FOUND_YET)
            lease.error = f"unknown:{seen}"
        return found

    async def _known(self, lease: Lease) -> frozenset[str]:
        """Return the vendor's ids of the other messages to this address, lately."""
        if lease.address_id is None or lease.kind != "message":
            return frozenset()
        address_id, since = lease.address_id, lease.first_at - 1_200_000_000
        return await self._database.read(lambda c: outbox.vendor_ids(c, address_id, since))

    # -- what came of it -------------------------------------------------------------------------------------------

    async def _settle(self, lease: Lease, outcome: Outcome) -> None:
        match outcome:
            case Again():
                await self._again(lease, outcome)
            case Unknown(reason):
                lease.error = "unknown:0"
                await self._again(lease, Again(reason, retry_after=FIRST_LOOK))
            case Done() | Refused() if lease.kind == "call":
                await self._end_call(lease, outcome)
            case Done() if lease.body.get("then"):
                await self._end_told(lease, outcome)
            case Done(result):
                await self._mark(lease, "sent", vendor=endings.vendor_id(result))
            case Refused():
                await self._end_message(lease, outcome)

    async def _again(self, lease: Lease, outcome: Again) -> None:
        unknown = (lease.error or "").startswith("unknown")
        waited = self._clock.now() - moment(lease.first_at)
        wait = next_try(type(lease.call), lease.attempts, outcome.retry_after, self._rng, waited=waited)
        uncounted = outcome.reason in UNCOUNTED
        if uncounted:
            wait = outcome.retry_after
        if wait is None:
            refused = Refused("gave_up", outcome.reason)
            await (self._end_call(lease, refused) if lease.kind == "call" else self._end_message(lease, refused))
            return
        due = self._clock.now() + wait
        note = lease.error if unknown else f"again: {outcome.reason}"[:200]
        await self._mark(lease, "ready", due=due, error=note, uncounted=uncounted)
        self._more.add(lease.lane)
        if self.far is not None and wait >= FAR and outcome.whole_vendor and not uncounted:
            await self.far(lease)
        late = delayed(lease.call, row=lease.id, person_id=lease.person_id, waited=waited)
        if late is not None and lease.id not in self._told_late:
            self._told_late.add(lease.id)
            self.offer(await self._writers.run(self._dispatcher.intake(late), key=lease.person_id or 0))

    async def _mark(
        self,
        lease: Lease,
        state: str,
        *,
        vendor: str | None = None,
        due: datetime | None = None,
        error: str | None = None,
        uncounted: bool = False,
    ) -> None:
        params = self._marking(lease, state, vendor=vendor, due=due, error=error)

        def mark(work: Work) -> None:
            work.put(outbox.MARK, params)
            if uncounted:
                outbox.uncount(work, lease.id)
            if state == "sent" and isinstance(lease.call, SendSms):
                segments.count(work, lease.person_id, segments_of(lease.call))

        await self._writers.submit(mark)

    def _marking(
        self,
        lease: Lease,
        state: str,
        *,
        vendor: str | None = None,
        due: datetime | None = None,
        error: str | None = None,
    ) -> dict[str, Any]:
        return {
            "outbox_id": lease.id,
            "was_worker": self._dispatcher.process_id,
            "state": state,
            "worker": self._dispatcher.process_id if state == "sent" else None,
            "due_at": micros(due or self._clock.now()),
            "vendor_id": vendor,
            "vendor_state": None,
            "error": error,
        }

    async def _end_message(self, lease: Lease, refused: Refused) -> None:
        params = self._marking(lease, endings.message_state(refused), error=endings.error_of(refused))
        await self._take(endings.message_refused(lease, refused), lambda work: work.put(outbox.MARK, params))

    async def _end_told(self, lease: Lease, done: Done) -> None:
        """Mark a message as sent, and tell whoever wanted to know."""
        params = self._marking(lease, "sent", vendor=endings.vendor_id(done.result))

        def before(work: Work) -> None:
            work.put(outbox.MARK, params)
            if isinstance(lease.call, SendSms):
                segments.count(work, lease.person_id, segments_of(lease.call))

        await self._take(endings.call_ended(lease, done), before)

    async def _end_call(self, lease: Lease, outcome: Done | Refused) -> None:
        params = self._marking(lease, endings.call_state(outcome), error=endings.error_of(outcome))
        fresh = lease.body.get("files") or []
        person_id = lease.person_id

        def before(work: Work) -> None:
            work.put(outbox.MARK, params)
            for blob_id, data, media_type in fresh:
                blobs.keep(work, blob_id=blob_id, data=data, media_type=media_type, person_id=person_id)

        if lease.body.get("then"):
            await self._take(endings.call_ended(lease, outcome), before)
        else:
            await self._writers.submit(before)

    async def _take(self, event: Event, before: Callable[[Work], None]) -> None:
        key = event.person_id or 0
        sent: Sent = await self._writers.run(self._dispatcher.intake(event, before=before), key=key)
        if sent.duplicate:
            await self._writers.run(before, key=key)
        self.offer(sent)

    # -- stopping --------------------------------------------------------------------------------------------------

    async def drain(self, limit: timedelta = timedelta(seconds=20)) -> None:
        """Wait for what is in flight, then cancel the rest (it will be looked up after the next start)."""
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=limit.total_seconds())
        for task in list(self._tasks.values()):
            task.cancel()


__all__ = ["Delivery", "Lease"]
