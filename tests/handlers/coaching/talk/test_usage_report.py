"""`/coachusage N` tells N days and no more, and its sums are the rows' (C52, LI-6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bot.engine.turn import Turn
from handlers.coaching.talk.usage_report import usd
from tests.handlers.coaching.talk.kit import Talk, fails, says, talking
from tests.rows import each


async def report(talk: Talk, days: str) -> str:
    """Return the report as the operation gives it."""
    told: Callable[[Turn, str, str], str] = talk.harness.registry.operations["coaching.usage"]
    found: list[str] = []

    @talk.harness.registry.on(f"test:report{days}")
    def ask(turn: Turn) -> None:
        found.append(told(turn, days, "operator:x"))

    await talk.harness.vendor("test", f"report{days}", {})
    return found[0]


async def test_c52_seven_days_hold_seven_days_and_their_exact_sum(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        for number in range(8):
            talk.model = fails("cut", {"outcome": "cut", "usage_known": False}) if number == 3 else says()
            talk.harness.clock.advance(timedelta(days=1) if number else timedelta())
            await talk.say(f"text {number}")
        text = await report(talk, "7")
        assert text.splitlines()[0] == "2026-11-21 to 2026-11-27 UTC"
        assert "turns: 7, persons: 1, fallback: 1 (14%)" in text
        week = [row for row in await talk.calls() if row.utc_day.isoformat() >= "2026-11-21"]
        assert f"cost: {usd(sum(row.nano_usd for row in week))}, a turn" in text
        assert "usage unknown: 1" in text
        assert "not settled: 0" in text
        assert "2026-11-20" not in text
        (who,) = [line for line in text.splitlines() if line.startswith("person ")]
        assert str(await talk.person_id()) not in who


async def test_li_6_days_are_one_to_ninety(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        first = {days: (await report(talk, days)).split(" to ")[0] for days in ("", "0", "1", "90", "400", "x")}
        assert first == {"": "2026-11-20", "0": "2026-11-20", "1": "2026-11-20", "x": "2026-11-20",
                         "90": "2026-08-23", "400": "2026-08-23"}  # fmt: skip


@each(
    "nano, text",
    [(0, "$0.00"), (8_900_000, "$0.0089"), (51_250_500, "$0.0512505"), (10**9, "$1.00"), (1, "$0.000000001")],
)
def test_amounts_are_exact(nano: int, text: str) -> None:
    assert usd(nano) == text
