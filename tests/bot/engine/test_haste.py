"""Who writes faster than anybody types: told once, and heard again when the minute is over (OR-4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import bot.engine
from bot.core.clock import FixedClock
from bot.core.limits import limits
from bot.core.settings import Settings
from bot.engine.harness import Harness
from bot.engine.haste import Haste
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from tests.bench import conversation
from tests.bench.script import SCRIPT

NOW = datetime(2026, 3, 18, 18, 0, 5, tzinfo=UTC)


async def test_or_4_the_twenty_first_message_of_a_minute_gets_one_notice_and_stop_is_heard(tmp_path: Path) -> None:
    heard: list[str] = []

    def register(registry: Registry) -> None:
        registry.introduces = False
        registry.settings[Haste] = Haste(limits().inbound_a_minute)
        registry.add_texts(Path(bot.engine.__file__).parent / "texts")

        def hear(turn: Turn, text: str) -> bool:
            heard.append(text)
            turn.say("engine.quiet_none")
            return True

        registry.word("text")(hear)

    async with Harness.open(register, tmp_path, FixedClock(NOW)) as harness:
        dana, other = harness.phone("sms", "+14155550123"), harness.phone("sms", "+14155550124")
        answers = [[m.text for m in await dana.say(f"word {number}")] for number in range(25)]
        assert [len(one) for one in answers] == [1] * 21 + [0] * 4
        assert "send it again in a minute" in answers[20][0]
        assert heard == [f"word {number}" for number in range(20)]
        assert await other.say("me")
        await harness.wait(timedelta(minutes=1), dana)
        assert "word 30" not in heard
        await dana.say("word 30")
        assert heard[-2:] == ["me", "word 30"]
        for number in range(22):
            await dana.say(f"more {number}")
        await dana.say("stop")
        await harness.wait(timedelta(minutes=1), dana)
        assert await dana.say("word 31") == []


async def test_sms_47_who_answers_a_long_flow_quickly_is_never_held(tmp_path: Path) -> None:
    def register(registry: Registry) -> None:
        registry.settings[Haste] = Haste(limits().inbound_a_minute)
        registry.add_texts(Path(bot.engine.__file__).parent / "texts")
        conversation.register(registry)

    async with Harness.open(register, tmp_path, FixedClock(NOW)) as harness:
        dana = harness.phone("telegram")
        for text, marker in SCRIPT * 7:
            assert any(marker in m.text for m in await dana.say(text)), text


def test_or_4_a_demo_lets_everybody_type_as_fast_as_they_can() -> None:
    from bot.assembly.services import register_services

    for mode, most in (("demo", 0), ("live", 20)):
        registry = Registry()
        register_services(registry, Settings(_env_file=None, parley_mode=mode), at_once=False)
        assert registry.settings[Haste] == Haste(most)
