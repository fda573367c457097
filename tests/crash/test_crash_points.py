"""Dying before and after every commit and every vendor call, on both databases and both channels (FUL-13, AC-67).

The suite dies at every vendor's call, at the commits right behind it, and at every fifth of the other instants;
`make torture` at each of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.clock import FixedClock
from tests.conftest import FRIDAY
from tests.crash.gate import Gate
from tests.crash.judge import Verdict
from tests.crash.lives import Life
from tests.crash.orders import register
from tests.databases import prepared_database
from tests.effort import WHOLE, short
from tests.simulation.world import World

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


async def play(
    kind: str, channel: str, folder: Path, *, deaths: tuple[int, ...] = (), arm_at: str
) -> tuple[Gate, Verdict]:
    """Play one life that ends at these instants; return the gate and the judge's verdict."""
    folder.mkdir()  # noqa: ASYNC240 - once, before anything runs
    gate = Gate(*deaths)
    with prepared_database(kind, folder) as url:
        async with World.open(register, url, FixedClock(FRIDAY), folder, on_start=gate.install) as world:
            verdict = await Life(world, gate, channel).live(arm_at=arm_at)
    return gate, verdict


async def every_instant(kind: str, channel: str, folder: Path, *, arm_at: str, every: slice = slice(None)) -> None:
    """Die at every instant of a life, each in a run of its own; show every instant that broke a promise."""
    undisturbed, verdict = await play(kind, channel, folder / "undisturbed", arm_at=arm_at)
    assert not verdict.problems
    broken: dict[str, list[str]] = {}
    met = 0
    planned = (list(range(len(undisturbed.trail))) if WHOLE else telling(undisturbed.trail))[every]
    for at in planned:
        gate, verdict = await play(kind, channel, folder / f"death{at}", deaths=(at,), arm_at=arm_at)
        met += gate.deaths
        if verdict.problems or (verdict.paid, verdict.letters) != (1, 1):
            broken[f"{at}: {undisturbed.trail[at]}"] = verdict.problems
    assert not broken
    assert met >= len(planned) - len(planned) // 5, (
        "batches fall together differently from run to run, but not so differently"
    )


BEHIND_A_CALL = 2
"""The commit that belongs to a vendor's answer follows it: these instants are its two sides."""
OTHERS = 5


def telling(trail: list[str]) -> list[int]:
    """Return the instants that differ most: a vendor's call, what is right behind it, and every fifth of the others."""
    calls = [at for at, name in enumerate(trail) if not name.endswith(" commit")]
    near = {at + more for at in calls for more in range(BEHIND_A_CALL + 1)} & set(range(len(trail)))
    return sorted(near | set([at for at in range(len(trail)) if at not in near][::OTHERS]))


EVEN, ODD = slice(0, None, 2), slice(1, None, 2)


@pytest.mark.parametrize(("channel", "every"), [("sms", slice(None)), ("telegram", EVEN)])
async def test_ful_13_death_at_every_instant_of_a_life_loses_nothing(
    channel: str, every: slice, tmp_path: Path
) -> None:
    """Every instant by SMS, every second one by Telegram, whose other instants are met on PostgreSQL."""
    await every_instant("sqlite", channel, tmp_path, arm_at="paid", every=every)


async def test_death_on_the_way_to_the_payment_loses_nothing(tmp_path: Path) -> None:
    """Some instants of a whole life; `make torture` meets every fifth, and the others by chance."""
    await every_instant("sqlite", "sms", tmp_path, arm_at="start", every=slice(0, None, short(11, whole=5)))


@pytest.mark.postgres
async def test_ful_13_death_at_every_instant_from_paid_to_recorded_on_postgres(tmp_path: Path) -> None:
    await every_instant("postgres", "telegram", tmp_path, arm_at="paid", every=ODD)


async def test_ac_67_death_again_while_the_next_process_takes_over(tmp_path: Path) -> None:
    undisturbed, _ = await play("sqlite", "sms", tmp_path / "undisturbed", arm_at="paid")
    for at in range(0, len(undisturbed.trail), short(9, whole=4)):
        gate, verdict = await play("sqlite", "sms", tmp_path / f"twice{at}", deaths=(at, at % 7, at % 5), arm_at="paid")
        assert not verdict.problems, f"deaths {gate.where_all}"
        assert (verdict.paid, verdict.letters) == (1, 1)
