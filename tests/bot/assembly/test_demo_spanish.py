"""Words in Spanish in demo mode: the built-in model's phrasebook, the guard, and both versions shown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.assembly.chat import open_session

TO_THE_WORDS = (
    "ticket in san francisco", "ok", "900000417", "11/16", "1", "2", "1", "1", "screen said FAIL", "two cards", "skip",
    "no", "skip", "skip", "skip", "done",
)  # fmt: skip


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the environment file of the checkout out."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("El parquímetro no funcionaba. No vi ningún letrero.", 'English: "The meter did not work.'),
        ("El parquímetro no funcionaba porque unos niños lo golpearon.", "I use your own words."),
    ],
)
async def test_txt_8_spanish_in_the_demo(words: str, wanted: str) -> None:
    async with open_session("sms", start=datetime(2026, 11, 18, 18, 30, tzinfo=UTC)) as session:
        for line in TO_THE_WORDS:
            await session.play(line)
        assert "Your words are in Spanish." in "".join(await session.play(words))
        assert wanted in "".join(await session.play("2"))
