"""Periodic work: once per period over all processes, tried again when it fails, taken over when its process dies."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from jobs.periodic import RETRY, Periodic, PeriodicJob
from storage.processes import LEASE, claim_period, free_periods, last_done
from storage.schema import micros
from tests.jobs.plant import Plant, plant

HOUR = timedelta(hours=1)


def _other(made: Plant, jobs: list[PeriodicJob]) -> Periodic:
    return Periodic(jobs, writers=made.writers, clock=made.clock, process_id=99)


async def test_job_1_any_number_of_processes_may_try_and_one_wins(tmp_path: Path) -> None:
    ran: list[int] = []

    async def run() -> None:
        ran.append(1)

    async with plant(tmp_path) as made:
        jobs = [PeriodicJob("x", HOUR, run)]
        processes = [_other(made, list(jobs)) for _ in range(4)]
        for _ in range(3):
            for process in processes:
                await process.run_due()
        assert len(ran) == 1
        made.clock.advance(HOUR)
        for process in processes:
            await process.run_due()
        assert len(ran) == 2
        assert (await made.database.read(last_done))["x"] > 0


async def test_work_that_fails_is_tried_again_soon_and_not_only_next_period(tmp_path: Path) -> None:
    tries: list[int] = []

    async def run() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise RuntimeError("not yet")

    async with plant(tmp_path) as made:
        process = _other(made, [PeriodicJob("nightly", timedelta(days=1), run)])
        await process.run_due()
        await process.run_due()
        assert len(tries) == 1
        for _ in range(5):
            made.clock.advance(RETRY)
            await process.run_due()
        assert len(tries) == 3


async def test_job_2_a_claim_whose_process_died_is_taken_over_after_its_lease(tmp_path: Path) -> None:
    ran: list[int] = []

    async def run() -> None:
        ran.append(1)

    async with plant(tmp_path) as made:
        day = timedelta(days=1)
        period = int(made.clock.now().timestamp()) // 86_400
        await made.writers.run(lambda work: claim_period(work, kind="nightly", period=period, worker=1))
        await _other(made, [PeriodicJob("nightly", day, run)]).run_due()
        assert not ran
        made.clock.advance(LEASE + timedelta(seconds=1))
        await _other(made, [PeriodicJob("nightly", day, run)]).run_due()
        assert ran


async def test_one_failing_job_keeps_no_other_from_running(tmp_path: Path) -> None:
    ran: list[str] = []

    async def bad() -> None:
        raise RuntimeError("bad")

    async def good() -> None:
        ran.append("good")

    async with plant(tmp_path) as made:
        await _other(made, [PeriodicJob("bad", HOUR, bad), PeriodicJob("good", HOUR, good)]).run_due()
        assert ran == ["good"]


async def test_job_2_what_a_dead_process_had_claimed_is_free_at_the_next_start(tmp_path: Path) -> None:
    ran: list[int] = []

    async def run() -> None:
        ran.append(1)

    async with plant(tmp_path) as made:
        claimed = await made.writers.run(lambda work: claim_period(work, kind="x", period=_period(made), worker=7))
        assert claimed
        await made.writers.run(lambda work: free_periods(work, [99]))
        assert await _other(made, [PeriodicJob("x", HOUR, run)]).run_due() == 1
        await made.writers.run(lambda work: free_periods(work, [1]))
        assert await _other(made, [PeriodicJob("x", HOUR, run)]).run_due() == 0, "what is done stays done"
        assert len(ran) == 1


def _period(made: Plant) -> int:
    return micros(made.clock.now()) // (HOUR // timedelta(microseconds=1))
