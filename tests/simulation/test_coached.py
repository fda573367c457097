"""A month of coached persons over ten zones and two changes of clocks: every check-in in its window, none lost or
twice, no budget passed, progress right. The full size: `python -m tests.simulation.coached 1000`."""

from __future__ import annotations

from pathlib import Path

from tests.simulation.coached import simulate


async def test_ng_5_a_month_of_coached_persons_in_ten_zones(tmp_path: Path) -> None:
    numbers, faults = await simulate(tmp_path, 4, seed=3)
    assert faults == []
    assert numbers["checkin"] + numbers["review"] > 10
    assert numbers["nudge"] > 0
