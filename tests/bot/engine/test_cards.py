"""Card numbers in messages: masked in all that is kept, answered by a warning, the rest of the message still heard."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

import bot.engine
from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from storage import inbox, transcript
from storage.work import Work
from tests.conftest import FRIDAY

WARNING = "Please never send card or account numbers here"
heard: list[str] = []


def register(registry: Registry) -> None:
    """Register the engine's texts and a service that hears everything."""
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.introduces = False

    def hear(turn: Turn, text: str) -> bool:
        heard.append(text)
        turn.lines.append("heard")
        return True

    registry.word("text")(hear)


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize(
    ("said", "goes_on"),
    [
        ("4242 4242 4242 4242", False),
        ("4242424242424242!", False),
        ("pay it with 5555-5555-5555-4444 please", True),
    ],
)
async def test_a78_py_10_a_card_number_is_masked_everywhere_and_answered_by_a_warning(
    tmp_path: Path, channel: str, said: str, goes_on: bool
) -> None:
    heard.clear()
    async with Harness.open(register, tmp_path, FixedClock(FRIDAY)) as harness:
        phone = harness.phone(channel)
        await phone.say("hello")
        heard.clear()
        (told,) = await phone.say(said)
        assert WARNING in told.text
        assert ("heard" in told.text, len(heard)) == (goes_on, int(goes_on))
        assert not any("4242 4242" in one or "5555-5555" in one for one in heard)

        def kept(work: Work) -> list[str]:
            rows = work.rows(sa.select(transcript.transcript.c.body))
            rows += work.rows(sa.select(inbox.inbox.c.body).where(inbox.inbox.c.body.is_not(None)))
            return [work.seal.open(row.body).decode() for row in rows]

        everything = "".join(await harness.writers.run(kept)).replace(" ", "").replace("-", "")
        assert ("4242424242424242" in everything, "5555555555554444" in everything) == (False, False)
        assert "hello" in everything


@pytest.mark.parametrize(
    "said", ["1Z999AA10123456784", "900000417", "4242 4242 4242 4243", "+14155550123", "1234567890123"]
)
async def test_py_10_what_is_no_card_is_left_alone(tmp_path: Path, said: str) -> None:
    heard.clear()
    async with Harness.open(register, tmp_path, FixedClock(FRIDAY)) as harness:
        (told,) = await harness.phone("sms").say(said)
        assert WARNING not in told.text
        assert heard == [said]
