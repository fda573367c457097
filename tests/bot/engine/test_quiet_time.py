"""QUIET: a person's own hours, in every form that it is said, kept with the person, told to whoever plans by them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import bot.engine
from bot.core.clock import FixedClock
from bot.engine import quiet_time as words
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from storage import quiet_time

NOW = datetime(2026, 3, 18, 18, tzinfo=UTC)
HEARD: list[str] = []
SAID = {
    "quiet 21-8": (21, 8), "/quiet 22:00 to 7:00": (22, 7), "Quiet hours from 9pm to 8am": (21, 8),
    "QUIET 12am-6 am": (0, 6), "text me after 6 pm": (0, 18), "please don't text me after 9 pm.": (21, 8),
    "don\N{RIGHT SINGLE QUOTATION MARK}t message me before 10am": (0, 10), "do not text me after 20:00": (20, 8),
    "quiet 22-24": (22, 0),
}  # fmt: skip


def register(registry: Registry) -> None:
    """Register the word, and one who plans by it."""
    registry.introduces = False
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    words.register(registry)

    def planned(turn: Turn, argument: str) -> bool:
        HEARD.append(str(quiet_time.of(turn.work, turn.person.id)))
        return False

    registry.word(words.CHANGED)(planned)


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[Harness]:
    HEARD.clear()
    async with Harness.open(register, tmp_path, FixedClock(NOW)) as opened:
        yield opened


async def test_section_13_quiet_hours_are_kept_in_every_form_that_they_are_said(harness: Harness) -> None:
    dana = harness.phone("telegram", "7:900")
    for said, hours in SAID.items():
        (answer,) = await dana.say(said)
        assert f"Quiet from {hours[0]}:00 to {hours[1]}:00, your time" in answer.text
        assert HEARD[-1] == str(hours)
    assert "Quiet from 22:00" in (await dana.say("/quiet"))[0].text
    assert "Quiet from 22:00" in (await dana.say("settings"))[0].text
    assert "no quiet hours" in (await dana.say("quiet off"))[0].text
    assert HEARD[-1] == "None"
    assert "no quiet hours" in (await dana.say("quiet hours"))[0].text


async def test_quiet_hours_that_cannot_be_are_refused_and_change_nothing(harness: Harness) -> None:
    dana, before = harness.phone("sms", "+15125550123"), len(HEARD)
    for said in ("quiet 13pm-8", "quiet 25-8", "don't text me after 9", "quiet after lunch"):
        assert "QUIET 21-8" in (await dana.say(said))[0].text, said
    for said in ("quiet 8-8", "quiet 8-21", "quiet 21-20"):
        assert "no hour in which we may write" in (await dana.say(said))[0].text, said
    assert len(HEARD) == before
