"""The test of the test: every broken build turns the judge red at some instant, or the proof proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.mutations import MUTATIONS, Mutation
from tests.crash.test_crash_points import play

MOST = 60
"""So many instants of each channel are tried before a mutation counts as unnoticed."""
AFTER_A_CALL = 4
"""The commits that belong to a vendor's answer follow it within so many instants: those are tried first."""


@pytest.fixture(params=list(MUTATIONS))
def mutation(request: pytest.FixtureRequest) -> Iterator[Mutation]:
    """A broken build, mended afterwards."""
    broken = MUTATIONS[request.param]
    broken.apply()
    try:
        yield broken
    finally:
        broken.restore()


async def _turns_red(folder: Path, channel: str, instant: int) -> bool:
    """Play one life; people who wait in vain, and a build that breaks down, are as red as the judge."""
    try:
        _, verdict = await play("sqlite", channel, folder, deaths=(instant,), arm_at="start")
    except Exception:
        return True
    return bool(verdict.problems)


async def _instants(folder: Path, *, at_intake: bool) -> list[int]:
    """Return the instants of a life, the likely ones first: at its beginning, or after a vendor's answer."""
    if at_intake:
        return list(range(MOST))
    try:
        gate, _ = await play("sqlite", "telegram", folder, arm_at="start")
    except Exception:
        return list(range(MOST))
    answers = [at for at, name in enumerate(gate.trail) if name.startswith("after ") and name != "after commit"]
    likely = [at + more for at in answers for more in range(1, AFTER_A_CALL + 1)]
    return list(dict.fromkeys([*likely, *range(MOST)]))


async def test_the_judge_turns_red(mutation: Mutation, tmp_path: Path) -> None:
    channel, instant = mutation.shows_at
    if await _turns_red(tmp_path / "shown", channel, instant):
        return
    for instant in await _instants(tmp_path / "whole", at_intake=mutation.at_intake):
        for channel in ("telegram", "sms"):
            if await _turns_red(tmp_path / f"{channel}{instant}", channel, instant):
                return
    pytest.fail("nobody noticed")


async def test_the_judge_stays_green_without_a_mutation(tmp_path: Path) -> None:
    assert not await _turns_red(tmp_path / "green", "sms", 10_000)
