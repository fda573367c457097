"""Expenses that come again: offered after three, told when one is missing or rises (REM-1, TX-32)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.engine.harness import Harness
from bot.engine.phone import Phone
from handlers.receipts.later.rhythms import expected_after, is_rise, rhythm
from storage.receipts.series import series
from tests.handlers.receipts.flow.world import met, open_world, rows, screens

DAY = timedelta(days=1)
JAN, FEB, MAR = date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)


@pytest.mark.parametrize(
    ("bought", "every"),
    [
        ([(JAN, 1549), (FEB, 1549), (MAR, 1549)], "month"),
        ([(JAN, 1549), (FEB, 1600), (MAR, 1700)], "month"),
        ([(JAN, 1549), (FEB, 1549), (MAR, 1799)], None),
        ([(JAN, 1549), (FEB, 1549)], None),
        ([(JAN, 500), (JAN + 7 * DAY, 500), (JAN + 14 * DAY, 500)], "week"),
        ([(JAN, 500), (JAN + 7 * DAY, 500), (JAN + 37 * DAY, 500)], None),
        ([(date(2024, 3, 1), 900), (date(2025, 3, 1), 900), (date(2026, 3, 3), 900)], "year"),
        ([(JAN, 1), (JAN, 1), (JAN, 1)], None),
        ([(JAN, -500), (FEB, -500), (MAR, -500)], None),
    ],
)
def test_rem_1_three_similar_amounts_at_equal_distances_are_a_rhythm(
    bought: list[tuple[date, int]], every: str
) -> None:
    assert rhythm(bought) == every


def test_rem_1_the_next_one_and_a_rise() -> None:
    assert expected_after("month", date(2026, 1, 31)) == date(2026, 2, 28)
    assert not is_rise(1100, 1000)
    assert is_rise(1101, 1000)


async def _three(harness: Harness, channel: str = "sms") -> Phone:
    ann = await met(harness, channel)
    for day in ("jan 15", "feb 15", "mar 15"):
        await ann.say(f"15.49 netflix {day}")
        await ann.say("ok")
    return ann


async def test_rem_1_the_third_is_offered_once_and_tracked_by_the_persons_word(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await _three(harness)
        assert screens([ann.last])[0].endswith(
            "Netflix comes every month. TRACK R7K2 tells you when one is missing or rises."
        )
        code = ann.last.text.split()[1].strip(".")
        assert screens(await ann.say(f"track {code}")) == ["Tracked: Netflix $15.49 every month. TRACKED lists them."]
        assert screens(await ann.say("tracked"))[0].endswith("1 Netflix $15.49 every month")
        assert await harness.wait(32 * DAY, ann) == []
        (missing,) = await harness.wait(2 * DAY, ann)
        assert missing.text == "Parley: Netflix $15.49 was expected on Apr 15 and is not in your books."
        await ann.say("17.99 netflix apr 18")
        (saved,) = await ann.say("ok")
        assert "Netflix rose from $15.49 to $17.99." in saved.text
        assert "TRACK" not in saved.text


async def test_rem_1_unasked_nothing_is_watched_and_after_three_missing_it_is_over(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await _three(harness, "telegram")
        assert [one.state for one in await rows(harness, series)] == ["offered"]
        assert await harness.wait(60 * DAY, ann) == []
        code = ann.last.text.split()[1].strip(".")
        await ann.say(f"track {code}")
        told = [one.text for one in await harness.wait(120 * DAY, ann)]
        assert len(told) == 3
        assert told[-1].endswith("so I stop tracking it.")
        assert [one.state for one in await rows(harness, series)] == ["ended"]


async def test_tx_32_said_to_be_monthly_it_is_offered_at_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("netflix 15.49 monthly")
        (saved,) = screens(await ann.say("ok"))
        assert "Netflix comes every month. TRACK R7K2" in saved
