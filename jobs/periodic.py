"""Periodic work: a row unique on (kind, period), so that any number of processes may try and one wins (rule JOB-1)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.core.clock import Clock
from storage import processes
from storage.database import Writers
from storage.schema import micros

log = logging.getLogger("parley.periodic")
_MICROSECOND = timedelta(microseconds=1)
RETRY = timedelta(minutes=5)
"""How soon work that failed is tried again."""


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """A job with its rhythm; it must be harmless when run twice."""

    kind: str
    every: timedelta
    run: Callable[[], Awaitable[None]]


class Periodic:
    """Runs the jobs whose period began and that no process has claimed yet."""

    def __init__(self, jobs: list[PeriodicJob], *, writers: Writers, clock: Clock, process_id: int) -> None:
        self._jobs, self._writers, self._clock, self._process_id = jobs, writers, clock, process_id
        self._seen: dict[str, int] = {}
        self._again_at: dict[str, int] = {}

    def add(self, job: PeriodicJob) -> None:
        """Add a job."""
        self._jobs.append(job)

    async def run_due(self) -> int:
        """Run what is due; return how many jobs this process ran. Each is claimed just before: a process may die."""
        now, ran = micros(self._clock.now()), 0
        for job in self._jobs:
            period = now // (job.every // _MICROSECOND)
            if self._seen.get(job.kind) == period or now < self._again_at.get(job.kind, 0):
                continue
            self._seen[job.kind] = period
            ran += await self._try(job, period)
        return ran

    async def _try(self, job: PeriodicJob, period: int) -> int:
        mine = self._process_id
        won = await self._writers.run(
            lambda work: processes.claim_period(work, kind=job.kind, period=period, worker=mine)
        )
        if not won:
            return 0
        try:
            await job.run()
        except Exception:
            log.exception("periodic work failed", extra={"job": job.kind})
            await self._failed(job, period)
            return 1
        await self._writers.run(lambda work: processes.finish_period(work, kind=job.kind, period=period, worker=mine))
        return 1

    async def _failed(self, job: PeriodicJob, period: int) -> None:
        """Give the period back, so that it is tried again soon, here or elsewhere."""
        mine = self._process_id
        await self._writers.run(
            lambda work: processes.give_back_period(work, kind=job.kind, period=period, worker=mine)
        )
        self._seen.pop(job.kind, None)
        self._again_at[job.kind] = micros(self._clock.now() + min(job.every, RETRY))

    @property
    def jobs(self) -> tuple[PeriodicJob, ...]:
        """All jobs."""
        return tuple(self._jobs)
