"""The local ticker: wakes the pumps of this process. Rows are the truth; APScheduler only ticks.

A pump does what is due and returns how much it did, so that tests and the demo clock can pump until nothing is left.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

import orjson

from bot.core.clock import Clock
from bot.core.events import Event
from bot.engine.dispatch import Dispatcher, Sent
from jobs.delivery import Delivery
from jobs.periodic import Periodic
from storage import inbox, outbox, processes, timers
from storage.database import Database, Writers
from storage.schema import micros, moment
from storage.work import Work

log = logging.getLogger("parley.ticker")
TICK_SECONDS = 1.0
Pump = Callable[[], Awaitable[int]]


class Ticker:
    """Pumps timers, waiting events, the outbox and periodic work."""

    def __init__(
        self,
        *,
        database: Database,
        writers: Writers,
        dispatcher: Dispatcher,
        delivery: Delivery,
        periodic: Periodic,
        clock: Clock,
        real: Clock,
    ) -> None:
        self._database, self._writers, self._dispatcher = database, writers, dispatcher
        self._delivery, self._periodic, self._clock, self._real = delivery, periodic, clock, real
        self._scheduler: Any = None
        self._task: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._pumped = time.monotonic()

    # -- pumps -----------------------------------------------------------------------------------------------------

    async def fire_timers(self) -> int:
        """Turn timers that fell due into inbox events, in the order of their moments."""
        now = micros(self._clock.now())
        rows = await self._database.read(lambda c: timers.due(c, now))
        for row in rows:
            await self._fire(row)
        return len(rows)

    async def _fire(self, row: Any) -> None:
        payload = orjson.loads(row.body) if row.body else {}
        event = Event("timer", str(row.id), row.kind, payload, person_id=row.person_id)
        mark = {"timer_id": row.id, "state": "fired"}

        def before(work: Work) -> None:
            work.put(timers.FIRED, mark)

        def still(work: Work) -> bool:
            return timers.is_set(work, row.id)

        job = self._dispatcher.intake(event, before=before, still=still)
        sent: Sent = await self._writers.run(job, key=row.person_id or 0)
        if sent.duplicate:
            await self._writers.run(before)
        self._delivery.offer(sent)

    async def retry_events(self) -> int:
        """Try waiting events again, each person's oldest first."""
        now = micros(self._clock.now())
        ids = await self._database.read(lambda c: inbox.due(c, now))
        for inbox_id in ids:
            sent: Sent = await self._writers.run(self._dispatcher.retry(inbox_id), key=inbox_id)
            self._delivery.offer(sent)
        return len(ids)

    async def serve(self) -> int:
        """Do once what persons wait for: timers, waiting events, the outbox; return how much it was."""
        async with self._lock:
            done = await self.fire_timers()
            done += await self.retry_events()
            return done + await self._delivery.poll()

    async def pump(self) -> int:
        """Do once all that is due now, periodic work included; return how much it was."""
        return await self.serve() + await self._periodic.run_due()

    async def settle(self, limit: int = 10_000) -> None:
        """Pump until nothing is due and nothing is in flight (for tests and for the demo clock)."""
        for _ in range(limit):
            done = await self.pump()
            while self._delivery.in_flight:
                await asyncio.sleep(0.002)
                done += 1
            if not done:
                return
        raise RuntimeError("the pumps never came to rest")

    async def next_due(self) -> datetime | None:
        """Return the next moment at which something falls due."""
        found = await self._database.read(
            lambda c: [x for x in (timers.next_due(c), outbox.next_due(c)) if x is not None]
        )
        return moment(min(found)) if found else None

    # -- running ---------------------------------------------------------------------------------------------------

    async def take_over(self) -> None:
        """Say that this process lives, and take what dead ones left: what must be done before the first event."""
        await self.beat()
        await self.adopt(at_start=True)

    def start(self) -> None:
        """Tick."""
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that outlasts its second is no news
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        options = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        first = {"next_run_time": self._real.now()}  # a process that lives but a moment serves all the same
        self._scheduler.add_job(_ending(self._tick), "interval", seconds=TICK_SECONDS, **options, **first)
        self._scheduler.add_job(_ending(self._work), "interval", seconds=TICK_SECONDS, **options)
        self._scheduler.add_job(_ending(self.beat), "interval", seconds=5, **options)
        self._scheduler.add_job(_ending(self.adopt), "interval", seconds=10, **options)
        self._scheduler.start()
        self._task = asyncio.create_task(self._woken())

    async def _tick(self) -> None:
        try:
            await self.serve()
            self._pumped = time.monotonic()
        except Exception:
            log.exception("a pump failed")

    async def _work(self) -> None:
        """Run periodic work beside the rest: a slow vendor or a long backup holds no message up."""
        try:
            await self._periodic.run_due()
        except Exception:
            log.exception("periodic work failed")

    @property
    def age(self) -> float:
        """Seconds since the pumps last ran well."""
        return time.monotonic() - self._pumped

    async def _woken(self) -> None:
        while True:
            await self._delivery.wake.wait()
            self._delivery.wake.clear()
            try:
                await self._delivery.poll()
            except Exception:
                log.exception("polling the outbox failed")

    async def beat(self) -> None:
        """Say that this process lives."""
        real = micros(self._real.now())
        await self._writers.run(lambda work: processes.beat(work, self._dispatcher.process_id, real))

    async def adopt(self, *, at_start: bool = False) -> None:
        """Adopt rows of dead processes; on SQLite this process is the only one there can be."""
        living = [self._dispatcher.process_id]
        if not self._database.is_sqlite:
            real = micros(self._real.now())
            living += await self._database.read(lambda c: processes.living(c, real))
        await self._delivery.reclaim()
        if at_start or not self._database.is_sqlite:
            await self._delivery.adopt_orphans(living)
        if at_start:
            await self._writers.run(lambda work: processes.free_periods(work, living))

    async def stop(self) -> None:
        """Drain, say goodbye."""
        if self._scheduler:
            self._scheduler.shutdown(wait=False)
        if self._task:
            self._task.cancel()
        await self._delivery.drain(timedelta(seconds=20))
        await self._writers.run(lambda work: processes.leave(work, self._dispatcher.process_id))


def _ending(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Return a job whose end by the stop of the scheduler is no error."""

    @wraps(job)
    async def run() -> None:
        with suppress(asyncio.CancelledError):
            await job()

    return run
