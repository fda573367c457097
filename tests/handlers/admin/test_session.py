"""Logging in: codes count once, failures lock, strangers learn nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.admin.factor import step_of
from storage.alerts import alert
from tests.handlers.admin.desk import SECRET, Desk, ann


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_tf_2_codes_follow_the_standard(second: int, code: str) -> None:
    now = datetime.fromtimestamp(second, UTC)
    assert step_of(SECRET, code, now) == second // 30
    assert step_of(SECRET, code, now + timedelta(seconds=30)) == second // 30
    assert step_of(SECRET, code, now + timedelta(seconds=90)) is None


async def test_tf_4_the_first_right_code_makes_the_operator(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        assert (await desk.row()).state == "invited"
        await ann(desk).say(f"/login {desk.code()}")
        ann(desk).expect("Logged in as ann until 00:00 UTC")
        await ann(desk).say("/who")
        ann(desk).expect("ann: owner, active, logged in")


async def test_a_session_ends_after_twelve_hours_and_at_logout(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        await ann(desk).say(f"/login {desk.code()}")
        await desk.wait(timedelta(hours=12))
        await ann(desk).say("/who")
        ann(desk).expect("Log in first")
        await ann(desk).say(f"/login {desk.code()}")
        await ann(desk).say("/logout")
        await ann(desk).say("/who")
        ann(desk).expect("Log in first")


async def test_a97_the_same_code_twice_is_refused_and_told(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        code = desk.code()
        await ann(desk).say(f"/login {code}")
        await ann(desk).say(f"/login {code}")
        ann(desk).expect("That code was used before")
        assert "code_replayed" in await _alerts(desk)


async def test_a99_five_failures_lock_over_a_restart_and_a_right_code_is_refused(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        for _ in range(5):
            await ann(desk).say("/login 000000")
        ann(desk).expect("Locked")
        assert "operator_locked" in await _alerts(desk)
        desk.restart = True
        await ann(desk).say("hello")
        await ann(desk).say(f"/login {desk.code()}")
        ann(desk).expect("Locked")
        await desk.wait(timedelta(minutes=16))
        await ann(desk).say(f"/login {desk.code()}")
        ann(desk).expect("Logged in")


async def test_tf_3_the_second_lock_is_twice_as_long(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        for _ in range(5):
            await ann(desk).say("/login 000000")
        await desk.wait(timedelta(hours=24))
        for _ in range(5):
            await ann(desk).say("/login 000000")
        assert (await desk.row()).locked_until - desk.clock.now() == timedelta(minutes=30)


async def test_a100_ten_failures_in_a_day_need_the_host(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        for _ in range(5):
            await ann(desk).say("/login 000000")
        await desk.wait(timedelta(minutes=20))
        for _ in range(5):
            await ann(desk).say("/login 000000")
        await desk.wait(timedelta(hours=2))
        await ann(desk).say(f"/login {desk.code()}")
        ann(desk).expect("main.py admin unlock")
        from storage import operators

        await desk.writers.run(lambda work: operators.release(work, "ann"))
        await ann(desk).say(f"/login {desk.code()}")
        ann(desk).expect("Logged in")


@pytest.mark.parametrize("command", ["/dead list", "/login 123456", "/mail pause", "/who", "/case find A-23456"])
async def test_cm_1_a_stranger_gets_the_answer_of_any_unknown_text(tmp_path: Path, command: str) -> None:
    async with Desk.staffed(tmp_path) as desk:
        stranger, other = desk.phone("telegram", "7:6001"), desk.phone("telegram", "7:6002")
        answer = [m.text for m in await stranger.say(command)]
        unknown = [m.text for m in await other.say("/nosuch thing")]
        assert answer == unknown
        name = command[1:].split()[0]
        assert any(act.endswith(f"command.refused command:{name}") for act in await desk.acts())


async def test_a_group_or_another_chat_is_refused(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        await ann(desk).say(f"/login {desk.code()}")
        event = (await ann(desk).say("/who"))[-1].text
        assert "You are operator:ann" in event
        from bot.core.events import Event

        payload = {"text": "/who", "chat_id": -100}
        ann(desk).seen = len(ann(desk).messages)
        await desk.happen(Event("telegram", "g1", "text", payload, channel="telegram", handle="7:5001"))
        assert "You are" not in ann(desk).screen


async def test_sms_knows_no_operators(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        phone = desk.phone("sms")
        await phone.say(f"/login {desk.code()}")
        assert "Logged in" not in phone.screen


async def _alerts(desk: Desk) -> set[str]:
    rows = await desk.database.read(lambda c: list(c.execute(sa.select(alert.c.kind))))
    return {row.kind for row in rows}
