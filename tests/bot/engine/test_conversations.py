"""Old buttons, loops, albums, quick messages, and any text at all: one sensible reply each."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.clock import FixedClock
from bot.core.events import Event
from bot.engine.harness import Harness
from storage.alerts import untold
from tests.bot.engine.talk import register
from tests.effort import short


@pytest.fixture(params=["plain", "redeliver", "restart"])
def disturbance(request: pytest.FixtureRequest) -> str:
    """Every event twice, or a new process after every turn."""
    return str(request.param)


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_the_transcript_is_the_same_whatever_disturbs_it(
    channel: str, disturbance: str, tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        h.redeliver, h.restart = disturbance == "redeliver", disturbance == "restart"
        p = h.phone(channel)
        for text in ("talk", "one", "choose", "Red", "finish", "talk", "one"):
            await p.say(text)
        shown = [m.text.removeprefix("Parley: ").splitlines()[0] for m in p.messages]
        assert shown == ["next?", "count 1", "count 2", "picked red", "count 3", "next?", "count 1"]


async def test_tg_5_an_old_button_shows_the_question_now_due(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone("telegram")
        await p.say("talk")
        await p.say("choose")
        red = p.last.buttons["Red"]
        await p.tap("Red")
        p.expect("picked red")
        await p.press(red)
        p.expect("older question", "next?")
        assert "picked" not in p.last.text


async def test_ac_81_a_stale_digit_answers_nothing(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone("sms")
        await p.say("talk")
        await p.say("choose")
        await p.say("9")
        assert "picked" not in p.last.text
        await p.say("2")
        p.expect("picked blue")


async def test_sms_47_two_bots_are_muted_once(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone("sms")
        for n in range(40):
            await p.say(f"zzz {n}")
            clock.advance(timedelta(seconds=5))
        assert sum("pause for 30 minutes" in m.text for m in p.messages) == 1
        assert len(p.messages) <= 23
        assert [a.kind for a in await h.database.read(untold)].count("loop_guard") == 1
        heard = len(p.messages)
        clock.advance(timedelta(minutes=31))
        await p.say("talk")
        assert len(p.messages) == heard + 1


async def test_sms_47_the_same_text_again_and_again_is_muted(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone("sms")
        for _ in range(8):
            await p.say("zzz")
        assert sum("pause for 30 minutes" in m.text for m in p.messages) == 1


async def test_sms_47_an_answer_that_fits_after_the_same_wrong_one_four_times_is_heard(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone("sms")
        await p.say("talk")
        await p.say("choose")
        for _ in range(4):
            await p.say("9")
        await p.say("2")
        p.expect("picked blue")


async def test_sms_47_a_quick_person_in_a_long_flow_is_never_muted(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone("sms")
        await p.say("talk")
        for _ in range(60):
            await p.say("ok then")
        assert p.last.text.startswith("count 60")


@pytest.mark.parametrize("restart", [False, True])
async def test_tg_18_album_parts_are_one_answer_also_after_a_crash_between_them(
    restart: bool, tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        h.restart = restart
        p = h.phone("telegram")
        await p.say("talk")
        await p.say("picture")
        heard = len(p.messages)
        for n in range(3):
            media = [h.upload(b"\xff\xd8\xff" + bytes([n]), "image/jpeg", "telegram")]
            event = Event(
                "telegram", f"part{n}", "media", {"text": "my car" if n == 0 else "", "media": media, "chat_id": 5001},
                channel="telegram", handle=p.handle,
            )  # fmt: skip
            await h.happen(event)
            clock.advance(timedelta(milliseconds=400))
        await h.wait(timedelta(seconds=3), p)
        assert [m.text.splitlines()[0] for m in p.messages[heard:]] == ["got 3 pictures: my car"]


async def test_ux_20_two_quick_messages_are_answered_in_order_and_once(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone("sms")
        await p.say("talk")
        first = await p.say("one")
        clock.advance(timedelta(seconds=1))
        second = await p.say("two")
        assert [m.text.splitlines()[0] for m in first + second] == ["count 1", "count 2"]


STEPS = [(), ("talk",), ("talk", "choose"), ("talk", "picture")]
texts = st.text(max_size=120) | st.sampled_from(
    ["/", "/ ", "/\t", "//", "\0", "{n}", "{", "%s", "1", "0", "99999999999999999999", "STOP", "START", "HELP", "yes",
     "\u202e", "\ufeff", "\N{PILE OF POO}" * 40, "a\u0301" * 30, "/start x", "/stop", "menu", "edit", "back", "undo"]
)  # fmt: skip


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("steps", STEPS, ids=lambda s: "-".join(s) or "idle")
async def test_any_text_at_any_step_gets_one_sensible_reply(
    channel: str, steps: tuple[str, ...], tmp_path: Path, clock: FixedClock
) -> None:
    import asyncio

    loop = asyncio.get_running_loop()
    async with Harness.open(register, tmp_path, clock) as h:
        count = 0

        async def one(text: str) -> None:
            nonlocal count
            count += 1
            p = h.phone(channel, f"+1415{5_000_000 + count}" if channel == "sms" else f"7:{count + 100}")
            for step in steps:
                await p.say(step)
            replies = await p.say(text)
            parts = sum(bool(m.text) for m in replies)
            silent = channel == "sms" and h.registry.carrier_answers(text)
            assert parts <= 1, [m.text for m in replies]
            assert silent or parts == 1 or text.strip().upper() in ("STOP", "/STOP"), text
            clock.advance(timedelta(seconds=1))

        @settings(
            max_examples=short(20, whole=60), deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(texts)
        def every(text: str) -> None:
            asyncio.run_coroutine_threadsafe(one(text), loop).result(30)

        await loop.run_in_executor(None, every)
