"""Group commit: whatever waits is run as one batch and committed once (at most 256 jobs, no timer).

A *job* is a function of a `Work` that returns a value, or a generator that may yield requests: a hot query
(`Fetch`), or the person it is about to touch (`Hold`). The batch advances all its generators in step, so that equal
queries of many jobs leave as one set. Two jobs of one person never share a batch: the later one waits for the next.

If anything of a batch fails, the batch is rolled back and its jobs run one by one, each in a transaction of its own;
the one that fails then is the only one that gets the error.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import msgspec

from bot.core.clock import Clock
from bot.core.errors import Permanent
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage.hot import Hot, Params
from storage.session import Session
from storage.statements import STATEMENTS, described, tick
from storage.work import Work

T = TypeVar("T")
BATCH, _FEWEST = 256, 8
_LEAST_SECONDS, _COMMITS, _MEMORY = 0.015, 4, 16
_ROUNDS = 8
log = logging.getLogger("parley.writer")


class Fetch(msgspec.Struct, frozen=True):
    """A request for the rows of a hot statement. `holds` is a `Hold` of the person whose id stands first in them."""

    hot: Hot
    params: Params
    holds: bool = False


class Hold(msgspec.Struct, frozen=True):
    """A request to be the only job that touches this person; the answer tells whether to read again."""

    person_id: int


class Later:
    """A request to be run in the next batch instead."""


Request = Fetch | Hold | Later
Steps = Generator[Request, Any, T]
Job = Callable[[Work], Steps[Any] | Any]


class Recovery(Protocol):
    """A job that knows what to write when it failed even alone."""

    def recover(self, error: Exception) -> Job:
        """Return the job that records the failure."""
        ...


class _Waiting(msgspec.Struct):
    job: Job
    future: asyncio.Future[Any]


class _Running(msgspec.Struct):
    waiting: _Waiting
    work: Work
    steps: Steps[Any] | None = None
    answer: Any = None
    result: Any = None
    done: bool = False
    later: bool = False


class Batch:
    """Runs jobs in step inside one transaction of one session; it does not commit."""

    def __init__(self, session: Session, clock: Clock, ids: Ids, seal: Seal) -> None:
        self._session, self._clock, self._ids, self._seal = session, clock, ids, seal

    def run(self, jobs: list[_Waiting]) -> list[_Running]:
        """Run all jobs and flush their writes; raise whatever one of them raises."""
        now, held = self._clock.now(), set[int]()
        running = [_Running(w, Work(self._session, now, self._ids, self._seal)) for w in jobs]
        active = [r for r in running if self._start(r)]
        while active:
            requests = [(r, self._advance(r)) for r in active]
            active = self._answer([(r, q) for r, q in requests if q is not None], held)
        self._flush([r.work for r in running if not r.later])
        return running

    @staticmethod
    def _start(r: _Running) -> bool:
        outcome = r.waiting.job(r.work)
        if isinstance(outcome, Generator):
            r.steps = outcome
            return True
        r.work.keep()
        r.result, r.done = outcome, True
        return False

    @staticmethod
    def _advance(r: _Running) -> Request | None:
        assert r.steps is not None  # noqa: S101
        try:
            return r.steps.send(r.answer)
        except StopIteration as end:
            r.work.keep()
            r.result, r.done = end.value, True
            return None

    def _answer(self, asked: list[tuple[_Running, Request]], held: set[int]) -> list[_Running]:
        fetches: dict[Hot, list[tuple[_Running, Fetch]]] = defaultdict(list)
        holders: list[tuple[_Running, int]] = []
        for r, request in asked:
            match request:
                case Fetch():
                    fetches[request.hot].append((r, request))
                case Hold(person_id) if person_id not in held:
                    held.add(person_id)
                    holders.append((r, person_id))
                case _:
                    self._put_off(r)
        for hot, wanted in fetches.items():
            self._fetch(hot, wanted)
            if wanted[0][1].holds:
                self._hold(hot, wanted, held)
        if holders:
            self._session.hold(sorted(person_id for _, person_id in holders))
            for r, _ in holders:
                r.answer = self._session.concurrent_writers
        return [r for r, _ in asked if not r.later]

    def _fetch(self, hot: Hot, wanted: list[tuple[_Running, Fetch]]) -> None:
        started = tick()
        found = self._session.query_many(hot, [fetch.params for _, fetch in wanted])
        STATEMENTS.note(hot.name, started, sum(map(len, found)), times=len(wanted))
        for (r, _), rows in zip(wanted, found, strict=True):
            r.answer = rows

    def _hold(self, hot: Hot, wanted: list[tuple[_Running, Fetch]], held: set[int]) -> None:
        """Hold the persons who were found; what concurrent writers may have changed meanwhile is read again."""
        holders: list[tuple[_Running, Fetch]] = []
        persons: list[int] = []
        for one in wanted:
            rows = one[0].answer
            if not rows:
                continue
            person_id = rows[0][0]
            if person_id in held:
                self._put_off(one[0])
                continue
            held.add(person_id)
            holders.append(one)
            persons.append(person_id)
        if self._session.concurrent_writers and holders:
            self._session.hold(sorted(persons))
            self._fetch(hot, holders)
            for one, person_id in zip(holders, persons, strict=True):
                if not one[0].answer or one[0].answer[0][0] != person_id:
                    self._put_off(one[0])  # a merge moved what was asked for to somebody who is not held

    @staticmethod
    def _put_off(r: _Running) -> None:
        r.later = True
        r.work.drop()
        if r.steps is not None:
            r.steps.close()

    def _flush(self, works: list[Work]) -> None:
        sets: dict[Hot, list[Params]] = defaultdict(list)
        for work in works:
            for hot, params in work.hot:
                sets[hot].append(params)
        for hot in sorted(sets, key=lambda h: h.rank):
            started = tick()
            self._session.write_many(hot, sets[hot])
            STATEMENTS.note(hot.name, started, len(sets[hot]), times=len(sets[hot]))
        for work in works:
            for statement, bind, expected in work.cold:
                started = tick()
                result = self._session.execute(statement, bind)
                STATEMENTS.note(described(statement), started, result.rowcount)
                if expected is not None and result.rowcount != expected:
                    raise Permanent(f"a guarded write changed {result.rowcount} rows instead of {expected}")


class Pace:
    """How many jobs a batch may hold: as many as run in four times a commit, or in a few milliseconds if that is more.

    A batch holds up everybody who waits, so it should not be much longer than the commit that it pays for. Beside the
    disk a commit costs threads their wake-ups and the log a page for every table, as much as four turns: batches
    shorter than 15 ms cost more processor time and answer no sooner.
    """

    def __init__(self) -> None:
        self._job_seconds, self._commit_seconds = 0.0, 1.0
        self.size = BATCH

    def note(self, jobs: int, run_seconds: float, commit_seconds: float) -> None:
        """Learn from a batch; of commits the quickest lately, as the others waited for the loop as well."""
        self._job_seconds += (run_seconds / jobs - self._job_seconds) / _MEMORY
        self._commit_seconds = min(commit_seconds, self._commit_seconds * (1 + 1 / _MEMORY))
        wanted = max(_LEAST_SECONDS, _COMMITS * self._commit_seconds) / max(self._job_seconds, 1e-6)
        self.size = min(max(int(wanted), _FEWEST), BATCH)


class Writer:
    """Takes jobs from the event loop and answers each after the commit that holds its writes.

    With `threaded` the whole batch runs in a thread of its own (PostgreSQL, several slices); otherwise it runs in the
    event-loop thread and only COMMIT goes to a helper thread: a second busy thread costs a third of the throughput to
    the interpreter's lock, and a COMMIT in the loop ruins slow disks.
    """

    def __init__(self, session: Session, *, clock: Clock, ids: Ids, seal: Seal, threaded: bool) -> None:
        self._session, self._threaded = session, threaded
        self._batch = Batch(session, clock, ids, seal)
        self._pace = Pace()
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="parley-commit")
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self.batches = self.jobs = 0

    def start(self) -> None:
        """Begin to take batches; a second call changes nothing: two loops would share one transaction."""
        if self._task is not None:
            return
        self._task = asyncio.get_running_loop().create_task(self._loop(), name="writer")

    def submit(self, job: Job) -> asyncio.Future[Any]:
        """Queue a job; the future resolves after the commit of its batch, or with the job's error."""
        if self._stopping:
            raise Permanent("the writer has stopped")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(job, future))
        self._wake.set()
        return future

    @property
    def depth(self) -> int:
        """How many jobs wait."""
        return len(self._queue)

    async def stop(self) -> None:
        """Finish what waits, then give the connection back."""
        self._stopping = True
        self._wake.set()
        if self._task:
            await self._task
        await asyncio.get_running_loop().run_in_executor(self._helper, self._session.close)
        self._helper.shutdown()

    async def _loop(self) -> None:
        while True:
            if not self._queue:
                if self._stopping:
                    return
                self._wake.clear()
                await self._wake.wait()
                continue
            jobs = [self._queue.popleft() for _ in range(min(self._pace.size, len(self._queue)))]
            jobs = [w for w in jobs if not w.future.cancelled()]
            if jobs:
                await self._take(jobs)
                await self._hear_back(len(jobs))

    async def _hear_back(self, answered: int) -> None:
        """Let the answers leave; after a large batch let the loop go round while they write again.

        From an answer to its sender's next job in the queue it takes some rounds: the answer leaves, the request comes
        in, is read and handled. A next batch that began before would hold the few who were first, and cost a commit.
        It begins when as many wait as were answered, or when some rounds, of microseconds each, brought nobody.
        """
        await asyncio.sleep(0)
        if answered < _FEWEST:
            return
        waiting, quiet = len(self._queue), 0
        while quiet < _ROUNDS and waiting < answered and not self._stopping:
            await asyncio.sleep(0)
            quiet = 0 if len(self._queue) > waiting else quiet + 1
            waiting = len(self._queue)

    async def _take(self, jobs: list[_Waiting]) -> None:
        try:
            self._settle(await self._transact(jobs))
        except Exception as error:
            if len(jobs) == 1:
                await self._fail(jobs[0], error)
                return
            log.warning("batch of %d rolled back (%s), running its jobs one by one", len(jobs), type(error).__name__)
            for one in jobs:
                await self._take([one])

    async def _transact(self, jobs: list[_Waiting]) -> list[_Running]:
        loop = asyncio.get_running_loop()
        if self._threaded:
            return await loop.run_in_executor(self._helper, self._run_and_commit, jobs)
        started = time.perf_counter()
        running = self._run(jobs)
        ran = time.perf_counter()
        try:
            await loop.run_in_executor(self._helper, self._session.commit)
        except Exception:
            self._session.rollback()
            raise
        self._pace.note(len(jobs), ran - started, time.perf_counter() - ran)
        return running

    def _run(self, jobs: list[_Waiting]) -> list[_Running]:
        self.batches += 1
        self.jobs += len(jobs)
        self._session.begin()
        try:
            return self._batch.run(jobs)
        except BaseException:
            self._session.rollback()
            raise

    def _run_and_commit(self, jobs: list[_Waiting]) -> list[_Running]:
        running = self._run(jobs)
        try:
            self._session.commit()
        except BaseException:
            self._session.rollback()
            raise
        return running

    def _settle(self, running: list[_Running]) -> None:
        again = [r.waiting for r in running if r.later]
        self._queue.extendleft(reversed(again))
        for r in running:
            if r.done and not r.waiting.future.done():
                r.waiting.future.set_result(r.result)

    async def _fail(self, one: _Waiting, error: Exception) -> None:
        recover = getattr(one.job, "recover", None)
        if recover is not None:
            try:
                self._settle(await self._transact([_Waiting(recover(error), one.future)]))
            except Exception as second:
                error = second
            else:
                return
        if not one.future.done():
            one.future.set_exception(error)
