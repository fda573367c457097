"""Logging in: codes count once, failures lock, strangers learn nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.admin.factor import step_of
from storage import operators
from storage.alerts import alert
from tests.handlers.admin.desk import SECRET, Desk, ann, told


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
        ann(desk).expect("Logged in as ann until 12:10 UTC")
        await ann(desk).say("/who")
        ann(desk).expect("ann: owner, active, logged in")


async def test_tf_6_an_unlocked_period_slides_by_ten_minutes_and_ends_at_lock(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        await ann(desk).say(f"/login {desk.code()}")
        desk.clock.advance(timedelta(minutes=9))
        assert "Did" in await told(ann(desk), "/purse look x")
        desk.clock.advance(timedelta(minutes=9))
        assert "Did" in await told(ann(desk), "/purse look x")
        desk.clock.advance(timedelta(minutes=10))
        assert "Log in first" in await told(ann(desk), "/purse look x")
        for word in ("/lock", "/logout"):
            await ann(desk).say(f"/login {desk.fresh()}")
            assert "Locked" in await told(ann(desk), word)
            assert "Log in first" in await told(ann(desk), "/purse look x")


async def test_tf_6_an_unlocked_period_ends_after_sixty_minutes_however_busy(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        await ann(desk).say(f"/login {desk.code()}")
        for _ in range(11):
            desk.clock.advance(timedelta(minutes=5))
            assert "Did" in await told(ann(desk), "/purse look x")
        desk.clock.advance(timedelta(minutes=5))
        assert "Log in first" in await told(ann(desk), "/purse look x")


async def test_tf_6_who_is_disabled_loses_an_open_period_at_once(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        await ann(desk).say(f"/login {desk.code()}")
        await desk.writers.run(lambda work: operators.disable(work, "ann"))
        assert "Did" not in await told(ann(desk), "/purse look x")
        assert desk.purse.taken == []


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


async def test_tf_3_a_right_code_forgives_the_failures_before_it_and_not_those_of_the_day(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        for _ in range(2):
            for _ in range(4):
                await ann(desk).say("/login 000000")
            assert "Logged in" in await told(ann(desk), f"/login {desk.fresh()}")
        assert "not right" in await told(ann(desk), "/login 000000")
        assert "unlock" in await told(ann(desk), "/login 000000"), "the tenth of the day"


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
        await desk.writers.run(lambda work: operators.release(work, "ann"))
        await ann(desk).say(f"/login {desk.code()}")
        ann(desk).expect("Logged in")


@pytest.mark.parametrize("command", ["/dead list", "/login 123456", "/user find 5001", "/who", "/tfa setup"])
async def test_cm_1_a_stranger_gets_the_answer_of_any_unknown_text(tmp_path: Path, command: str) -> None:
    async with Desk.staffed(tmp_path) as desk:
        stranger, other = desk.phone("telegram", "7:6001"), desk.phone("telegram", "7:6002")
        answer = [m.text for m in await stranger.say(command)]
        unknown = [m.text for m in await other.say("/nosuch thing")]
        assert answer == unknown
        name = command[1:].rpartition(" 123456")[0] or command[1:].rpartition(" 5001")[0] or command[1:]
        assert any(act.endswith(f"staff.denied command:{name}") for act in await desk.acts())


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


async def _alerts(desk: Desk) -> set[str]:
    rows = await desk.database.read(lambda c: list(c.execute(sa.select(alert.c.kind))))
    return {row.kind for row in rows}
